"""The register of purges."""

import re

import pytest
from django.contrib.admin.utils import display_for_field
from django.contrib.staticfiles import finders
from django.db.models import BooleanField

from cms.delivery.models import Purge
from tests.factories.users import UserFactory
from tests.servers import RecordingServer

pytestmark = pytest.mark.django_db

PURGES = "/admin/purges/"


@pytest.fixture
def failed():
    return Purge.objects.create(keys=["downloads", "page-3"], status=Purge.Status.FAILED, attempts=2, error="Timed out.")


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(role="Site admins"))


@pytest.mark.parametrize("value", [True, False, None])
def test_the_marks_of_registers_are_files_of_this_site(value):
    """Lists show yes and no with icons from Django's admin, which is not installed, so this site must serve its own."""
    source = re.search(r'src="/static/([^"]+)"', display_for_field(value, BooleanField(null=True), ""))[1]
    assert finders.find(source)


@pytest.mark.usefixtures("admin")
class TestRegister:
    def test_a_row(self, client, failed):
        html = client.get(PURGES).content.decode()
        for text in ["downloads, page-3", "Failed", "2", "Timed out.", f"{PURGES}send-again/{failed.pk}/"]:
            assert text in html

    def test_a_purge_that_is_done_is_not_sent_again(self, client):
        Purge.objects.create(keys=["downloads"], status=Purge.Status.DONE)
        assert "send-again" not in client.get(PURGES).content.decode()

    def test_an_empty_register_says_when_it_fills(self, client):
        assert "When content changes, the site asks the CDN" in client.get(PURGES).content.decode()

    @pytest.mark.parametrize(("query", "count"), [("status__exact=failed", 1), ("status__exact=done", 0), ("q=page-3", 1)])
    def test_filter_and_search(self, client, failed, query, count):
        assert len(client.get(f"{PURGES}?{query}").context["object_list"]) == count

    def test_a_mistyped_filter_leads_to_the_whole_list(self, client):
        assert client.get(f"{PURGES}?spam=1").url == PURGES

    def test_export_and_inspection(self, client, failed):
        assert b"downloads, page-3" in b"".join(client.get(f"{PURGES}?export=csv").streaming_content)
        assert client.get(f"{PURGES}?export=xlsx").status_code == 200
        assert "Timed out." in client.get(f"{PURGES}inspect/{failed.pk}/").content.decode()

    @pytest.mark.parametrize("page", ["create/", "edit/{pk}/", "delete/{pk}/"])
    def test_nobody_writes_purges_by_hand(self, client, failed, page):
        assert client.get(PURGES + page.format(pk=failed.pk)).status_code == 302

    def test_queries_do_not_grow_with_the_rows(self, client, failed, django_assert_max_num_queries):
        client.get(PURGES)
        with django_assert_max_num_queries(20) as few:
            client.get(PURGES)
        Purge.objects.bulk_create(Purge(keys=["downloads"], status=Purge.Status.FAILED) for _ in range(100))
        with django_assert_max_num_queries(len(few)):
            client.get(PURGES)


class TestSendingAgain:
    def test_it_asks_first_and_changes_nothing(self, client, admin, failed):
        assert "Timed out." in client.get(f"{PURGES}send-again/{failed.pk}/").content.decode()
        failed.refresh_from_db()
        assert failed.status == Purge.Status.FAILED

    def test_it_is_sent_after_the_commit(self, client, admin, failed, settings, django_capture_on_commit_callbacks):
        with RecordingServer() as edge, django_capture_on_commit_callbacks(execute=True):
            settings.CDN_BACKEND, settings.CDN_URL = "http", f"{edge.url}/"
            response = client.post(f"{PURGES}send-again/{failed.pk}/", follow=True)
        assert "Resent: downloads, page-3." in response.content.decode()
        assert [request.headers["Surrogate-Key"] for request in edge.requests] == ["downloads page-3"]
        failed.refresh_from_db()
        assert (failed.status, failed.attempts, failed.error) == (Purge.Status.DONE, 3, "")

    @pytest.mark.parametrize("role", ["Release managers", "Content editors", None])
    def test_others_are_kept_out(self, client, failed, role):
        client.force_login(UserFactory(role=role))
        assert client.post(f"{PURGES}send-again/{failed.pk}/").status_code == 302
        failed.refresh_from_db()
        assert failed.status == Purge.Status.FAILED

    def test_an_unknown_purge(self, client, admin):
        assert client.get(f"{PURGES}send-again/99/").status_code == 404
