"""Public pages of the job board."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Page

from demo import jobs
from jobs.models import Job, JobType, Status
from tests.factories.jobs import JobFactory, JobTypeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def board():
    """Return the landing page of the job board in the page tree."""
    jobs.make_pages(Page.objects.get(depth=2))


def titles(response):
    return [job.title for job in response.context["page_obj"]]


def test_the_landing_page_lists_live_jobs(client, board):
    job = JobFactory(is_featured=True, salary_min=60_000, salary_currency="EUR", salary_period="year", remote="worldwide")
    JobFactory(status=Status.REVIEW, title="Secret")
    html = client.get("/jobs/").content.decode()
    for words in [
        job.title,
        "Harbor Analytics",
        "Hamburg, Germany",
        "from €60,000 per year",
        "Remote from anywhere",
        "Featured",
    ]:
        assert words in html
    assert "Secret" not in html


FILTERS = [
    ({"q": "pipelines"}, ["Here"]),
    ({"q": "Гамбург"}, ["There"]),
    ({"q": "nothing of this kind"}, []),
    ({"category": "developer"}, ["There", "Here"]),
    ({"category": "no-such"}, []),
    ({"type": "web"}, ["Here"]),
    ({"country": "jp"}, ["There"]),
    ({"location": "hamburg-germany"}, ["Here"]),
    ({"remote": "1"}, ["There"]),
    ({"salary": "1"}, ["Here"]),
    ({"remote": "1", "country": "DE"}, []),
    ({"page": "99"}, ["There", "Here"]),
    ({"page": "x"}, ["There", "Here"]),
]


@pytest.mark.parametrize(("query", "found"), FILTERS)
def test_the_list_is_filtered_by_its_address(client, board, django_capture_on_commit_callbacks, query, found):
    salary = {"salary_min": 1, "salary_currency": "EUR", "salary_period": "hour"}
    with django_capture_on_commit_callbacks(execute=True):
        JobFactory(title="Here", types=[JobTypeFactory()], approved_at=timezone.now() - timedelta(days=5), **salary)
        JobFactory(title="There", country="JP", city="Гамбург", remote="worldwide", description="Other", requirements="Other")
    response = client.get("/jobs/", query)
    assert titles(response) == found
    feed = client.get("/jobs/feed/rss/", query).content.decode()
    assert [title for title in ("There", "Here") if f"<title>{title}, Harbor" in feed] == found


@pytest.mark.parametrize(
    "words", ['")', "'; --", "a\x00b", "*", "NOT", "-", "(", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
)
@pytest.mark.proves("S2-48a")
def test_words_that_mean_something_to_a_database_find_nothing_and_break_nothing(client, board, words):
    JobFactory()
    assert client.get("/jobs/", {"q": words}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/jobs/types/",
        "/jobs/type/web/",
        "/jobs/categories/",
        "/jobs/category/developer/",
        "/jobs/locations/",
        "/jobs/location/hamburg-germany/",
        "/jobs/location/telecommute/",
        "/jobs/{pk}/",
        "/jobs/feed/rss/",
        "/jobs/feed/atom/",
        "/jobs/",
    ],
)
def test_public_pages_are_the_same_for_everybody(client, admin_client, board, path):
    job = JobFactory(types=[JobTypeFactory()], remote="country")
    response = client.get(path.format(pk=job.pk))
    assert response.status_code == 200
    assert job.title in response.content.decode() or path.endswith(("ies/", "types/", "locations/"))
    assert "public" in response["Cache-Control"]
    assert "jobs" in response["Surrogate-Key"].split()
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    if "feed" not in path:
        assert admin_client.get(path.format(pk=job.pk)).content == response.content
        assert response.content.count(b"<h1") == 1
    assert client.post(path.format(pk=job.pk)).status_code in {403, 405}


@pytest.mark.parametrize("path", ["/jobs/type/no/", "/jobs/category/no/", "/jobs/location/no/", "/jobs/999/", "/jobs/"])
def test_what_is_not_there_is_404(client, path):
    assert client.get(path).status_code == 404


def test_the_card_of_a_job_escapes_its_texts(client, board):
    JobFactory(title="<b>title", city="<b>city", region="<b>region", company_name="<b>company")
    html = client.get("/jobs/").content.decode()
    assert "<b>" not in html
    assert all(f"&lt;b&gt;{name}" in html for name in ("title", "city", "company"))


def test_types_without_a_live_job_are_not_offered(client):
    JobFactory(types=[JobTypeFactory()])
    JobType.objects.create(name="Nobody wants this", slug="nobody")
    html = client.get("/jobs/types/").content.decode()
    assert "Web" in html
    assert "Nobody wants this" not in html


def test_the_page_of_a_job(client):
    job = JobFactory(description="Build **it**.\n\n<b>No</b> [bad](javascript:alert(1))", types=[JobTypeFactory()])
    older = JobFactory(approved_at=timezone.now() - timedelta(days=9))
    html = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "<strong>it</strong>" in html
    assert "&lt;b&gt;No" in html
    assert "javascript:" not in html.split("</main>")[0].replace("[bad](javascript:alert(1))", "")
    assert f'<meta property="og:title" content="{job.title}, Harbor Analytics">' in html
    assert 'href="mailto:poster@example.org"' in html
    assert str(older) in html


def test_a_job_stands_between_the_live_ones_before_and_after_it(client):
    now = timezone.now()
    days = {"Oldest": 9, "Older": 8, "This": 7, "Newer": 6, "Newest": 5}
    jobs = {title: JobFactory(title=title, approved_at=now - timedelta(days=number)) for title, number in days.items()}
    JobFactory(title="Over", approved_at=now - timedelta(days=7, hours=-1), status=Status.EXPIRED)
    page = client.get(f"/jobs/{jobs['This'].pk}/")
    assert (page.context["newer"].title, page.context["older"].title) == ("Newer", "Older")
    assert client.get(f"/jobs/{jobs['Newest'].pk}/").context["newer"] is None


def test_remote_work_has_a_list_of_its_own(client):
    JobFactory(title="At the office")
    JobFactory(title="At home", remote="country")
    assert titles(client.get("/jobs/location/telecommute/")) == ["At home"]


def test_search_engines_read_a_job_as_a_job_posting(client):
    job = JobFactory(
        title="</script><script>alert(1)</script>",
        remote="country",
        salary_min=60_000,
        salary_max=70_000,
        salary_currency="EUR",
        salary_period="year",
    )
    html = client.get(f"/jobs/{job.pk}/").content.decode()
    block = html.split('<script type="application/ld+json">')[1].split("</script>")[0]
    data = json.loads(block)
    assert data["@type"] == "JobPosting"
    assert data["title"] == job.title
    assert data["jobLocation"]["address"] == {"@type": "PostalAddress", "addressLocality": "Hamburg", "addressCountry": "DE"}
    assert data["baseSalary"]["value"] == {
        "@type": "QuantitativeValue",
        "unitText": "YEAR",
        "minValue": 60_000,
        "maxValue": 70_000,
    }
    assert data["jobLocationType"] == "TELECOMMUTE"
    assert data["validThrough"] == job.expires_at.isoformat()


@pytest.mark.parametrize("status", [Status.EXPIRED, Status.ARCHIVED, Status.REMOVED])
def test_a_job_that_is_over_is_gone_and_leads_to_similar_ones(client, status):
    job, similar = JobFactory(status=status), JobFactory(title="Similar one")
    response = client.get(f"/jobs/{job.pk}/")
    assert response.status_code == 410
    assert "Similar one" in response.content.decode()
    assert similar.url not in response.content.decode()


def test_a_job_whose_time_is_over_is_gone_before_the_clock_comes_round(client):
    job = JobFactory(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/jobs/{job.pk}/").status_code == 410
    assert job.title not in client.get("/jobs/feed/rss/").content.decode()


def test_a_filled_job_says_so_for_ninety_days(client, poster):
    job = JobFactory(submitted_by=poster)
    job.fill(by=poster)
    response = client.get(f"/jobs/{job.pk}/")
    assert response.status_code == 200
    assert "This job has been filled" in response.content.decode()
    Job.objects.update(filled_at=timezone.now() - timedelta(days=91))
    assert client.get(f"/jobs/{job.pk}/").status_code == 410


@pytest.mark.parametrize("status", [Status.DRAFT, Status.REVIEW, Status.REJECTED])
def test_what_was_never_live_is_for_its_poster_and_moderators(client, poster, moderator, status):
    job = JobFactory(status=status, submitted_by=poster)
    assert client.get(f"/jobs/{job.pk}/").status_code == 404
    for user in (poster, moderator):
        client.force_login(user)
        assert client.get(f"/jobs/{job.pk}/", follow=True).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [200, pytest.param(5000, marks=pytest.mark.nightly)])
def test_a_list_needs_eight_queries_however_many_jobs_there_are(client, board, number, django_assert_max_num_queries):
    """Run outside a transaction, as requests of visitors do, so that fragments shared by all pages are cached."""
    job = JobFactory(types=[JobTypeFactory()], remote="country", salary_min=1, salary_currency="EUR", salary_period="hour")
    names = [field.name for field in Job._meta.concrete_fields if field.name != "id"]
    Job.objects.bulk_create(Job(**{name: getattr(job, name) for name in names}) for _ in range(number))
    filtered = "q=engineer&category=developer&type=web&country=DE&remote=1&salary=1"
    for path in ["/jobs/", f"/jobs/?{filtered}", "/jobs/type/web/", "/jobs/location/hamburg-germany/?page=3"]:
        client.get(path)
        with django_assert_max_num_queries(8):
            assert job.title in client.get(path).content.decode()


def test_the_feed_is_as_its_readers_know_it(client):
    for _ in range(22):
        JobFactory()
    newest = JobFactory(title="Newest & best", approved_at=timezone.now())
    response = client.get("/jobs/feed/rss/")
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    feed = response.content.decode()
    assert feed.count("<item>") == 20
    first = feed.split("<item>")[1]
    assert "<title>Newest &amp; best, Harbor Analytics</title>" in first
    assert f"/jobs/{newest.pk}/</link>" in first
    assert "<description>Hamburg, Germany\n" in first


def test_the_atom_feed_of_a_filter_says_which_one(client):
    feed = client.get("/jobs/feed/atom/", {"country": "DE", "remote": "1"}).content.decode()
    assert "<title>Python jobs: Germany, remote</title>" in feed


def test_a_job_without_a_country_adds_no_empty_choice(client, board):
    JobFactory(country="", remote="worldwide")
    html = client.get("/jobs/").content.decode()
    assert (
        html.count('<option value=""', html.index('id="job-country"'), html.index("</select>", html.index('id="job-country"')))
        == 1
    )


def test_apply_comes_before_the_text(client):
    html = client.get(JobFactory().get_absolute_url()).content.decode()
    assert html.index("Apply on the employer") < html.index('class="job-company"')
