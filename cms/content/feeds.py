"""Feed formats that stay well-formed regardless of the content of their items."""

from typing import IO, Any

from django.utils.feedgenerator import Atom1Feed as DjangoAtom1Feed
from django.utils.feedgenerator import Rss201rev2Feed as DjangoRss201rev2Feed
from django.utils.feedgenerator import SyndicationFeed

from cms.platform import text


class CleanFeed(SyndicationFeed):
    """Mixin of the formats that removes characters that XML and JSON parsers reject."""

    def write(self, outfile: IO[Any], encoding: str) -> None:
        self.feed = text.clean_value(self.feed)
        self.items = text.clean_value(self.items)
        super().write(outfile, encoding)  # type: ignore[safe-super]  # The format follows in the MRO.


class RSSFeed(CleanFeed, DjangoRss201rev2Feed):
    pass


class AtomFeed(CleanFeed, DjangoAtom1Feed):
    pass
