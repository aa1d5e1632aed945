"""Takes in the old site's 34 tables of sponsorship. Ids, slugs, placement values and the names of assets stay.

Rows of the old polymorphic models come in two parts: a base with the owner, and a child of the same id with the rest. The base
is kept until its child comes.
"""

from . import catalogue, sponsorships

__all__ = ["catalogue", "sponsorships"]
