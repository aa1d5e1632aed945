"""Pages for job posters: the form, their jobs and the renewal link."""

import re
import time
from io import BytesIO

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from jobs import emails
from jobs.models import Job, JobBoardSettings, JobComment, Status
from tests.factories.jobs import JobCategoryFactory, JobFactory, JobTypeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def _logged_in(client, poster):
    client.force_login(poster)


def errors(response):
    return {name: messages[0] for name, messages in response.context["form"].errors.items()}


def png(size=(40, 20)):
    file = BytesIO()
    Image.new("RGB", size).save(file, "PNG")
    return file.getvalue()


@pytest.mark.usefixtures("_logged_in")
def test_a_job_starts_as_a_draft_without_an_email(client, poster, typed, sent):
    typed["job_types"] = [JobTypeFactory().pk]
    responses = []
    assert sent(lambda: responses.append(client.post("/jobs/create/", typed))) == []
    job = Job.objects.get()
    assert responses[0].url == f"/jobs/{job.pk}/preview/"
    assert (job.status, job.submitted_by) == (Status.DRAFT, poster)
    assert [one.slug for one in job.job_types.all()] == ["web"]


@pytest.mark.usefixtures("_logged_in")
def test_sending_it_in_emails_the_board_once_and_says_thank_you(client, poster, sent):
    job = JobFactory(status=Status.DRAFT, submitted_by=poster)
    responses = []
    mails = sent(lambda: responses.append(client.post(f"/jobs/{job.pk}/submit/")))
    assert responses[0].url == "/jobs/thanks/"
    assert [mail.to for mail in mails] == [["jobs@python.org"]]
    assert Job.objects.get().status == Status.REVIEW
    assert "submitted for review" in client.get("/jobs/thanks/").content.decode()


@pytest.mark.usefixtures("_logged_in")
def test_the_same_form_sent_twice_makes_one_draft(client, typed):
    urls = {client.post("/jobs/create/", typed).url for _ in range(2)}
    assert Job.objects.count() == 1
    assert len(urls) == 1


BAD = [
    ("title", "<script>alert(1)</script>", "Use plain text or Markdown."),
    ("description", "Hello <iframe src=x>", "Use plain text or Markdown."),
    ("city", "<img onerror=alert(1) src=x>", "Use plain text or Markdown."),
    ("contact", "<SCRIPT>", "Use plain text or Markdown."),
    ("company_description", "</script>", "Use plain text or Markdown."),
    ("description", "x" * 1024 * 1024, "Enter at most 20000 characters (currently 1048576)."),
    ("url", "javascript:alert(1)", "Enter a URL that starts with https://, for example https://example.org/careers."),
    ("url", "ftp://example.org/", "Enter a URL that starts with https://, for example https://example.org/careers."),
    ("url", "no address", "Enter a URL that starts with https://, for example https://example.org/careers."),
    ("email", "nobody", "Enter a valid email address."),
    ("country", "XX", "Select a valid choice."),
    ("category", "999", "Select a valid choice."),
    ("title", "", "This field is required."),
    ("website_two", "https://spam.example", "This looks like spam."),
    ("salary_min", "-5", "Ensure this value is greater than or equal to 0."),
    ("salary_min", "99999999999999999999", "Ensure this value is less than or equal to"),
]


@pytest.mark.usefixtures("_logged_in")
@pytest.mark.parametrize(("name", "value", "sentence"), BAD)
def test_bad_input_is_refused_with_a_sentence_and_nothing_is_lost(client, typed, name, value, sentence):
    response = client.post("/jobs/create/", typed | {name: value})
    assert response.status_code == 200
    assert errors(response).get(name, errors(response).get("__all__", "")).startswith(sentence)
    assert not Job.objects.exists()
    kept = response.context["form"]
    assert kept["requirements"].value() == typed["requirements"]
    assert kept[name].value() == value


