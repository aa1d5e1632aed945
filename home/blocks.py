"""Bodies of pages: the blocks of `cms.content.blocks` and those of every section."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.content.blocks import BodyBlock, BoxBlock, ColumnsBlock, TextAndMediaBlock
from community.blocks import BlogEntriesBlock, FeaturedStoriesBlock, LatestPostsBlock, StoryBlock
from downloads.blocks import DownloadButtonsBlock, LatestReleaseBlock
from events.blocks import CalendarMonthBlock, EventBlock, UpcomingEventsBlock
from jobs.blocks import FeaturedJobsBlock, LatestJobsBlock
from psf.blocks import ElectionsBlock, MinutesListBlock
from sponsors.blocks import SponsorLogosBlock

# Register a block of a section here and nowhere else.
# Name in the database -> class, and whether the block fits into a column.
SECTION_BLOCKS: dict[str, tuple[type[blocks.Block], bool]] = {
    "latest_release": (LatestReleaseBlock, True),
    "download_buttons": (DownloadButtonsBlock, False),
    "latest_jobs": (LatestJobsBlock, True),
    "featured_jobs": (FeaturedJobsBlock, False),
    "upcoming_events": (UpcomingEventsBlock, True),
    "event": (EventBlock, False),
    "calendar_month": (CalendarMonthBlock, False),
    "featured_stories": (FeaturedStoriesBlock, False),
    "story": (StoryBlock, False),
    "blog_entries": (BlogEntriesBlock, True),
    "latest_posts": (LatestPostsBlock, False),
    "minutes_list": (MinutesListBlock, True),
    "elections": (ElectionsBlock, True),
    "sponsor_logos": (SponsorLogosBlock, False),
}


class PageColumnBlock(TextAndMediaBlock):
    """Content of a column: text, media, boxes and the lists of the sections."""

    box = BoxBlock()

    def __init__(self, local_blocks: Any = None, **kwargs: Any) -> None:
        lists = [(name, block()) for name, (block, fits_in_column) in SECTION_BLOCKS.items() if fits_in_column]
        super().__init__([*lists, *(local_blocks or [])], **kwargs)


class PageColumnsBlock(ColumnsBlock):
    """Columns that can also contain boxes and lists of the sections, such as news next to events."""

    columns = blocks.ListBlock(PageColumnBlock(), min_num=2, max_num=3)

    class Meta:
        description = _("Two or three columns of text or lists, stacked on small screens")


class PageBodyBlock(BodyBlock):
    """Body of a page, with the blocks of every section."""

    columns = PageColumnsBlock()

    def __init__(self, local_blocks: Any = None, **kwargs: Any) -> None:
        super().__init__([*((name, block()) for name, (block, _) in SECTION_BLOCKS.items()), *(local_blocks or [])], **kwargs)

    class Meta:
        template = "cms/blocks/body.html"
