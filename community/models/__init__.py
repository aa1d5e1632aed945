from .blogs import BlogEntry, Feed, FeedAggregate
from .companies import Company
from .pages import BlogsPage, PostPage
from .replies import StorySavedReply
from .stories import StoryCategory, StoryIndexPage, StoryPage

__all__ = [
    "BlogEntry",
    "BlogsPage",
    "Company",
    "Feed",
    "FeedAggregate",
    "PostPage",
    "StoryCategory",
    "StoryIndexPage",
    "StoryPage",
    "StorySavedReply",
]
