"""Import the 34 tables of sponsorship. Ids, slugs, placement values and names of assets stay.

Rows of the old polymorphic models come in two parts: a base row with the owner, and a child row with the same id. The base row
waits for its child.
"""

from . import catalogue, sponsorships

__all__ = ["catalogue", "sponsorships"]