@pytest.mark.usefixtures("_logged_in")
@pytest.mark.parametrize(
    ("salary", "field", "sentence"),
    [
        ({"salary_min": 80, "salary_max": 60, "salary_currency": "EUR", "salary_period": "hour"}, "salary_max", "maximum salary"),
        ({"salary_min": 80}, "salary_currency", "Enter the currency"),
        ({"salary_min": 80, "salary_currency": "€", "salary_period": "hour"}, "salary_currency", "three-letter currency code"),
    ],
)
def test_a_salary_that_makes_no_sense_is_refused(client, typed, salary, field, sentence):
    assert sentence in errors(client.post("/jobs/create/", typed | salary))[field]


@pytest.mark.usefixtures("_logged_in")
def test_a_logo_is_an_image_of_moderate_size(client, typed):
    def send(name, content):
        return client.post("/jobs/create/", typed | {"title": name, "logo_file": SimpleUploadedFile(name, content)})

    assert "not an image" in errors(send("logo.png", b"<svg onload=alert(1)>"))["logo_file"]
    assert "The limit is 1 MB" in errors(send("logo.png", png() + b"\0" * 1024 * 1024))["logo_file"]
    send("good.png", png())
    assert Job.objects.get().logo.title == "Logo of Harbor Analytics"


@pytest.mark.usefixtures("_logged_in")
def test_a_form_that_was_open_for_days_is_taken_the_second_time(client, typed, monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 200_000)
    response = client.post("/jobs/create/", typed)
    assert "open for too long" in errors(response)["__all__"]
    stamp = re.search(r'name="opened" value="([^"]+)"', response.content.decode())[1]
    monkeypatch.setattr(time, "time", lambda: now + 200_010)
    assert client.post("/jobs/create/", typed | {"opened": stamp}).status_code == 302


def test_people_without_an_account_log_in_first(client):
    assert client.get("/jobs/create/").url == "/accounts/login/?next=/jobs/create/"
    assert client.get("/jobs/create/?next=https://evil.example/").url == "/accounts/login/?next=/jobs/create/"


@pytest.mark.parametrize("path", ["/jobs/create/", "/jobs/{pk}/edit/"])
def test_text_that_is_sent_after_the_session_has_ended_is_kept(client, poster, typed, path):
    path = path.format(pk=JobFactory(status=Status.DRAFT, submitted_by=poster).pk)
    poster.set_password("a long secret")
    poster.save()
    poster.emailaddress_set.create(email=poster.email, verified=True, primary=True)
    typed |= {"title": "Typed for an hour", "job_types": [JobTypeFactory().pk]}
    response = client.post(path, typed)
    assert response.url == f"/accounts/login/?next={path}"
    response = client.post(response.url, {"login": "poster", "password": "a long secret"}, follow=True)
    assert response.redirect_chain[-1][0] == path
    assert "Typed for an hour" in response.content.decode()
    assert "Your text is saved" in response.content.decode()
    form = response.context["form"]
    again = {name: form[name].value() for name in form.fields if form[name].value() is not None and name != "logo_file"}
    client.post(path, again | {"opened": typed["opened"]})
    assert Job.objects.filter(title="Typed for an hour").exists()


def test_a_flood_of_kept_text_stops(client, typed):
    for _ in range(21):
        response = client.post("/jobs/create/", typed, follow=True)
    assert "We received too many submissions" in response.content.decode()


@pytest.mark.usefixtures("_logged_in")
def test_the_form_shows_the_rules_and_what_is_known_of_the_last_job(client, poster):
    JobFactory(submitted_by=poster, company_name="Known & Co")
    JobBoardSettings.objects.update_or_create(pk=JobBoardSettings.load().pk, defaults={"rules": "- Be **kind**."})
    html = client.get("/jobs/create/").content.decode()
    assert "<li>Be <strong>kind</strong>.</li>" in html
    assert "Known &amp; Co" in html
    assert "no-store" in client.get("/jobs/create/")["Cache-Control"]


@pytest.mark.usefixtures("_logged_in")
def test_the_live_preview_shows_unfinished_text_and_runs_nothing(client):
    html = client.post("/jobs/render/", {"description": "**Bold** <script>alert(1)</script>"}).content.decode()
    assert "<strong>Bold</strong>" in html
    assert "<script" not in html


