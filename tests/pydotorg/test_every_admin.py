"""Every page type, snippet and setting opens, previews, saves and restores in the admin."""

import pytest
from django.urls import reverse
from wagtail.contrib.settings.registry import registry
from wagtail.models import PreviewableMixin, RevisionMixin, Site, get_page_models
from wagtail.snippets.models import get_snippet_models

from cms.email.models import EmailTemplate
from psf.models import MinutesPage
from tests.admin_forms import form_of
from tests.factories import cms, community, downloads, events, factory_of, jobs, psf, sponsors  # noqa: F401 -- they make the rows that the demo has none of.
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_site")]
PAGES = [model for model in get_page_models() if model._meta.app_label != "wagtailcore"]
SNIPPETS = get_snippet_models()


def by_name(model):
    return model._meta.label


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True, role="Site admins"))
    return client


def row_of(model):
    if model is EmailTemplate:
        return EmailTemplate.objects.create(key="cms.review_due", subject="Read again", body="{{ pages }}")
    return model.objects.first() or factory_of(model)()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("model", PAGES, ids=by_name)
@pytest.mark.proves("S2-13", "S2-27")
def test_every_page_type_opens_saves_previews_and_restores(admin, model):
    page = row_of(model)
    first_title = page.title
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert admin.get(edit).status_code == 200
    assert page.make_preview_request().status_code == 200
    data = form_of(page, model.get_edit_handler(), admin)
    assert admin.post(reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk]), data).json()["is_valid"]
    saved = admin.post(edit, data | {"title": "Second title", "action-publish": "yes"})
    assert saved.status_code == 302, saved.context["form"].errors
    page.refresh_from_db()
    # The title of minutes follows from who met and when.
    assert page.title == ("Second title" if model is not MinutesPage else first_title)
    first = page.revisions.order_by("pk").first()
    assert admin.get(reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, first.pk])).status_code == 200
    restored = form_of(page, model.get_edit_handler(), admin) | {"title": "Third title", "revision": first.pk}
    assert admin.post(edit, restored | {"action-publish": "yes"}).status_code == 302
    for name in ("history", "usage"):
        assert admin.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk])).status_code == 200
    compare = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, "earliest", "latest"])
    assert admin.get(compare).status_code == 200


@pytest.mark.sampled(3)
@pytest.mark.parametrize("model", SNIPPETS, ids=by_name)
@pytest.mark.proves("S2-13", "S2-27")
def test_every_snippet_opens_saves_previews_and_restores(admin, model):
    row = row_of(model)
    viewset = model.snippet_viewset

    def address(name, *args):
        return reverse(viewset.get_url_name(name), args=args)

    for name, args in [("list", []), ("add", []), ("edit", [row.pk]), ("usage", [row.pk])]:
        assert admin.get(address(name, *args), follow=True).status_code == 200, name
    if isinstance(row, PreviewableMixin):
        assert row.make_preview_request().status_code == 200
    data = form_of(row, viewset.get_edit_handler(), admin)
    saved = admin.post(address("edit", row.pk), data | {"action-publish": "yes"})
    assert saved.status_code == 302, saved.context["form"].errors
    if isinstance(row, RevisionMixin):
        first = row.revisions.order_by("pk").first()
        assert admin.get(address("history", row.pk)).status_code == 200
        assert admin.get(address("revisions_revert", row.pk, first.pk)).status_code == 200


@pytest.mark.parametrize("model", list(registry), ids=by_name)
def test_every_setting_opens_and_saves(admin, model):
    site = Site.objects.get()
    args = [model._meta.app_label, model._meta.model_name]
    shown = admin.get(reverse("wagtailsettings:edit", args=args), follow=True)
    assert shown.status_code == 200
    row = model.for_site(site) if hasattr(model, "for_site") else model.load()
    form = shown.context["form"]
    data = form_of(row, None, admin, form=form)
    assert admin.post(shown.request["PATH_INFO"], data).status_code == 302
