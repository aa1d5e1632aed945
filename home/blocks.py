"""What a page's body can hold: the kit's blocks and those of every section."""

from wagtail import blocks

from cms.content.blocks import BodyBlock, BoxBlock, ColumnsBlock, text_and_media
from community.blocks import BlogEntriesBlock, FeaturedStoriesBlock, LatestPostsBlock, StoryBlock
from downloads.blocks import DownloadButtonsBlock, LatestReleaseBlock
from events.blocks import CalendarMonthBlock, EventBlock, UpcomingEventsBlock
from jobs.blocks import FeaturedJobsBlock, LatestJobsBlock
from psf.blocks import ElectionsBlock, MinutesListBlock
from sponsors.blocks import SponsorLogosBlock


class PageColumnsBlock(ColumnsBlock):
    """Columns that also hold boxes and the lists of the sections, such as news beside events."""

    columns = blocks.ListBlock(
        blocks.StreamBlock(
            [
                *text_and_media(),
                ("box", BoxBlock()),
                ("latest_release", LatestReleaseBlock()),
                ("latest_jobs", LatestJobsBlock()),
                ("upcoming_events", UpcomingEventsBlock()),
                ("blog_entries", BlogEntriesBlock()),
                ("minutes_list", MinutesListBlock()),
                ("elections", ElectionsBlock()),
            ]
        ),
        min_num=2,
        max_num=3,
    )

    class Meta:
        description = "Two or three columns of texts or lists, below each other on phones"


class PageBodyBlock(BodyBlock):
    columns = PageColumnsBlock()
    latest_release = LatestReleaseBlock()
    download_buttons = DownloadButtonsBlock()
    latest_jobs = LatestJobsBlock()
    featured_jobs = FeaturedJobsBlock()
    upcoming_events = UpcomingEventsBlock()
    event = EventBlock()
    calendar_month = CalendarMonthBlock()
    featured_stories = FeaturedStoriesBlock()
    story = StoryBlock()
    blog_entries = BlogEntriesBlock()
    latest_posts = LatestPostsBlock()
    minutes_list = MinutesListBlock()
    elections = ElectionsBlock()
    sponsor_logos = SponsorLogosBlock()

    class Meta:
        template = "cms/blocks/body.html"
