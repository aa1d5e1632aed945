"""Import companies, stories, blogs and posts. Slugs, dates and public IDs are kept."""

from datetime import datetime

from django.core.files.storage import default_storage
from django.utils.text import slugify
from wagtail.models import Page, Site

from cms.content import markup
from cms.content.conversion import convert
from cms.content.models.media import CustomImage
from cms.delivery import purging
from cms.platform.sequences import reset_sequence
from community.models import (
    BlogEntry,
    BlogsPage,
    Company,
    Feed,
    FeedAggregate,
    PostPage,
    StoryCategory,
    StoryIndexPage,
    StoryPage,
)
from community.reading import moved
from importer.core import Report, importer, person, publication, rendered, store, write_page
from importer.core.writing import exported_rows

COMPANIES, CATEGORIES, STORIES = "companies.company", "successstories.storycategory", "successstories.story"
FEEDS, ENTRIES, AGGREGATES = "blogs.feed", "blogs.blogentry", "blogs.feedaggregate"
POSTS = "community.post"
KINDS = {1: PostPage.Kind.TEXT, 2: PostPage.Kind.PHOTO, 3: PostPage.Kind.VIDEO, 4: PostPage.Kind.LINK}
PUBLIC = 2


def home() -> Page:
    return Site.objects.get(is_default_site=True).root_page


def image_of(path: str, title: str, report: Report) -> CustomImage | None:
    """Return the image of an old file, or None without the file."""
    if not path:
        return None
    known = CustomImage.objects.filter(file=path).first()
    if known or not default_storage.exists(path):
        if not known:
            report.note(f"The image {path} is missing from the media files.")
        return known
    try:
        return CustomImage.objects.create(title=title, file=path)
    except (OSError, ValueError) as error:
        report.note(f"The image {path} cannot be read ({type(error).__name__}).")
        return None


@importer(COMPANIES, Company)
def import_companies(rows: list[dict], report: Report) -> None:
    wanted = []
    for row in rows:
        fields = row["fields"]
        wanted.append(
            Company(
                pk=row["pk"],
                name=fields["name"],
                slug=fields["slug"],
                about=markup.plain_html(rendered(fields, "about")),
                url=fields["url"] or "",
                contact=fields["contact"] or "",
                email=fields["email"] or "",
                logo=image_of(fields["logo"] or "", fields["name"], report),
            )
        )
    store(COMPANIES, wanted, ["name", "about", "url", "contact", "email", "logo_id"], report)


@importer(CATEGORIES, StoryCategory)
def import_categories(rows: list[dict], report: Report) -> None:
    wanted = [StoryCategory(pk=row["pk"], name=row["fields"]["name"], slug=row["fields"]["slug"]) for row in rows]
    store(CATEGORIES, wanted, ["name"], report)


def story_index() -> StoryIndexPage:
    known = StoryIndexPage.objects.first()
    return known or home().add_child(instance=StoryIndexPage(title="Success stories", slug="success-stories", show_in_menus=True))


def blogs_page() -> BlogsPage:
    known = BlogsPage.objects.first()
    return known or home().add_child(instance=BlogsPage(title="News", slug="blogs", show_in_menus=True))


@importer(STORIES, StoryPage, after=["users.user", COMPANIES, CATEGORIES])
def import_stories(rows: list[dict], report: Report) -> None:
    index = story_index()
    exported = exported_rows(StoryPage, [row["pk"] for row in rows])
    for key, story in exported.items():
        StoryPage.objects.filter(pk=story.pk).update(legacy_id=key)
    here = {story.legacy_id: story for story in StoryPage.objects.filter(legacy_id__in=[row["pk"] for row in rows])}
    for row in rows:
        with report.row(STORIES, row):
            story = here.get(row["pk"]) or StoryPage(legacy_id=row["pk"])
            write_page(STORIES, row, story_values(row["fields"], report), (index, story), report)


def story_values(fields: dict, report: Report) -> dict:
    image = image_of(fields["image"] or "", fields["name"], report)
    submitter = person(fields["submitted_by"])
    company = Company.objects.filter(pk=fields["company"]).first() if fields["company"] else None
    return publication(fields, live=fields["is_published"]) | {
        "title": fields["name"],
        "slug": fields["slug"],
        "category_id": fields["category"],
        "company_id": company.pk if company else None,
        "company_name": fields["company_name"] or "",
        "company_url": fields["company_url"] or "",
        "author": fields["author"] or "",
        "author_email": fields["author_email"] or "",
        "pull_quote": fields["pull_quote"] or "",
        "body": convert(rendered(fields, "content")).blocks,
        "image_id": image.pk if image else None,
        "submitter_id": submitter.pk if submitter else None,
        "featured": fields["featured"],
    }


