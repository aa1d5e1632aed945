"""Demo jobs. The companies, people and jobs are fictitious."""

from datetime import timedelta

from django.utils import timezone
from wagtail.models import Page

from jobs.models import Job, JobBoardSettings, JobCategory, JobsPage, JobType, Status

CATEGORIES = {
    "developer": "Developer / Engineer",
    "data": "Data analyst or data scientist",
    "operations": "Operations",
    "teaching": "Educator",
    "research": "Researcher / Scientist",
}
TYPES = {
    "back-end": "Back end",
    "big-data": "Big data",
    "cloud": "Cloud",
    "machine-learning": "Machine learning",
    "testing": "Testing",
    "web": "Web",
}
NO, COUNTRY, WORLDWIDE = Job.Remote.NO, Job.Remote.COUNTRY, Job.Remote.WORLDWIDE
JOBS = [
    # title, company, city, country, remote, category, fields, salary (from, to, currency), days ago
    (
        "Back-end developer",
        "Harbor Analytics",
        "Hamburg",
        "DE",
        COUNTRY,
        "developer",
        "back-end web",
        (62_000, 78_000, "EUR"),
        2,
    ),
    (
        "Data engineer, hydrology",
        "Tidewater Maps",
        "Rotterdam",
        "NL",
        NO,
        "data",
        "big-data cloud",
        (58_000, 72_000, "EUR"),
        3,
    ),
    ("Platform engineer", "Copperleaf Hosting", "Toronto", "CA", WORLDWIDE, "operations", "cloud testing", None, 5),
    (
        "Machine learning engineer",
        "Lantern Health",
        "Boston",
        "US",
        COUNTRY,
        "data",
        "machine-learning",
        (140_000, 170_000, "USD"),
        8,
    ),
    ("Разработчик на Python", "Северный Ветер", "Алматы", "KZ", NO, "developer", "back-end", None, 11),
    ("Programming teacher", "Pebble School", "Nairobi", "KE", NO, "teaching", "web", None, 14),
    ("Test automation engineer", "Fjord Instruments", "Bergen", "NO", NO, "developer", "testing", (720_000, None, "NOK"), 19),
    (
        "Research software engineer",
        "Institute for Quiet Oceans",
        "Lisbon",
        "PT",
        COUNTRY,
        "research",
        "machine-learning",
        None,
        24,
    ),
    ("Webアプリ開発者", "青空ソフト", "京都", "JP", NO, "developer", "web", (6_000_000, 8_500_000, "JPY"), 33),
    ("Site reliability engineer", "Saffron Payments", "Pune", "IN", COUNTRY, "operations", "cloud back-end", None, 41),
    ("Junior developer", "Green Ledger", "Melbourne", "AU", NO, "developer", "web testing", (75_000, 85_000, "AUD"), 47),
    ("Geospatial data analyst", "Andes Cartography", "Quito", "EC", WORLDWIDE, "data", "big-data", None, 55),
]
# Jobs in the moderation queue: title, company, city, country, and days since submission.
WAITING = [
    ("Python developer, school scheduling", "Chalk and Clock", "Ljubljana", "SI", 6),
    ("Energy market analyst", "North Grid", "Aarhus", "DK", 3),
    ("Maintainer of scientific libraries", "Open Telescope Group", "La Serena", "CL", 1),
]
DESCRIPTION = """\
You will join a team of six that has used Python for many years in its services, internal tools and reports.

## What you will do

- Build and operate services written in Python.
- Review code and have your code reviewed.
- Talk to the people who use your work.

We work in small steps and release **every week**.
"""
REQUIREMENTS = """\
- Two years of professional experience with Python, or a portfolio of projects.
- Experience with automated tests.
- Clear written and spoken English.
"""
ABOUT = "We are a team of 40, founded eleven years ago. Our internal tools are open source."


def make_pages(home: Page) -> None:
    """Create the landing page of the job board under the home page."""
    home.add_child(instance=JobsPage(title="Python jobs", slug="jobs", show_in_menus=True))


def fill() -> None:
    """Create categories, job types and jobs, unless jobs exist."""
    if Job.objects.exists():
        return
    JobBoardSettings.load()
    categories = {slug: JobCategory.objects.create(slug=slug, name=name) for slug, name in CATEGORIES.items()}
    types = {slug: JobType.objects.create(slug=slug, name=name) for slug, name in TYPES.items()}
    now = timezone.now()
    for title, company, city, country, days in WAITING:
        sent = now - timedelta(days=days)
        job = Job(
            title=title,
            company_name=company,
            city=city,
            country=country,
            category=categories["developer"],
            description=DESCRIPTION,
            requirements=REQUIREMENTS,
            email="jobs@example.org",
            url="https://example.org/jobs/",
            status=Status.REVIEW,
            created_at=sent,
            submitted_at=sent,
            queued_at=sent,
        )
        job.save()
        job.save_revision(clean=False)
    for title, company, city, country, remote, category, fields, salary, days in JOBS:
        low, high, currency = salary or (None, None, "")
        posted = now - timedelta(days=days)
        job = Job(
            title=title,
            company_name=company,
            company_description=ABOUT,
            city=city,
            country=country,
            remote=remote,
            category=categories[category],
            job_types=[types[slug] for slug in fields.split()],
            salary_min=low,
            salary_max=high,
            salary_currency=currency,
            salary_period=Job.Period.YEAR if salary else "",
            description=DESCRIPTION,
            requirements=REQUIREMENTS,
            contact="Hiring team",
            email="jobs@example.org",
            url="https://example.org/jobs/",
            is_featured=days == JOBS[0][-1],
            status=Status.APPROVED,
            created_at=posted,
            submitted_at=posted - timedelta(days=1),
            queued_at=posted - timedelta(days=1),
            answered_at=posted,
            approved_at=posted,
            expires_at=posted + timedelta(days=90),
        )
        job.save()
        job.save_revision(clean=False)
