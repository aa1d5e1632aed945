"""“Was this page helpful?”: the question on pages, the answers of readers, and the lists of staff."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.content import public_forms
from cms.content.models.settings import SiteSettings
from cms.editor.reports import PageFeedbackReport
from cms.editor.tasks import anonymize_personal_data
from cms.moderation import feedback
from cms.moderation.models import PageFeedback
from home.models import GuidePage, StandardPage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
QUESTION = "Was this page helpful?"


@pytest.fixture
def page(demo_site):
    return StandardPage.objects.get(slug="pip")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)


def answer(client, page, *, helpful="no", **headers):
    return client.post("/feedback/", {"page": page.pk, "helpful": helpful}, headers=headers)


def comment(client, url, text="The third step fails on macOS."):
    opened = client.get(url).context["form"]["opened"].value()
    return client.post(url, {"comment": text, "opened": opened})


def test_guides_and_pages_of_the_documentation_ask(client, page):
    guide = GuidePage.objects.live().first()
    for url in (page.url, "/doc/", guide.url):
        html = client.get(url).content.decode()
        assert html.count(QUESTION) == 1, url
        assert "csrfmiddlewaretoken" not in html
    for url in ("/", "/psf/", "/downloads/", "/doc/nowhere/"):
        assert QUESTION not in client.get(url).content.decode(), url


def test_staff_choose_the_sections_that_ask(client, page):
    SiteSettings.objects.update(feedback_sections="dev psf")
    assert QUESTION not in client.get(page.url).content.decode()
    assert QUESTION in client.get("/psf/").content.decode()
    assert answer(client, page).status_code == 404


def test_the_question_is_the_same_for_everybody(client, page):
    first, second = client.get(page.url), client.get(page.url)
    assert first.content == second.content
    assert "public" in first["Cache-Control"]
    assert not first.cookies


def test_a_reader_answers_and_comments_without_a_cookie(client, page, quick):
    response = answer(client, page)
    assert response.status_code == 302
    form = client.get(response.url)
    assert "What was missing or wrong?" in form.content.decode()
    assert "no-store" in form["Cache-Control"]
    sent = comment(client, response.url)
    thanks = client.get(sent.url)
    assert "We have received your comment." in thanks.content.decode()
    assert f'href="{page.url}"' in thanks.content.decode()
    assert not client.cookies
    row = PageFeedback.objects.get()
    assert (row.page_id, row.helpful, row.comment) == (page.pk, False, "The third step fails on macOS.")


def test_a_comment_is_written_once(client, page, quick):
    url = answer(client, page, helpful="yes").url
    opened = client.get(url).context["form"]["opened"].value()
    client.post(url, {"comment": "Thanks", "opened": opened})
    client.post(url, {"comment": "Something else", "opened": opened})
    assert PageFeedback.objects.get().comment == "Thanks"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_pages_of_other_sites_cannot_answer(client, page, headers):
    assert answer(client, page, **headers).status_code == 403
    url = answer(client, page, **{"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}).url
    assert client.post(url, {"comment": "Spam"}, headers=headers).status_code == 403
    assert PageFeedback.objects.get().comment == ""


@pytest.mark.parametrize("changed", [{"helpful": "maybe"}, {"page": "x"}, {"page": 10**9}, {"page": 1}])
def test_answers_that_no_page_sends_are_refused(client, page, changed):
    assert client.post("/feedback/", {"page": page.pk, "helpful": "yes"} | changed).status_code == 404
    assert not PageFeedback.objects.exists()


def test_unpublished_pages_take_no_answer(client, page):
    page.unpublish()
    assert answer(client, page).status_code == 404


def test_one_address_cannot_fill_the_list(client, page, monkeypatch):
    monkeypatch.setattr(feedback.FeedbackForm, "per_hour", 2)
    assert [answer(client, page).status_code for _ in range(3)] == [302, 302, 429]
    assert PageFeedback.objects.count() == 2


@pytest.mark.parametrize("url", ["/feedback/1/", "/feedback/MQ:1abc:x/"])
def test_the_url_of_a_comment_cannot_be_guessed(client, page, url):
    answer(client, page)
    assert client.get(url).status_code == 404


def test_spam_in_a_comment_is_refused(client, page, quick):
    url = answer(client, page).url
    opened = client.get(url).context["form"]["opened"].value()
    refused = client.post(url, {"comment": "Buy", "opened": opened, "website_two": "x"})
    assert refused.status_code == 422
    assert "looks like spam" in refused.content.decode()


def test_the_content_owner_reads_the_answers_beside_the_page(client, page):
    PageFeedback.objects.create(page=page, helpful=False, comment="<b>Step 3</b> fails.")
    PageFeedback.objects.create(page=page, helpful=True)
    client.force_login(UserFactory(role="Content editors"))
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "Yes: 1 · No: 1" in html
    assert "&lt;b&gt;Step 3&lt;/b&gt; fails." in html
    assert "All feedback on this page" in html
    other = StandardPage.objects.live().exclude(pk=page.pk).first()
    assert QUESTION not in client.get(reverse("wagtailadmin_pages:edit", args=[other.pk])).content.decode()


def test_staff_filter_the_feedback_on_their_pages(client, page):
    page.content_owner = UserFactory(username="grace")
    page.save()
    PageFeedback.objects.create(page=page, helpful=False, comment="Step 3 fails.")
    PageFeedback.objects.create(page=GuidePage.objects.first(), helpful=True, comment="Very clear.")
    PageFeedback.objects.create(page=page, helpful=True)
    client.force_login(UserFactory(role="Content editors"))
    url = reverse("health_page-feedback")

    def listed(**filters):
        return [row.comment for row in client.get(url, filters).context["object_list"]]

    assert sorted(listed()) == ["", "Step 3 fails.", "Very clear."]
    assert sorted(listed(owner_name="grace")) == ["", "Step 3 fails."]
    assert listed(helpful="false") == ["Step 3 fails."]
    assert sorted(listed(commented="true")) == ["Step 3 fails.", "Very clear."]
    assert listed(commented="false") == [""]
    assert PageFeedbackReport.count() == 1


def test_staff_delete_feedback(client, page):
    row = PageFeedback.objects.create(page=page, helpful=False, comment="My phone number is 555 0100.")
    url = reverse("page_feedback_detail", args=[row.pk])
    client.force_login(UserFactory(role="Job board"))
    assert client.post(url).status_code in {302, 403}
    assert PageFeedback.objects.exists()
    client.force_login(UserFactory(role="Content editors"))
    assert "My phone number is 555 0100." in client.get(url).content.decode()
    assert client.post(url).url == reverse("health_page-feedback")
    assert not PageFeedback.objects.exists()


def test_feedback_is_deleted_after_the_retention_period(page, settings):
    old = timezone.now() - timedelta(days=settings.PERSONAL_DATA_DAYS + 1)
    for sent in (old, timezone.now()):
        PageFeedback.objects.filter(pk=PageFeedback.objects.create(page=page, helpful=True).pk).update(created_at=sent)
    anonymize_personal_data.call()
    assert PageFeedback.objects.get().created_at > old