@importer(FEEDS, Feed)
def import_feeds(rows: list[dict], report: Report) -> None:
    wanted: list[Feed] = []
    slugs = dict(Feed.objects.values_list("pk", "slug"))
    for row in rows:
        fields = row["fields"]
        # The slug is from this site: a new name there does not change it.
        slug = slugs.get(row["pk"]) or slugify(fields["name"]) or f"feed-{row['pk']}"
        if any(feed.slug == slug for feed in wanted):
            slug = f"{slug}-{row['pk']}"
        read_at = datetime.fromisoformat(fields["last_import"]) if fields["last_import"] else None
        wanted.append(
            Feed(
                pk=row["pk"],
                name=fields["name"],
                slug=slug,
                website_url=fields["website_url"],
                feed_url=fields["feed_url"],
                read_at=read_at,
                succeeded_at=read_at,
            )
        )
    store(FEEDS, wanted, ["name", "website_url", "feed_url"], report)
    blogs_page()


@importer(ENTRIES, BlogEntry, after=[FEEDS])
def import_entries(rows: list[dict], report: Report) -> None:
    feeds = set(Feed.objects.values_list("pk", flat=True))
    known = {(entry.feed_id, entry.url): entry.pk for entry in BlogEntry.objects.all()}
    new = []
    for row in rows:
        fields = row["fields"]
        key = (fields["feed"], moved(fields["url"]))
        if fields["feed"] not in feeds:
            report.skip(ENTRIES, fields["url"], "its feed is missing.", pk=row["pk"])
        elif key in known:
            # From now on the feed import updates this entry.
            report.count(ENTRIES, "unchanged")
        else:
            known[key] = row["pk"]
            summary = str(markup.clean(fields["summary"] or ""))
            published_at = datetime.fromisoformat(fields["pub_date"]).replace(microsecond=0)
            new.append(
                BlogEntry(
                    pk=row["pk"], feed_id=key[0], url=key[1], title=fields["title"], summary=summary, published_at=published_at
                )
            )
    taken = set(BlogEntry.objects.filter(pk__in=[entry.pk for entry in new]).values_list("pk", flat=True))
    BlogEntry.objects.bulk_create([entry for entry in new if entry.pk not in taken])
    reset_sequence(BlogEntry)
    # Entry IDs are not public, so an entry whose ID is taken gets another one.
    for entry in new:
        if entry.pk in taken:
            entry.pk = None
            entry.save()
    report.count(ENTRIES, "created", len(new))
    purging.purge("blogs")


@importer(AGGREGATES, FeedAggregate, after=[FEEDS])
def import_aggregates(rows: list[dict], report: Report) -> None:
    wanted = [
        FeedAggregate(pk=row["pk"], **{name: row["fields"][name] for name in ("name", "slug", "description")}) for row in rows
    ]
    store(AGGREGATES, wanted, ["name", "description"], report)
    for row in rows:
        aggregate = FeedAggregate.objects.filter(pk=row["pk"]).first()
        if aggregate:
            aggregate.feeds.add(*Feed.objects.filter(pk__in=row["fields"]["feeds"]))


@importer(POSTS, PostPage)
def import_posts(rows: list[dict], report: Report) -> None:
    """Import posts as children of the community page, with their ID as slug."""
    section = home().get_children().filter(slug="community").first()
    if section is None:
        for row in rows:
            report.skip(
                POSTS, str(row["pk"]), "the page /community/ is missing. Import it, then import these rows again.", pk=row["pk"]
            )
        return
    here = {post.slug: post for post in PostPage.objects.child_of(section)}
    for row in rows:
        with report.row(POSTS, row):
            fields, slug = row["fields"], str(row["pk"])
            values = publication(fields, live=fields["status"] == PUBLIC) | {
                "title": fields["title"][:255] or f"Post {slug}",
                "kind": KINDS.get(fields["media_type"], PostPage.Kind.TEXT),
                "abstract": fields["abstract"] or "",
                "source_url": fields["source_url"] or "",
                "body": convert(rendered(fields, "content", default="html")).blocks,
            }
            write_page(POSTS, row, values, (section, here.get(slug) or PostPage(slug=slug)), report)
