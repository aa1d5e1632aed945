"""Saved filters of the lists in the admin: saved, opened, replaced and deleted by their owner."""

import pytest
from django.urls import reverse

from cms.editor import saved_filters
from cms.email.models import SentEmail
from tests.factories.community import FeedFactory
from tests.factories.users import UserFactory
from users.models import SavedFilter

pytestmark = pytest.mark.django_db
SAVE = "/admin/saved-filters/"
# Lists of each kind: snippets, a flat list of pages, the explorer, a report, and a list of plain records.
LISTS = [
    reverse("health_problem-reports"),
    reverse("health_preview-links"),
    reverse("trash"),
    "/admin/bundles/",
    "/admin/community/stories/",
]


@pytest.fixture
def ada(client):
    user = UserFactory(username="ada", role="Site admins")
    client.force_login(user)
    return user


def save(client, path, query, name="Mine"):
    return client.post(SAVE, {"path": path, "query": query, "name": name})


@pytest.mark.parametrize("path", LISTS)
def test_filters_are_saved_and_opened_on_each_list(client, ada, path):
    html = client.get(path).content.decode()
    assert "Save these filters" not in html
    query = "drafts=old" if path.endswith("stories/") else "status=open" if "problem" in path else "title=x&state=active"
    query = "status=scheduled" if path.endswith("bundles/") else query
    shown = client.get(f"{path}?{query}").content.decode()
    assert "Save these filters" in shown
    response = save(client, path, query)
    assert response.status_code == 302
    saved = SavedFilter.objects.get()
    assert response.url == saved.url
    html = client.get(path).content.decode()
    assert f'<a href="{saved.url.replace("&", "&amp;")}">Mine</a>' in html
    html = client.get(saved.url).content.decode()
    assert 'aria-current="true">Mine</a>' in html
    assert "Save these filters" not in html


# Registers, and screens of their own, with filters.
OTHERS = {
    "/admin/community/feeds/": "active__exact=1",
    "/admin/downloads/files/": "q=python",
    "/admin/sent-emails/": "delivery=undelivered",
    "/admin/sponsors/sponsorships/": "q=acme",
    "/admin/sponsors/sponsorships/list/": "missing=logo&stage=approved",
    "/admin/sponsors/deliverables/": "overdue=true",
    "/admin/sponsors/reports/": "sponsorship_year=2026",
    "/admin/draft-messages/": "q=reminder",
}


@pytest.mark.parametrize("path", OTHERS)
def test_registers_and_dashboards_have_saved_filters(client, ada, demo_site, path):
    SentEmail.objects.create(subject="Approved", to=["ada@example.org"], body="Your job is live.")
    FeedFactory()
    query = OTHERS[path]
    assert "Save these filters" in client.get(f"{path}?{query}").content.decode()
    save(client, path, f"{query}&page=2&p=2")
    saved = SavedFilter.objects.get()
    assert saved.query == query
    assert ">Mine</a>" in client.get(path).content.decode()
    html = client.get(saved.url).content.decode()
    assert 'aria-current="true">Mine</a>' in html
    assert "Save these filters" not in html


def test_the_explorer_has_saved_filters(client, ada):
    path = client.get("/admin/pages/").context["index_url"]
    save(client, path, "owner=1")
    assert ">Mine</a>" in client.get(path).content.decode()


def test_filters_are_stored_in_one_order_without_pages_and_exports(client, ada):
    save(client, LISTS[0], "text=b&status=open&p=3&export=csv&section=&text=a")
    assert SavedFilter.objects.get().query == "status=open&text=b&text=a"


def test_a_name_is_replaced(client, ada):
    save(client, LISTS[0], "status=open")
    save(client, LISTS[0], "status=done")
    assert SavedFilter.objects.get().query == "status=done"


def test_filters_belong_to_one_person(client, ada):
    save(client, LISTS[0], "status=open")
    saved = SavedFilter.objects.get()
    client.force_login(UserFactory(role="Site admins"))
    assert ">Mine</a>" not in client.get(LISTS[0]).content.decode()
    delete = reverse("delete_filter", args=[saved.pk])
    assert client.post(delete).status_code == 404
    client.force_login(ada)
    assert client.get(delete).status_code == 405
    assert client.post(delete).url == LISTS[0]
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("path", ["https://elsewhere.example/admin/", "//elsewhere.example/admin/", "/about/", "", "x" * 300])
def test_filters_lead_to_lists_of_the_admin_alone(client, ada, path):
    assert save(client, path, "status=open").status_code == 404
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "x" * 61])
def test_a_name_is_needed(client, ada, name):
    response = save(client, LISTS[0], "status=open", name)
    assert response.url == f"{LISTS[0]}?status=open"
    assert "Enter a name" in client.get(response.url).content.decode()
    assert not SavedFilter.objects.exists()


def test_the_number_is_limited(client, ada, monkeypatch):
    monkeypatch.setattr(saved_filters, "MAX_FILTERS", 2)
    for number in range(3):
        save(client, LISTS[0], "status=open", str(number))
    assert SavedFilter.objects.count() == 2


def test_an_account_that_is_deleted_takes_them_along(client, ada):
    save(client, LISTS[0], "status=open")
    ada.forget()
    assert not SavedFilter.objects.exists()


def test_visitors_save_nothing(client):
    client.force_login(UserFactory())
    assert save(client, LISTS[0], "status=open").status_code in {302, 403}
    assert not SavedFilter.objects.exists()
