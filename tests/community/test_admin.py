"""Lists, forms and dashboard of the community section in the admin."""

import pytest

from community.models import BlogEntry, Company, Feed
from tests.community.feeds import rss, rss_item
from tests.factories.community import (
    BlogEntryFactory,
    CompanyFactory,
    FeedAggregateFactory,
    FeedFactory,
    PostPageFactory,
    StoryCategoryFactory,
    StoryPageFactory,
)
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
LISTS = ["stories", "companies", "posts", "feeds", "entries", "aggregates", "categories", "reading"]


@pytest.fixture
def editor(client):
    user = UserFactory(role="Content editors")
    client.force_login(user)
    return user


@pytest.fixture
def rows():
    BlogEntryFactory(title="Entry of a blog", feed=FeedFactory(name="A blog", slug="a-blog"))
    FeedAggregateFactory(name="All of them")
    StoryPageFactory(title="Tides", company=CompanyFactory())
    PostPageFactory(title="A post")


@pytest.mark.parametrize("name", LISTS)
def test_lists_open_search_and_export(client, editor, rows, name):
    response = client.get(f"/admin/community/{name}/")
    assert response.status_code == 200
    assert client.get(f"/admin/community/{name}/?q=tides").status_code == 200
    if name != "reading":
        assert client.get(f"/admin/community/{name}/?export=csv").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_others_stay_outside(client, rows, name):
    client.force_login(UserFactory(role="Job board"))
    response = client.get(f"/admin/community/{name}/")
    assert response.status_code == 302 or "Tides" not in response.content.decode()
    assert 'href="/admin/community/' not in client.get("/admin/").content.decode()


def test_forms_open(client, editor, rows):
    for path in (
        "companies/add/",
        f"companies/edit/{Company.objects.get().pk}/",
        "feeds/create/",
        f"feeds/edit/{Feed.objects.get().pk}/",
        f"entries/edit/{BlogEntry.objects.get().pk}/",
        "aggregates/create/",
        "categories/create/",
    ):
        assert client.get(f"/admin/community/{path}").status_code == 200, path


def test_editors_find_what_waits(client, editor, rows):
    page = client.get("/admin/community/stories/?review=in_progress").content.decode()
    assert "Tides" not in page
    assert "Tides" in client.get("/admin/community/stories/?featured=false").content.decode()


def test_an_editor_hides_an_entry_and_the_reading_leaves_it_hidden(client, editor):
    entry = BlogEntryFactory()
    client.post(f"/admin/community/entries/edit/{entry.pk}/", {"is_hidden": "on", "pinned_until": ""})
    assert not BlogEntry.objects.visible().exists()
    assert client.get("/admin/community/entries/create/").status_code in {302, 403}
    assert client.get(f"/admin/community/entries/delete/{entry.pk}/").status_code in {302, 403}


def test_a_category_in_use_stays(client, editor):
    category = StoryPageFactory().category
    assert client.get(f"/admin/community/categories/delete/{category.pk}/").status_code in {302, 403}
    unused = StoryCategoryFactory(slug="unused")
    assert client.get(f"/admin/community/categories/delete/{unused.pk}/").status_code == 200


class TestDashboard:
    def test_it_says_how_each_feed_does(self, client, editor):
        FeedFactory(name="Healthy")
        FeedFactory(name="Silent", failures=5, error="The server responds with 500.", report={"problems": ["“A” has no date."]})
        page = client.get("/admin/community/reading/").content.decode()
        assert "Broken: The server responds with 500." in page
        assert page.index("Silent") < page.index("Healthy")
        assert "has no date." in page

    def test_read_now(self, client, editor, server, django_capture_on_commit_callbacks):
        feed = FeedFactory(feed_url=server.serve("/a", rss(rss_item(1))))
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/admin/community/reading/", {"feed": feed.pk})
        assert BlogEntry.objects.count() == 1
        server.serve("/a", rss(rss_item(1), rss_item(2)))
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/admin/community/reading/", {"feed": "all"})
        assert BlogEntry.objects.count() == 2

    def test_an_unknown_feed_is_not_there(self, client, editor):
        for number in ("0", "x", "9" * 30):
            assert client.post("/admin/community/reading/", {"feed": number}).status_code == 404

    def test_reading_needs_the_permission(self, client):
        client.force_login(UserFactory(role="Job board"))
        assert client.post("/admin/community/reading/", {"feed": "all"}).status_code in {302, 403}
