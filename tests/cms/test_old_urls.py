"""URLs of earlier sites, and URLs that do not exist."""

import csv
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect

from cms.content import old_urls
from cms.content.models.missing_urls import MissingURL
from cms.platform import counting
from community import views as community
from downloads import views as downloads
from home.models import StandardPage
from tests.databases import fill
from tests.downloads.pages import FTP
from tests.factories.community import BlogEntryFactory, StoryPageFactory
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/help/", "/about/help/"),
        ("/helpdesk/", None),
        ("/security", "/dev/security/"),
        ("/news/security/", "/dev/security/"),
        ("/news/", "/blogs/"),
        ("/newsletter/", None),
        ("/audio/", "https://wiki.python.org/moin/Audio"),
        ("/audiobooks/", None),
        ("/sigs/db-sig/", "/community/sigs/"),
        ("/peps/pep-0008.html", "https://peps.python.org/pep-0008/"),
        ("/dev/peps/pep-0008/", "https://peps.python.org/pep-0008/"),
        ("/dev/peps/", "https://peps.python.org/"),
        ("/peps", "https://peps.python.org/"),
        ("/newjobs/", "/jobs/"),
        ("/download/mac/", "/downloads/macos/"),
        ("/pypi/pip", "https://pypi.org/pypi/pip"),
        ("/sf/1234", "https://bugs.python.org/issue1234"),
        ("/~guido/essays/", "https://gvanrossum.github.io/essays/"),
        ("/Jobs.html", "/jobs/"),
        ("/docs-landing/", "/doc/"),
        ("/inner/", "/"),
        ("/users/membership/thanks/", "/users/membership/"),
        ("/users/membership/delete/ada@example.org/", "/users/membership/"),
        ("/jobs/review/", "/admin/jobs/queue/"),
        ("/jobs/moderate/", "/admin/jobs/all/"),
        ("/jobs/7/remove/", "/admin/jobs/queue/7/"),
    ],
)
def test_old_urls_lead_on_and_their_neighbours_do_not(client, path, target):
    response = client.get(path)
    assert response.get("Location") == target
    assert response.status_code in ({301, 302} if target else {404})


# A request for each rule of the old web server, in its order.
RULES = list(csv.DictReader((Path(__file__).parent / "old_rules.csv").read_text().splitlines()))


@pytest.mark.parametrize("rule", RULES, ids=[rule["path"] for rule in RULES])
def test_each_rule_of_the_old_web_server_is_kept(client, rule):
    answer = client.get(rule["path"])
    assert (answer["Location"], str(answer.status_code)) == (rule["target"], rule["status"])
    assert len(RULES) == 73


def test_no_rule_leads_to_another_rule():
    with (settings.BASE_DIR / "cms" / "content" / "old_urls.csv").open(newline="") as table:
        targets = [row["target"] for row in csv.DictReader(table) if "\\" not in row["target"]]
    assert len(targets) > 55
    assert [target for target in targets if target.startswith("/") and old_urls.find(target)] == []


@pytest.mark.parametrize("label", ["spam", *downloads.BOXES, *community.BOXES])
def test_each_generated_box_is_served_from_data(client, label):
    release = ReleaseFactory(name="Python 3.14.2")
    ReleaseFileFactory(
        release=release, os=OSFactory(slug="source"), url=f"{FTP}3.14.2/Python-3.14.2.tar.xz", download_button=True
    )
    StoryPageFactory(title="Eggs", featured=True)
    BlogEntryFactory(title="Larch", published_at=timezone.now())
    answer = client.get(f"/box/{label}/")
    assert answer.status_code == (404 if label == "spam" else 200)
    words = {"supernav-python-blog": "Larch", "supernav-python-success-stories": "Eggs", "spam": "<html"}
    assert words.get(label, "3.14.2" if "active" not in label else "") in answer.content.decode()
    assert ("<html" in answer.content.decode()) == (label == "spam")


def test_a_redirect_without_a_target_says_that_the_page_is_gone(client):
    Redirect.add_redirect("/retired/", "/about/")
    Redirect.objects.update(redirect_link="")
    assert client.get("/retired/").status_code == 410
    assert not MissingURL.objects.exists()


def test_the_query_goes_along(client):
    assert client.get("/newjobs/?q=data")["Location"] == "/jobs/?q=data"


def test_a_page_goes_before_a_rule_and_a_move_leaves_a_redirect(client, django_capture_on_commit_callbacks):
    fill(pages_only=True)
    about = StandardPage.objects.get(slug="dev")
    page = about.add_sibling(pos="right", instance=StandardPage(title="Help", slug="help"))
    assert client.get("/help/").status_code == 200
    page.slug = "assistance"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()
    assert client.get("/help/")["Location"] == "/assistance/"
    with django_capture_on_commit_callbacks(execute=True):
        page.move(about, "last-child")
    assert client.get("/assistance/")["Location"] == "/dev/assistance/"


def test_missing_addresses_are_counted_without_a_write_for_each(client):
    for _ in range(5):
        client.get("/no/such/page/", headers={"referer": "https://example.org/"})
    row = MissingURL.objects.get()
    assert (row.path, row.hits, row.referrer) == ("/no/such/page/", 1, "https://example.org/")
    for path in ["/wp-login.php", "/static/x.css", "/api/v9/"]:
        client.get(path)
    assert MissingURL.objects.count() == 1


def test_a_scanner_does_not_fill_the_register():
    for number in range(counting.NEW_ROWS_PER_MINUTE + 20):
        old_urls.count_missing(f"/scan/{number}/")
    assert MissingURL.objects.count() == counting.NEW_ROWS_PER_MINUTE


def test_a_missing_address_becomes_a_redirect_in_one_click(client, admin_client):
    fill(pages_only=True)
    missing = MissingURL.objects.create(path="/old/quotes.html", hits=9)
    stranger = MissingURL.objects.create(path="/old/zebra/", hits=1)
    listing = admin_client.get(reverse("missing-urls_modeladmin_index")).content.decode()
    address = reverse("redirect_missing", args=[missing.pk])
    assert address in listing
    assert "/about/quotes/" in admin_client.get(address).content.decode()
    admin_client.post(address)
    assert client.get("/old/quotes.html")["Location"] == "/about/quotes/"
    assert not MissingURL.objects.filter(pk=missing.pk).exists()
    address = reverse("redirect_missing", args=[stranger.pk])
    assert "There is no page similar to /old/zebra/." in admin_client.get(address).content.decode()
    for wrong in ("about", "//evil.example", "javascript:alert(1)"):
        assert admin_client.post(address, {"target": wrong}).status_code == 422
    admin_client.post(address, {"target": "https://docs.python.org/3/"})
    assert client.get("/old/zebra/")["Location"] == "https://docs.python.org/3/"
