"""Checks of stories, posts and blogs."""

from community.models import BlogEntry, Company, Feed, FeedAggregate, PostPage, StoryCategory, StoryPage
from community.reading import moved
from importer.core.comparison import Check, checked
from importer.sections.community import AGGREGATES, CATEGORIES, COMPANIES, ENTRIES, FEEDS, POSTS, PUBLIC, STORIES

checked(COMPANIES, Check(Company, {"name": "name", "slug": "slug", "url": "url", "email": "email"}))
checked(
    CATEGORIES,
    Check(
        StoryCategory,
        {"name": "name", "slug": "slug"},
        paths=lambda fields: [f"/success-stories/category/{fields['slug']}/"],
    ),
)
checked(
    STORIES,
    Check(
        StoryPage,
        {
            **{name: name for name in ("slug", "company_name", "company_url", "author", "pull_quote", "featured")},
            "title": "name",
            "category_id": "category",
            "first_published_at": lambda fields: fields["created"] if fields["is_published"] else None,
        },
        ours="legacy_id",
        state=("live", "is_published"),
        paths=lambda fields: [f"/success-stories/{fields['slug']}/"] if fields["is_published"] else [],
        texts=(lambda fields: fields.get("_content_rendered") or "", lambda story: str(story.body)),
    ),
)
checked(FEEDS, Check(Feed, {"name": "name", "website_url": "website_url", "feed_url": "feed_url"}))
checked(
    ENTRIES,
    Check(BlogEntry, {"title": "title", "feed_id": "feed"}, key=lambda fields: moved(fields["url"]), ours="url"),
)
checked(AGGREGATES, Check(FeedAggregate, {"name": "name", "slug": "slug", "description": "description"}))
checked(
    POSTS,
    Check(
        PostPage,
        {"title": "title", "abstract": "abstract", "source_url": "source_url"},
        key=lambda fields: str(fields["pk"]),
        ours="slug",
        state=("live", lambda fields: fields["status"] == PUBLIC),
        paths=lambda fields: [f"/community/{fields['pk']}/"] if fields["status"] == PUBLIC else [],
        texts=(lambda fields: fields.get("_content_rendered") or "", lambda post: str(post.body)),
    ),
)
