"""Chosen columns of the lists in the admin: hidden and shown by each person, never the column with the title."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.cms import BoxFactory
from tests.factories.community import FeedFactory
from tests.factories.users import UserFactory
from users.models import ListColumns

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_site")]
SAVE = "/admin/list-columns/"
# A list of each kind: the header of its title, and the name and header of a column that can be hidden.
LISTS = {
    "/admin/snippets/cms/box/": ("Label", "description", "Description"),
    "/admin/downloads/releases/": ("Release", "stage", "Stage"),
    "/admin/community/stories/": ("Title", "parent", "Parent"),
    "/admin/pages/": ("Title", "type", "Type"),
    "/admin/reports/page-views/": ("Page", "owner_name", "Content owner"),
    "/admin/users/": ("Name", "last_login", "Last sign-in"),
    "/admin/jobs/all/": ("Title", "country", "Country"),
    "/admin/community/feeds/": ("Name", "error", "Last error"),
    "/admin/downloads/files/": ("Name", "sha256", "SHA-256"),
}


@pytest.fixture
def ada(client):
    BoxFactory()
    user = UserFactory(username="ada", role="Site admins")
    client.force_login(user)
    return user


def headers(html):
    """Return the headers of the table of a list, without markup and counts."""
    cells = re.findall(r"<th[^>]*>(.*?)</th>", re.search(r"<thead>.*?</thead>", html, re.DOTALL)[0], re.DOTALL)
    texts = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
    return [re.sub(r" \d+-\d+ of .*", "", text) for text in texts]


def cells(html):
    """Return the number of cells of each row."""
    rows = re.findall(r"<tr.*?</tr>", re.search(r"<thead>.*?</thead>(.*?)</tbody>", html, re.DOTALL)[1], re.DOTALL)
    return {len(re.findall(r"<t[dh]\b", row)) for row in rows}


def offered(html):
    return re.findall(r'name="column" value="([^"]+)"', html)


def path_of(html):
    return re.search(r'list-columns/.*?name="path" value="([^"]+)"', html, re.DOTALL)[1]


def hide(client, path, *hidden, **more):
    """Hide columns as a browser does, with all columns of the form and the checked ones."""
    html = client.get(path, follow=True).content.decode()
    names = offered(html)
    shown = [name for name in names if name not in hidden]
    return client.post(SAVE, {"path": path_of(html), "column": names, "shown": shown, **more})


@pytest.mark.parametrize("path", LISTS)
def test_a_column_is_hidden_and_shown_again_on_each_list(client, ada, path):
    title, name, header = LISTS[path]
    before = client.get(path).content.decode()
    assert {title, header} <= set(headers(before))
    assert hide(client, path, name).url == path_of(before)
    after = client.get(path).content.decode()
    assert headers(after) == [text for text in headers(before) if text != header]
    assert cells(after) == {number - 1 for number in cells(before)}
    assert "(1 hidden)" in after
    hide(client, path, all="1")
    assert headers(client.get(path).content.decode()) == headers(before)
    assert not ListColumns.objects.exists()


@pytest.mark.parametrize("path", LISTS)
def test_the_title_is_never_hidden(client, ada, path):
    title = LISTS[path][0]
    before = client.get(path).content.decode()
    names = offered(before)
    everything = [*names, "title", "name", "label", "subject", "version", "__str__", "page", "bulk_actions"]
    client.post(SAVE, {"path": path_of(before), "column": everything})
    html = client.get(path).content.decode()
    assert [text for text in headers(html) if text not in {"", "Select"}] == [title]
    assert offered(html) == names


def test_the_part_that_a_filter_refreshes_keeps_the_choice(client, ada):
    hide(client, "/admin/snippets/cms/box/", "description")
    html = client.get("/admin/snippets/cms/box/results/").content.decode()
    assert "Description" not in headers(html)
    # The list opens again as a whole page, with its filters.
    assert 'name="path" value="/admin/snippets/cms/box/"' in html


def test_filters_order_and_page_stay(client, ada):
    query = "ordering=label&p=2"
    assert hide(client, "/admin/snippets/cms/box/", "live", query=query).url == f"/admin/snippets/cms/box/?{query}"
    html = client.get("/admin/snippets/cms/box/?ordering=label&_w_filter_fragment=1").content.decode()
    assert 'name="query" value="ordering=label"' in html


def test_the_order_of_a_register_keeps_its_columns(client, ada):
    """The links of a register name columns by their position."""
    FeedFactory(name="Zebra"), FeedFactory(name="Aardvark")
    before = client.get("/admin/community/feeds/").content.decode()
    hide(client, "/admin/community/feeds/", "feed_url")
    after = client.get("/admin/community/feeds/").content.decode()
    links = [re.findall(r'href="(\?o=[^"]+)"', html) for html in (before, after)]
    # The list is sorted by its first column, which each link repeats.
    assert links[1] == [link for link in links[0] if not link.startswith("?o=1.")]
    assert len(links[1]) == len(links[0]) - 1


def test_all_parents_share_the_columns_of_the_explorer(client, ada):
    first = client.get("/admin/pages/").context
    hide(client, "/admin/pages/", "type")
    assert ListColumns.objects.get().list_name == "wagtailadmin_explore"
    child = first["parent_page"].get_children().filter(numchild__gt=0).first()
    assert "Type" not in headers(client.get(f"/admin/pages/{child.pk}/").content.decode())


def test_columns_belong_to_one_person(client, ada):
    hide(client, "/admin/snippets/cms/box/", "description")
    client.force_login(UserFactory(role="Site admins"))
    assert "Description" in headers(client.get("/admin/snippets/cms/box/").content.decode())


@pytest.mark.parametrize(
    "data",
    [
        {"path": "https://elsewhere.example/admin/"},
        {"path": "//elsewhere.example/admin/"},
        {"path": "/about/"},
        {"path": ""},
        {"path": "/admin/users/", "column": "x" * 101},
        {"path": "/admin/users/", "column": [str(number) for number in range(51)]},
        {"path": "/admin/users/", "query": "x" * 4001},
    ],
)
def test_other_places_and_oversized_choices_are_refused(client, ada, data):
    assert client.post(SAVE, {"column": "a"} | data).status_code == 404
    assert not ListColumns.objects.exists()


def test_columns_are_changed_by_posts_of_staff_alone(client, ada):
    assert client.get(SAVE).status_code == 405
    client.force_login(UserFactory())
    assert client.post(SAVE, {"path": "/admin/users/", "column": "email"}).status_code in {302, 403}
    assert not ListColumns.objects.exists()


def test_an_account_that_is_deleted_takes_them_along(client, ada):
    hide(client, "/admin/users/", "email")
    ada.forget()
    assert not ListColumns.objects.exists()


@pytest.mark.parametrize("path", ["/admin/downloads/releases/", "/admin/community/feeds/"])
def test_hidden_columns_add_no_queries(client, ada, path):
    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    client.get(path)
    before = count()
    hide(client, path, *offered(client.get(path).content.decode()))
    client.get(path)
    assert count() <= before
