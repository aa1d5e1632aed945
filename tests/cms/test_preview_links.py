"""Preview links: one version of a page or release for people without an account, and their comments."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, PageLogEntry, PageViewRestriction, Revision

from cms.content import public_forms
from cms.editor import milestones, preview_links
from cms.editor.models import PreviewComment, PreviewLink
from cms.editor.preview_link_views import shareable_snippets
from cms.editor.tasks import anonymize_personal_data
from cms.email.models import SentEmail
from home.models import StandardPage
from tests.factories.cms import BannerFactory, BoxFactory, MenuFactory
from tests.factories.downloads import ReleaseFactory
from tests.factories.events import EventFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
BAR = "Preview of an unpublished version."


@pytest.fixture
def page(demo_site):
    return StandardPage.objects.get(slug="pip")


@pytest.fixture
def editor():
    return UserFactory(username="ada", email="ada@example.org", role="Content editors")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)


def draft(page, title="Secret plan", **kwargs):
    page = page.specific_class.objects.get(pk=page.pk)
    page.title = title
    page.save_revision(**kwargs)
    page.refresh_from_db()
    return page


@pytest.fixture
def link(page, editor):
    return preview_links.create_link(draft(page), by=editor, days=7, recipient="Board")


def path_of(link, end=""):
    return reverse("preview_link", args=[preview_links.get_token(link)]) + end


def comment(client, link, **fields):
    url = path_of(link, "comment/")
    opened = client.get(url).context["form"]["opened"].value()
    return client.post(url, {"name": "Grace", "text": "Wrong year.", "opened": opened} | fields)


# Reading


def test_a_reader_without_an_account_sees_the_draft(client, page, link):
    response = client.get(path_of(link))
    html = response.content.decode()
    assert response.status_code == 200
    assert "<h1>Secret plan</h1>" in " ".join(html.split()).replace("<h1> ", "<h1>").replace(" </h1>", "</h1>")
    assert BAR in html
    saved, expires = (f"{at:%B} {at.day}, {at.year}" for at in map(timezone.localtime, (link.saved_at, link.expires_at)))
    assert f"Saved on {saved}" in html
    assert f"The link expires on {expires}" in html
    assert "Secret plan" not in client.get(page.url).content.decode()


def test_previews_are_not_stored_indexed_or_sent_as_a_referrer(client, link):
    for end in ("", "comment/", "comment/sent/"):
        response = client.get(path_of(link, end))
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == ("strict-origin" if end else "no-referrer")
        assert not response.cookies
        assert "ETag" not in response


def test_a_preview_never_enters_the_page_cache(client, page, link, settings):
    settings.PAGE_CACHE = True
    assert "Secret plan" not in client.get(page.url).content.decode()
    assert BAR in client.get(path_of(link)).content.decode()
    assert "Secret plan" not in client.get(page.url).content.decode()


def test_later_edits_do_not_appear(client, page, link, editor):
    draft(page, "Next plan")
    html = client.get(path_of(link)).content.decode()
    assert "Secret plan" in html
    assert "Next plan" not in html


def test_an_overwritten_revision_does_not_appear(client, page, editor):
    """Autosave overwrites the newest revision of the same editor."""
    page = draft(page, user=editor)
    link = preview_links.create_link(page, by=editor, days=1)
    revision = page.latest_revision
    page.title = "Next plan"
    page.save_revision(user=editor, overwrite_revision=revision)
    assert Revision.objects.get(pk=revision.pk).content["title"] == "Next plan"
    html = client.get(path_of(link)).content.decode()
    assert "Secret plan" in html
    assert "Next plan" not in html


def test_the_bar_says_when_the_version_has_been_published(client, page, link):
    link.revision.publish()
    assert "Preview of a version that has been published since." in client.get(path_of(link)).content.decode()


def test_the_reader_s_own_account_opens_nothing_more(client, page, link, editor):
    anonymous = client.get(path_of(link)).content.decode()
    client.force_login(editor)
    assert client.get(path_of(link)).content.decode() == anonymous


def test_openings_are_counted(client, link):
    client.head(path_of(link))
    for _ in range(2):
        client.get(path_of(link))
    link.refresh_from_db()
    assert link.open_count == 2
    assert link.last_opened_at


def ended(link):
    """Return a function that ends a link, for each way in which it can end."""
    return {
        "expired": lambda: PreviewLink.objects.filter(pk=link.pk).update(expires_at=timezone.now()),
        "revoked": lambda: preview_links.revoke_link(link, by=link.created_by),
        "page deleted": lambda: StandardPage.objects.get(pk=link.object_id).delete(),
        "page made private": lambda: PageViewRestriction.objects.create(page_id=link.object_id, restriction_type="login"),
        "row deleted": link.delete,
    }


@pytest.mark.parametrize("way", ["expired", "revoked", "page deleted", "page made private", "row deleted"])
def test_a_link_that_has_ended_says_so(client, link, way, quick):
    path = path_of(link)
    opened = client.get(f"{path}comment/").context["form"]["opened"].value()
    ended(link)[way]()
    for response in (
        client.get(path),
        client.get(f"{path}comment/"),
        client.post(f"{path}comment/", {"name": "Grace", "text": "Late.", "opened": opened}),
    ):
        html = response.content.decode()
        assert response.status_code == 410
        assert "This preview link has ended" in html
        assert "Secret plan" not in html
        assert response["Cache-Control"] == "private, no-store"
    assert not PreviewComment.objects.exists()


def test_a_link_cannot_be_guessed(client, link):
    for token in (link.key, str(link.pk), f"{link.key}.x", preview_links.get_token(link)[:-1]):
        assert client.get(reverse("preview_link", args=[token])).status_code == 404


def test_private_documents_of_a_page_stay_private(client, page, editor):
    collection = Collection.get_first_root_node().add_child(name="Board")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    document = get_document_model()(title="Budget", collection=collection)
    document.file.save("budget.txt", ContentFile(b"Numbers"))
    page = StandardPage.objects.get(pk=page.pk)
    page.body = [("text", f'<p>See the <a linktype="document" id="{document.pk}">budget</a>.</p>')]
    page.save_revision()
    page.refresh_from_db()
    link = preview_links.create_link(page, by=editor, days=1)
    assert document.url in client.get(path_of(link)).content.decode()
    response = client.get(document.url)
    assert response.status_code == 302
    assert "login" in response.url


FACTORIES = {
    "cms.Banner": BannerFactory,
    "cms.Box": BoxFactory,
    "cms.Menu": MenuFactory,
    # The name of none of the demo.
    "downloads.Release": partial(ReleaseFactory, name="Python 3.99.0"),
    "events.Event": EventFactory,
}


def test_every_shareable_type_is_previewed_with_the_bar(client):
    labels = {model._meta.label for model in shareable_snippets()}
    assert labels == FACTORIES.keys()
    for label in labels:
        thing = FACTORIES[label]()
        thing.save_revision()
        thing.refresh_from_db()
        link = preview_links.create_link(thing, by=UserFactory(role="Site admins"), days=1)
        assert BAR in client.get(path_of(link)).content.decode(), label


# Comments


def test_a_comment_reaches_the_editor(client, link, quick, editor):
    sent = comment(client, link)
    assert "We have received your comment." in client.get(sent.url).content.decode()
    assert not client.cookies
    row = PreviewComment.objects.get()
    assert (row.link_id, row.name, row.text) == (link.pk, "Grace", "Wrong year.")
    email = SentEmail.objects.get(key="cms.preview_comment")
    assert email.to == ["ada@example.org"]
    for text in ("Grace", "Wrong year.", preview_links.links_url(link.thing)):
        assert text in email.body
    client.force_login(editor)
    for url in (preview_links.links_url(link.thing), reverse("wagtailadmin_pages:edit", args=[link.object_id])):
        assert "Wrong year." in client.get(url).content.decode()


def test_a_creator_who_may_not_edit_any_more_gets_no_email(client, link, quick, editor):
    editor.groups.clear()
    comment(client, link)
    assert PreviewComment.objects.exists()
    assert not SentEmail.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_other_sites_cannot_comment(client, link, headers):
    assert client.post(path_of(link, "comment/"), {"name": "x", "text": "x"}, headers=headers).status_code == 403


@pytest.mark.parametrize("wrong", [{"website_two": "x"}, {"text": ""}, {"name": ""}, {"opened": "x"}])
def test_bad_comments_are_refused(client, link, quick, wrong):
    response = comment(client, link, **wrong)
    assert response.status_code == 422
    assert not PreviewComment.objects.exists()


def test_comments_are_limited(client, link, quick, monkeypatch):
    monkeypatch.setattr(preview_links.PreviewCommentForm, "per_hour", 1)
    assert [comment(client, link).status_code for _ in range(2)] == [302, 422]
    monkeypatch.setattr(preview_links.PreviewCommentForm, "per_hour", 9)
    monkeypatch.setattr(preview_links, "MAX_COMMENTS", 1)
    assert "too many comments" in comment(client, link).content.decode()
    assert PreviewComment.objects.count() == 1


# Staff


def test_an_editor_creates_a_link_from_the_side_panel(client, page, editor):
    page = draft(page)
    client.force_login(editor)
    url = preview_links.links_url(page)
    assert f'href="{url}"' in client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "No links yet." in client.get(url).content.decode()
    assert client.post(url, {"days": "30", "recipient": "Lawyers"}).status_code == 302
    link = PreviewLink.objects.get()
    assert (link.created_by, link.recipient, link.title) == (editor, "Lawyers", "Secret plan")
    assert link.expires_at - link.created_at > timedelta(days=29, hours=23)
    html = client.get(url).content.decode()
    assert preview_links.get_public_url(link) in html
    assert "Not opened yet" in html
    entry = PageLogEntry.objects.get(action=preview_links.CREATE_ACTION)
    assert (entry.user, entry.page_id, entry.data) == (editor, page.pk, {"days": 30, "recipient": "Lawyers"})


@pytest.mark.parametrize("days", ["", "0", "2", "365", "x"])
def test_other_periods_are_refused(client, page, editor, days):
    client.force_login(editor)
    assert client.post(preview_links.links_url(draft(page)), {"days": days}).status_code == 422
    assert not PreviewLink.objects.exists()


def test_a_private_page_gets_no_link(client, page, editor):
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    client.force_login(editor)
    response = client.post(preview_links.links_url(draft(page)), {"days": "7"})
    assert response.status_code == 422
    assert "This page is private." in response.content.decode()


def test_a_page_without_a_saved_version_gets_no_link(page, editor):
    page.revisions.all().delete()
    page = StandardPage.objects.get(pk=page.pk)
    assert page.latest_revision is None
    with pytest.raises(preview_links.ValidationError, match="Save a draft first"):
        preview_links.create_link(page, by=editor, days=7)


def test_nobody_shares_what_they_may_not_edit(client, link, page):
    row = PreviewComment.objects.create(link=link, name="Grace", text="Wrong year.")
    stranger = UserFactory(role="Job board")
    client.force_login(stranger)
    urls = [
        preview_links.links_url(page),
        reverse("preview_link_revoke", args=[link.pk]),
        reverse("preview_comment_delete", args=[row.pk]),
    ]
    for url in urls:
        assert client.post(url, {"days": "7"}).status_code in {302, 403}
    assert client.get(urls[0]).status_code in {302, 403}
    link.refresh_from_db()
    assert PreviewLink.objects.count() == PreviewComment.objects.count() == 1
    assert link.revoked_at is None
    with pytest.raises(preview_links.PermissionDenied):
        preview_links.create_link(page, by=stranger, days=7)


def test_an_editor_revokes_a_link_by_post(client, link, editor):
    client.force_login(editor)
    url = reverse("preview_link_revoke", args=[link.pk])
    assert client.get(url).status_code == 405
    assert client.post(url, {"next": reverse("health_preview-links")}).url == reverse("health_preview-links")
    client.post(url)
    link.refresh_from_db()
    assert link.revoked_by == editor
    assert PageLogEntry.objects.filter(action=preview_links.REVOKE_ACTION).count() == 1
    assert client.get(path_of(link)).status_code == 410


def test_an_editor_deletes_a_comment(client, link, editor):
    row = PreviewComment.objects.create(link=link, name="Grace", text="Wrong year.")
    client.force_login(editor)
    client.post(reverse("preview_comment_delete", args=[row.pk]))
    assert not PreviewComment.objects.exists()


def test_the_list_shows_links_to_what_the_user_may_edit(client, link, editor):
    release = ReleaseFactory(name="Python 3.99.0")
    release.save_revision()
    release.refresh_from_db()
    manager = UserFactory(role="Release managers")
    preview_links.create_link(release, by=manager, days=1)
    url = reverse("health_preview-links")

    def titles(user, **filters):
        client.force_login(user)
        return {row.title for row in client.get(url, filters).context["object_list"]}

    assert titles(editor) == {"Secret plan"}
    assert titles(manager) == {"Python 3.99.0"}
    assert titles(UserFactory(is_superuser=True)) == {"Secret plan", "Python 3.99.0"}
    assert titles(editor, state="active", recipient="board", created_by="ada") == {"Secret plan"}
    assert titles(editor, state="revoked") == titles(editor, state="expired") == titles(editor, created_by="x") == set()
    client.force_login(UserFactory(role="Job board"))
    assert client.get(url).status_code in {302, 403}
    client.force_login(editor)
    assert b"Board" in b"".join(client.get(url, {"export": "csv"}).streaming_content)


def test_the_number_of_queries_does_not_grow_with_the_links(client, link, editor, django_assert_max_num_queries):
    client.force_login(editor)
    for url in (reverse("health_preview-links"), preview_links.links_url(link.thing)):
        client.get(url)
        with django_assert_max_num_queries(200) as few:
            client.get(url)
        for number in range(5):
            row = preview_links.create_link(link.thing, by=UserFactory(role="Content editors"), days=7)
            PreviewComment.objects.create(link=row, name=str(number), text="x")
        with django_assert_max_num_queries(len(few)):
            client.get(url)


# Retention


def test_links_and_comments_are_deleted_after_the_retention_period(link, page, editor, settings):
    long_ago = timezone.now() - timedelta(days=settings.PERSONAL_DATA_DAYS + 1)
    old, revoked, expired = (preview_links.create_link(link.thing, by=editor, days=7) for _ in range(3))
    PreviewComment.objects.create(link=old, name="Grace", text="x")
    PreviewLink.objects.filter(pk=old.pk).update(expires_at=long_ago)
    PreviewLink.objects.filter(pk=revoked.pk).update(revoked_at=long_ago)
    PreviewLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    anonymize_personal_data.call()
    assert set(PreviewLink.objects.all()) == {link, expired}
    assert not PreviewComment.objects.exists()
    expired.refresh_from_db()
    link.refresh_from_db()
    assert expired.content == {}
    assert link.content["title"] == "Secret plan"


def test_a_version_with_an_active_link_is_not_pruned(link, page):
    draft(page, "Next plan")
    noon = timezone.now().replace(hour=12) - timedelta(days=milestones.DAYS_OF_ALL + 2)
    for title, at in (("Secret plan", noon), ("Next plan", noon + timedelta(hours=1))):
        Revision.objects.filter(object_id=str(page.pk), content__title=title).update(created_at=at)
    assert link.revision_id not in set(milestones.prunable())
    PreviewLink.objects.update(expires_at=noon)
    assert link.revision_id in set(milestones.prunable())
