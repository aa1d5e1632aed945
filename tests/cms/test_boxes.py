"""Boxes: written once, shown in several places."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from wagtail.models import Page

from cms.content import box_usage
from cms.content.models.boxes import Box
from cms.delivery.models import Purge
from home.models import HomePage, StandardPage
from tests.databases import fill
from tests.factories.cms import BoxFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def test_a_box_has_an_address_of_its_own(client):
    box = BoxFactory(label="community-irc")
    response = client.get("/box/community-irc/")
    assert "Spam and eggs." in response.content.decode()
    assert "box-community-irc" in response["Surrogate-Key"].split()
    assert "public" in response["Cache-Control"]
    # Programs and pages of others insert it as it is.
    assert response.content.decode() == "<p>Spam and eggs.</p>"
    assert client.get("/box/").status_code == client.get("/box/no-such-box/").status_code == 404
    box.unpublish()
    assert client.get("/box/community-irc/").status_code == 404


def test_templates_show_a_box_by_its_label():
    request = RequestFactory().get("/")
    template = Template('{% load cms %}[{% box "jobs-subscribe" %}]')
    assert template.render(Context({"request": request})) == "[]"
    BoxFactory(label="jobs-subscribe")
    assert "Spam and eggs." in template.render(Context({"request": request}))
    assert request.surrogate_keys == {"box-jobs-subscribe": None}
    Box.objects.get().unpublish()
    assert template.render(Context({"request": request})) == "[]"


def test_editing_a_box_purges_exactly_the_pages_it_stands_on(client, settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        fill(pages_only=True)
    home = HomePage.objects.get()
    inner = BoxFactory(label="inner")
    outer = BoxFactory(label="outer", body=[("box", inner)])
    bodies = [[("box", inner)], [("box", inner)], [("box", outer)], [("text", "<p>Nothing.</p>")]]
    with django_capture_on_commit_callbacks(execute=True):
        pages = [
            home.add_child(instance=StandardPage(title=f"Page {n}", slug=f"page-{n}", body=body)) for n, body in enumerate(bodies)
        ]
        inner.save()
        outer.save()
    with django_capture_on_commit_callbacks(execute=True):
        assert all(b"Spam and eggs." in client.get(page.url).content for page in pages[:3])
    settings.CDN_BACKEND, settings.CDN_URL = "http", "http://127.0.0.1:9/"
    with django_capture_on_commit_callbacks(execute=True):
        inner.description = "A draft."
        revision = inner.save_revision()
    assert not Purge.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        revision.publish()
    assert Purge.objects.get().keys == sorted(["box-inner", *(f"page-{page.pk}" for page in pages[:3])])


def test_a_box_in_use_stays(admin_client, django_capture_on_commit_callbacks):
    fill(pages_only=True)
    box = BoxFactory(label="wanted")
    with django_capture_on_commit_callbacks(execute=True):
        HomePage.objects.get().add_child(instance=StandardPage(title="User", slug="user", body=[("box", box)]))
    address = reverse(box.snippet_viewset.get_url_name("delete"), args=[box.pk])
    assert "Remove it there first." in admin_client.post(address, follow=True).content.decode()
    bulk = reverse("wagtail_bulk_action", args=["cms", "box", "delete"])
    admin_client.post(f"{bulk}?id={box.pk}")
    assert Box.objects.filter(pk=box.pk).exists()
    StandardPage.objects.get(slug="user").delete()
    admin_client.post(address)
    assert not Box.objects.filter(pk=box.pk).exists()


def test_a_box_never_holds_itself():
    box = BoxFactory()
    outer = BoxFactory(body=[("box", box)])
    for inner in (box, outer):
        box.body = [("box", inner)]
        with pytest.raises(ValidationError, match="cannot contain itself"):
            box.clean()


def test_the_label_of_a_box_stays():
    box = BoxFactory(label="old")
    box.label = "new"
    with pytest.raises(ValidationError, match="Create a new box"):
        box.clean()


def test_the_list_says_where_each_box_stands(admin_client, django_capture_on_commit_callbacks):
    listing = reverse(Box.snippet_viewset.get_url_name("list_results"))
    assert "content that several pages share" in admin_client.get(listing).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        fill(pages_only=True)
        box = BoxFactory(label="used")
        BoxFactory(label="unused")
        for slug in ("one", "two"):
            body = [("box", box), ("columns", {"columns": [[{"type": "box", "value": box.pk}], []]})]
            HomePage.objects.get().add_child(instance=StandardPage(title=slug, slug=slug, body=body))
    rows = admin_client.get(listing, {"ordering": "-places"}).content.decode()
    assert rows.index("2 places") < rows.index("not used")
    assert "content that several pages share" not in rows


class TestUse:
    @pytest.fixture
    def boxes(self, monkeypatch):
        """Boxes that a block, a template and nothing uses."""
        monkeypatch.setattr(box_usage, "find_files", lambda: {"of-template": ["templates/base.html"]})
        in_block, of_template, unused = (BoxFactory(label=label) for label in ("in-block", "of-template", "unused"))
        BoxFactory(label="outer", body=[("box", in_block)])
        Page.objects.get(depth=2).add_child(instance=StandardPage(title="Page", body=[("box", Box.objects.get(label="outer"))]))
        return {"block": in_block, "template": of_template, "unused": unused}

    def test_boxes_of_blocks_and_files_are_used(self, boxes):
        assert [box.label for box in Box.objects.unused()] == ["unused"]
        assert boxes["block"].places() == ["outer"]
        assert boxes["template"].places() == ["templates/base.html"]

    def test_the_files_of_this_site_are_read(self, tmp_path, settings):
        settings.BASE_DIR = tmp_path
        files = {
            "templates/base.html": '{% load cms %}{% box "footer-note" %}<a href="/box/linked/">',
            "home/views.py": 'found = Box.objects.filter(label="of-code").first()',
            "importer/areas.py": 'Box.objects.filter(label="of-import")',
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        assert box_usage.find_files.__wrapped__() == {
            "footer-note": ["templates/base.html"],
            "linked": ["templates/base.html"],
            "of-code": ["home/views.py"],
        }

    def test_all_unused_boxes_are_archived_together_and_come_back_when_published(self, admin_client, client, boxes):
        url = reverse("archive_unused_boxes")
        assert url in admin_client.get(reverse("health_unused-boxes")).content.decode()
        assert "1 box that no page, template or module uses: unused?" in admin_client.get(url).content.decode()
        assert "1 box was archived." in admin_client.post(url, follow=True).content.decode()
        archived = Box.objects.get(label="unused")
        assert (archived.live, archived.archived_at is None) == (False, False)
        assert client.get("/box/unused/").status_code == 404
        index = reverse(Box.snippet_viewset.get_url_name("list"))
        labels = {
            shown: set(re.findall(r"in-block|of-template|unused(?=</|\s)", page))
            for shown, page in self.lists(admin_client, index)
        }
        assert "unused" not in labels[""]
        assert labels["archived"] == {"unused"}
        archived.save_revision().publish()
        archived.refresh_from_db()
        assert (archived.live, archived.archived_at) == (True, None)

    def lists(self, admin_client, index):
        for shown in ("", "archived"):
            html = admin_client.get(index, {"shown": shown}).content.decode()
            rows = re.findall(r"<tbody>.*</tbody>", html, re.DOTALL)
            yield shown, re.sub(r"not used|Unused boxes", "", rows[0] if rows else "")

    def test_archived_boxes_are_not_offered(self, admin_client, boxes):
        boxes["unused"].archive(by=None)
        html = admin_client.get(reverse(Box.snippet_viewset.chooser_viewset.get_url_name("choose"))).content.decode()
        assert "in-block" in html
        assert "unused" not in html

    def test_a_box_in_use_is_not_archived(self, boxes):
        with pytest.raises(ValidationError, match="outer"):
            boxes["block"].archive(by=None)

    def test_archiving_needs_the_permission_to_publish_boxes(self, client, boxes):
        for role, status in {"Job board": 302, "Content editors": 200}.items():
            client.force_login(UserFactory(role=role))
            assert client.get(reverse("archive_unused_boxes")).status_code == status
