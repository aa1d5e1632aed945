"""Bookmarks of the old admin."""

import re

import pytest
from django.urls import reverse

from importer.bookmarks import BOOKMARKS
from importer.core.walking import read_patterns
from importer.models import ImportedRow
from tests.factories.community import FeedFactory
from tests.factories.downloads import ReleaseFactory
from tests.factories.jobs import JobFactory
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
ACTIONS = ["", "add/", "1/change/", "1/history/", "1/delete/", "1/", "o/no-number/change/"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("old_model", BOOKMARKS)
def test_each_bookmark_leads_to_a_screen(admin_client, old_model):
    for action in ACTIONS:
        answer = admin_client.get(f"/admin/{old_model}/{action}", follow=True)
        assert answer.status_code == 200, action
        assert answer.redirect_chain, action


def test_each_model_of_the_old_admin_has_a_bookmark():
    pattern = re.compile(r"/admin/(\w+/\w+)/add/")
    models = {match[1] for match in (pattern.match(one.pattern) for one in read_patterns()) if match}
    assert len(models) > 50
    assert not models - BOOKMARKS.keys()


def test_an_old_id_leads_to_the_form_of_its_object(admin_client, admin_user):
    release, job, sponsorship, feed = ReleaseFactory(), JobFactory(), SponsorshipFactory(), FeedFactory()
    ImportedRow.remember("users.user", {"7": "x"}, {"7": admin_user.pk})
    expected = {
        f"downloads/release/{release.pk}/change/": f"/admin/downloads/releases/edit/{release.pk}/",
        f"jobs/job/{job.pk}/change/": f"/admin/jobs/all/edit/{job.pk}/",
        f"sponsors/sponsorship/{sponsorship.pk}/approve": f"/admin/sponsors/sponsorships/{sponsorship.pk}/",
        f"blogs/feed/{feed.pk}/history/": f"/admin/community/feeds/edit/{feed.pk}/",
        "users/user/7/password/": f"/admin/users/edit/{admin_user.pk}/",
        "downloads/release/add/": "/admin/downloads/releases/add/",
        "downloads/release/999999/change/": "/admin/downloads/releases/",
        "password_change/": "/accounts/password/change/",
        "waffle/": reverse("wagtailadmin_home"),
    }
    assert {path: admin_client.get(f"/admin/{path}")["Location"] for path in expected} == expected


def test_a_bookmark_opens_nothing_for_people_without_the_role(client):
    release = ReleaseFactory()
    path = f"/admin/downloads/release/{release.pk}/change/"
    assert client.get(path)["Location"].startswith("/accounts/login/")
    client.force_login(UserFactory(role="Job board"))
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1][0] == "/admin/"
