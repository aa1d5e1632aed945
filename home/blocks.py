"""What a page's body can hold: the kit's blocks and those of every section."""

from cms.blocks import BodyBlock
from community.blocks import BlogEntriesBlock, FeaturedStoriesBlock, LatestPostsBlock, StoryBlock
from downloads.blocks import DownloadButtonsBlock, LatestReleaseBlock
from events.blocks import CalendarMonthBlock, EventBlock, UpcomingEventsBlock
from jobs.blocks import FeaturedJobsBlock, LatestJobsBlock
from psf.blocks import ElectionsBlock, MinutesListBlock
from sponsors.blocks import SponsorLogosBlock


class PageBodyBlock(BodyBlock):
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