@pytest.mark.usefixtures("_logged_in")
def test_a_draft_is_changed_and_stays_a_draft(client, poster, typed):
    job = JobFactory(status=Status.DRAFT, submitted_by=poster)
    client.post(f"/jobs/{job.pk}/edit/", typed | {"title": "Better"})
    job.refresh_from_db()
    assert (job.title, job.status) == ("Better", Status.DRAFT)


@pytest.mark.usefixtures("_logged_in")
def test_a_job_in_review_is_changed_in_its_place(client, waiting, typed):
    place, seen = waiting.queued_at, waiting.latest_revision_id
    client.post(f"/jobs/{waiting.pk}/edit/", typed | {"title": "Better"})
    waiting.refresh_from_db()
    assert (waiting.title, waiting.status, waiting.queued_at) == ("Better", Status.REVIEW, place)
    assert waiting.latest_revision_id != seen


@pytest.mark.usefixtures("_logged_in")
def test_a_change_of_a_live_job_stays_pending(client, poster, typed):
    job = JobFactory(submitted_by=poster)
    response = client.post(f"/jobs/{job.pk}/edit/", typed | {"title": "Better"}, follow=True)
    assert "Better" in response.content.decode()
    assert "Live, changes in review" in response.content.decode()
    assert "Better" not in Client().get(f"/jobs/{job.pk}/").content.decode()
    # A second edit continues from the first one.
    assert 'value="Better"' in client.get(f"/jobs/{job.pk}/edit/").content.decode()


@pytest.mark.usefixtures("_logged_in")
@pytest.mark.parametrize("status", [Status.EXPIRED, Status.ARCHIVED, Status.REMOVED])
def test_what_is_over_is_not_changed(client, poster, typed, status):
    job = JobFactory(submitted_by=poster, status=status)
    for response in (client.get(f"/jobs/{job.pk}/edit/", follow=True), client.post(f"/jobs/{job.pk}/edit/", typed, follow=True)):
        assert "cannot be edited" in response.content.decode()
    assert Job.objects.get().title == job.title


@pytest.mark.usefixtures("_logged_in")
@pytest.mark.django_db(transaction=True)
def test_my_jobs_says_how_each_stands(client, poster, moderator, django_assert_max_num_queries):
    job = JobFactory(submitted_by=poster, status=Status.REVIEW)
    job.reject(by=moderator, reason="Say what <Python> is for.")
    for status in Status:
        JobFactory(submitted_by=poster, status=status, title=f"One that is {status.label}")
    stranger = JobFactory(title="Of someone else")
    client.get("/jobs/mine/")
    client.get("/jobs/mine/")
    with django_assert_max_num_queries(10):
        html = client.get("/jobs/mine/").content.decode()
    assert "Say what &lt;Python&gt; is for." in html
    for status in Status:
        assert f"One that is {status.label}" in html
        assert f">{status.label}</span>" in html
    assert stranger.title not in html


@pytest.mark.usefixtures("_logged_in")
@pytest.mark.parametrize(
    ("act", "status", "after"),
    [
        ("fill", Status.APPROVED, Status.ARCHIVED),
        ("renew", Status.EXPIRED, Status.APPROVED),
        ("withdraw", Status.REVIEW, Status.REMOVED),
    ],
)
def test_one_button_each(client, poster, act, status, after):
    job = JobFactory(submitted_by=poster, status=status)
    assert f'action="/jobs/{job.pk}/{act}/"' in client.get("/jobs/mine/").content.decode()
    assert client.post(f"/jobs/{job.pk}/{act}/").url == "/jobs/mine/"
    job.refresh_from_db()
    assert job.status == after
    # A repeated action has no effect and shows a message.
    response = client.post(f"/jobs/{job.pk}/{act}/", follow=True)
    job.refresh_from_db()
    assert job.status == after
    assert act == "renew" or "This action is no longer available" in response.content.decode()


CHANGING = ["submit", "renew", "fill", "withdraw", "comment"]


