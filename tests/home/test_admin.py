"""Page types and snippets open, save and preview in the admin."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.content.models.banners import Banner
from cms.content.models.boxes import Box
from cms.content.models.menus import Menu
from cms.content.models.missing_urls import MissingURL
from cms.email.models import EmailTemplate, SentEmail
from home.models import GuidePage, HomePage, LandingPage, StandardPage, VersionsPage
from tests.databases import fill
from tests.factories.cms import BannerFactory, BoxFactory, MenuFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(role="Site admins"))
    return client


def make(model):
    if model is EmailTemplate:
        return EmailTemplate.objects.create(key="tests.hello", subject="Hello", body="Hello.")
    return {Menu: MenuFactory, Box: BoxFactory, Banner: BannerFactory}[model]()


@pytest.mark.parametrize("model", [Menu, Box, Banner, EmailTemplate])
def test_every_snippet_opens_and_previews(editor, model):
    record = make(model)
    viewset = model.snippet_viewset
    for name, args in [("list", []), ("add", []), ("edit", [record.pk]), ("history", [record.pk]), ("usage", [record.pk])]:
        assert editor.get(reverse(viewset.get_url_name(name), args=args)).status_code == 200, name
    preview = record.make_preview_request()
    assert preview.status_code == 200
    assert any(word in preview.content.decode() for word in ["/learn/", "Spam and eggs.", "PyCon tickets", "Hello."])


@pytest.mark.parametrize("model", [HomePage, LandingPage, StandardPage, GuidePage, VersionsPage])
def test_every_page_type_opens_and_previews(editor, model):
    fill()
    page = model.objects.first()
    assert editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert page.make_preview_request().status_code == 200


@pytest.mark.parametrize("layout", StandardPage.Layout.values)
def test_every_layout_has_one_heading(client, layout):
    fill(pages_only=True)
    page = StandardPage.objects.get(slug="faq", path__startswith=LandingPage.objects.get(slug="psf").path)
    page.layout = layout
    page.save()
    html = client.get(page.url).content.decode()
    assert html.count("<h1") == 1
    assert ('class="side-nav"' in html) == (layout in {"sidebar", "psf"})
    assert ('class="breadcrumbs"' in html) == (layout != "bare")


def test_a_box_is_written_and_published_in_the_admin(editor):
    form = nested_form_data(
        {"label": "new-box", "description": "", "body": streamfield([("quote", {"text": "Ni!", "by": "", "source": ""})])}
    )
    response = editor.post(reverse(Box.snippet_viewset.get_url_name("add")), form | {"action-publish": "yes"})
    assert response.status_code == 302
    assert "Ni!" in editor.get("/box/new-box/").content.decode()


@pytest.mark.parametrize("role", ["Content editors", "Events"])
def test_only_roles_with_the_right_shape_the_frame(client, role):
    client.force_login(UserFactory(role=role))
    response = client.get(reverse(Box.snippet_viewset.get_url_name("add")))
    assert response.status_code == (200 if role == "Content editors" else 302)


def test_the_registers_open_and_an_email_is_sent_again(editor, mailoutbox, django_capture_on_commit_callbacks):
    mail = SentEmail.objects.create(key="x.y", to=["a@example.org"], subject="Hello", body="Hi", status="sent")
    MissingURL.objects.create(path="/gone/", hits=3)
    for name in ("sent-emails", "missing-urls", "purges"):
        assert editor.get(reverse(f"{name}_modeladmin_index")).status_code == 200
    address = reverse("email_send_again", args=[mail.pk])
    assert "a@example.org" in editor.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(address)
    assert [sent.subject for sent in mailoutbox] == ["Hello"]
