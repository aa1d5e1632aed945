"""Import the 34 sponsorship tables. IDs, slugs, placement values and asset names are kept.

Rows of the old polymorphic models come in two parts: a base row with the owner, and a child row with the same ID. The base row
is stored until the child row is read.
"""

from . import catalog, sponsorships

__all__ = ["catalog", "sponsorships"]