@pytest.mark.usefixtures("_logged_in")
@pytest.mark.parametrize("act", CHANGING)
def test_opening_an_address_changes_nothing(client, poster, act):
    job = JobFactory(submitted_by=poster)
    assert client.get(f"/jobs/{job.pk}/{act}/").status_code == 405
    assert Job.objects.get().status == job.status


@pytest.mark.usefixtures("_logged_in")
def test_another_person_s_job_is_not_there(client, typed):
    job = JobFactory(status=Status.DRAFT)
    for path in ("edit", "preview"):
        assert client.get(f"/jobs/{job.pk}/{path}/").status_code == 404
    for path in [*CHANGING, "edit"]:
        assert client.post(f"/jobs/{job.pk}/{path}/", typed | {"text": "Hello"}).status_code == 404, path
    assert Job.objects.get().status == Status.DRAFT
    assert not JobComment.objects.exists()


@pytest.mark.parametrize("act", CHANGING)
def test_posting_requires_sign_in(client, act):
    job = JobFactory()
    assert client.post(f"/jobs/{job.pk}/{act}/").url.startswith("/accounts/login/")
    assert Job.objects.get().status == Status.APPROVED


def test_a_form_of_a_foreign_site_changes_nothing(poster):
    job = JobFactory(submitted_by=poster)
    client = Client(enforce_csrf_checks=True)
    client.force_login(poster)
    assert client.post(f"/jobs/{job.pk}/withdraw/").status_code == 403
    assert Job.objects.get().status == Status.APPROVED


@pytest.mark.usefixtures("_logged_in")
def test_a_message_needs_words(client, waiting):
    assert "Enter a message." in client.post(f"/jobs/{waiting.pk}/comment/", {"text": " "}, follow=True).content.decode()
    client.post(f"/jobs/{waiting.pk}/comment/", {"text": "Yes, it is <paid>."})
    assert "Yes, it is &lt;paid&gt;." in client.get(f"/jobs/{waiting.pk}/preview/").content.decode()


@pytest.mark.usefixtures("_logged_in")
def test_a_blocked_account_gets_a_sentence_and_keeps_its_text(client, poster, moderator, typed):
    JobFactory(submitted_by=poster, status=Status.REVIEW).remove(by=moderator)
    response = client.post("/jobs/create/", typed)
    assert "removed as spam" in errors(response)["__all__"]
    assert response.context["form"]["description"].value() == typed["description"]


def test_the_link_of_the_email_shows_one_button_and_works_once(client):
    job = JobFactory(status=Status.EXPIRED)
    path = reverse("jobs:job_renew_link", args=[emails.renew_token(job)])
    html = client.get(path).content.decode()
    assert html.count("<form") - html.count('role="search"') == 1
    assert Job.objects.get().status == Status.EXPIRED
    assert "is live" in client.post(path, follow=True).content.decode()
    end = Job.objects.get().expires_at
    assert "already been used" in client.post(path).content.decode()
    assert Job.objects.get().expires_at == end


def test_the_link_renews_nothing_that_was_filled(client, poster):
    job = JobFactory(submitted_by=poster)
    path = reverse("jobs:job_renew_link", args=[emails.renew_token(job)])
    job.fill(by=poster)
    assert "cannot be renewed" in client.post(path).content.decode()
    assert Job.objects.get().status == Status.ARCHIVED


def test_a_link_that_is_made_up_is_404(client):
    for token in ("made-up", signing.dumps([1, 2], salt="other")):
        assert client.get(f"/jobs/renew/{token}/").status_code == 404


@pytest.mark.usefixtures("_logged_in")
def test_what_left_the_offer_stays_with_its_jobs(client, poster):
    old = JobCategoryFactory(slug="old", name="Old category", active=False)
    job = JobFactory(status=Status.DRAFT, submitted_by=poster, category=old)
    assert "Old category" in client.get(f"/jobs/{job.pk}/edit/").content.decode()
    assert "Old category" not in client.get("/jobs/create/").content.decode()


def test_moderators_read_any_preview(client, moderator):
    job = JobFactory(status=Status.DRAFT)
    client.force_login(moderator)
    assert client.get(f"/jobs/{job.pk}/preview/?frame").status_code == 200
