"""Private pages and documents: authorized users can open them, and no one else can detect them."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.contrib.search_promotions.models import Query
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction, Site
from wagtail.models.view_restrictions import BaseViewRestriction

from cms.delivery import purging, surrogate_keys
from community.models import StoryIndexPage, StoryPage
from home.models import StandardPage
from psf.models import MinutesPage
from tests.databases import fill
from tests.factories.cms import MenuFactory, link
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse"
SECRET = "Zanzibar"


@pytest.fixture(autouse=True)
def _forget_attempts():
    cache.clear()


@pytest.fixture
def page(db):
    fill(pages_only=True)
    page = StandardPage(
        title=f"Plans for {SECRET}", slug="plans", introduction=SECRET, search_description=SECRET, show_in_menus=True
    )
    Site.objects.get().root_page.get_children().get(slug="about").add_child(instance=page)
    return page


@pytest.fixture
def document(db):
    collection = Collection.get_first_root_node().add_child(name="Board")
    return get_document_model().objects.create(
        title=SECRET, collection=collection, file=ContentFile(SECRET.encode(), name="plans.txt")
    )


def restrict(thing, kind, *groups):
    if isinstance(thing, StandardPage | StoryPage | MinutesPage | StoryIndexPage):
        restriction = PageViewRestriction.objects.create(page=thing, restriction_type=kind, password=PASSWORD)
    else:
        restriction = CollectionViewRestriction.objects.create(
            collection=thing.collection, restriction_type=kind, password=PASSWORD
        )
    restriction.groups.set(groups)
    return restriction


@pytest.fixture(params=["page", "document"])
def thing(request):
    return request.getfixturevalue(request.param)


def body_of(response):
    return b"".join(response) if response.streaming else response.content


def is_kept_by_no_cache(response):
    told = response["Cache-Control"]
    return "no-store" in told and "private" in told and "public" not in told and "s-maxage" not in told


class TestDoors:
    def test_sign_in(self, client, thing):
        restrict(thing, BaseViewRestriction.LOGIN)
        response = client.get(thing.url)
        assert response.status_code == 302
        assert response.url == f"/accounts/login/?next={thing.url}"
        client.force_login(UserFactory())
        response = client.get(thing.url)
        assert SECRET.encode() in body_of(response)
        assert is_kept_by_no_cache(response)

    def test_a_group(self, client, thing):
        group = Group.objects.create(name="Board")
        restrict(thing, BaseViewRestriction.GROUPS, group)
        assert client.get(thing.url).url.startswith("/accounts/login/")
        user = UserFactory()
        client.force_login(user)
        response = client.get(thing.url)
        assert response.status_code == 403
        assert SECRET.encode() not in response.content
        user.groups.add(group)
        response = client.get(thing.url)
        assert SECRET.encode() in body_of(response)
        assert is_kept_by_no_cache(response)

    def test_a_password(self, client, thing):
        restrict(thing, BaseViewRestriction.PASSWORD)
        form = client.get(thing.url)
        assert is_kept_by_no_cache(form)
        assert SECRET.encode() not in form.content
        assert b"<h1>Password required</h1>" in form.content
        action = re.search(rb'action="([^"]+)"', form.content.partition(b"Password required</h1>")[2])[1].decode()
        wrong = client.post(action, {"password": "guess", "return_url": thing.url})
        assert wrong.status_code == 422
        assert is_kept_by_no_cache(wrong)
        assert client.get(thing.url).content == form.content or SECRET.encode() not in client.get(thing.url).content
        right = client.post(action, {"password": PASSWORD, "return_url": thing.url})
        assert (right.status_code, right.url) == (302, thing.url)
        response = client.get(thing.url)
        assert SECRET.encode() in body_of(response)
        assert is_kept_by_no_cache(response)

    def test_passwords_are_not_guessed(self, client, thing):
        restriction = restrict(thing, BaseViewRestriction.PASSWORD)
        if isinstance(thing, StandardPage):
            action = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, thing.pk])
        else:
            action = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
        guesses = [client.post(action, {"password": str(n), "return_url": thing.url}).status_code for n in range(11)]
        assert guesses == [422] * 10 + [429]
        assert client.post(action, {"password": PASSWORD, "return_url": thing.url}).status_code == 429
        elsewhere = client.post(action, {"password": PASSWORD, "return_url": thing.url}, REMOTE_ADDR="192.0.2.7")
        assert elsewhere.status_code == 302

    def test_no_other_site_is_returned_to(self, client, page):
        restriction = restrict(page, BaseViewRestriction.PASSWORD)
        action = reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk])
        assert client.get(action).url == page.url
        assert client.post(action, {"password": PASSWORD, "return_url": "https://evil.example/"}).url == "/"

    def test_a_form_belongs_to_its_page(self, client, page):
        """Otherwise, it would reveal which pages exist, and unlock another page."""
        restriction = restrict(page, BaseViewRestriction.PASSWORD)
        other = StandardPage.objects.exclude(pk=page.pk).live().first()
        assert client.get(reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, other.pk])).status_code == 404
        restriction.restriction_type = BaseViewRestriction.LOGIN
        restriction.save()
        assert client.get(reverse("wagtailcore_authenticate_with_password", args=[restriction.pk, page.pk])).status_code == 404

    def test_wagtails_own_sign_in_is_allauths(self, client, db):
        response = client.get("/_util/login/?next=/about/plans/")
        assert (response.status_code, response.url) == (302, "/accounts/login/?next=/about/plans/")

    def test_a_page_below_is_private_too(self, client, page):
        restrict(page, BaseViewRestriction.LOGIN)
        page.add_child(instance=StandardPage(title="Below", slug="below", introduction=SECRET))
        assert client.get(f"{page.url}below/").status_code == 302


class TestTraces:
    def test_no_public_address_names_a_private_page(self, client, page):
        restrict(page, BaseViewRestriction.GROUPS)
        MenuFactory(entries=[("entry", link(SECRET, page=page))])
        query = Query.get("plan")
        query.editors_picks.create(page=page)
        index = StoryIndexPage.objects.first()
        if index is None:
            index = StoryIndexPage(title="Stories", slug="success-stories")
            Site.objects.get().root_page.add_child(instance=index)
        for path in (
            "/",
            "/about/",
            "/about/help/",
            "/sitemap.xml",
            "/llms.txt",
            f"/search/?q={SECRET}",
            "/search/?q=plan",
            "/api/v3/pages/?limit=100",
            f"/api/v3/pages/?search={SECRET}",
            "/api/v3/content/menus/",
            "/api/v3/content/page/?path=/about/plans/",
            "/about/plans/index.md",
            f"/api/v3/pages/{page.pk}/",
            "/api/v3/pages/find/?html_path=/about/plans/",
        ):
            response = client.get(path, follow=True)
            shown = response.content
            assert f"Plans for {SECRET}".encode() not in shown, path
            assert b'href="/about/plans/' not in shown, path

    @pytest.mark.parametrize(
        ("model", "addresses"),
        [
            (StoryPage, ["/success-stories/", "/success-stories/feed/", "/", "/community/"]),
            (MinutesPage, ["/psf/records/board/minutes/", "/psf/records/board/minutes/feed/", "/psf/"]),
        ],
    )
    def test_lists_of_a_section_leave_private_ones_out(self, client, model, addresses):
        fill()
        page = model.objects.live().first()
        model.objects.filter(pk=page.pk).update(title=SECRET)
        restrict(page, BaseViewRestriction.LOGIN)
        pages = [client.get(path, follow=True) for path in addresses]
        assert [SECRET.encode() in response.content for response in pages] == [False] * len(addresses)
        private = client.get(page.get_url() or page.get_absolute_url())
        assert private.status_code == 302

    @pytest.mark.parametrize("kind", [BaseViewRestriction.LOGIN, BaseViewRestriction.PASSWORD, BaseViewRestriction.GROUPS])
    def test_documents_are_not_listed(self, client, document, kind):
        restrict(document, kind)
        for path in (f"/search/?q={SECRET}", "/api/v3/documents/"):
            assert document.url.encode() not in client.get(path).content
        assert client.get(f"/api/v3/documents/{document.pk}/").status_code == 404

    def test_files_have_addresses_that_nobody_guesses(self, document):
        image = get_image_model().objects.create(title="Plan", file=get_test_image_file(filename="plan.png"))
        rendition = image.get_rendition("width-10")
        names = [document.file.name, image.file.name, rendition.file.name]
        assert all(re.fullmatch(r"[a-z_]+/[\w-]{16}/plans?[\w.-]+", name) for name in names), names

    def test_a_restriction_purges_every_list(self, page):
        assert purging.keys_of(restrict(page, BaseViewRestriction.LOGIN)) == {surrogate_keys.SITE_KEY}
