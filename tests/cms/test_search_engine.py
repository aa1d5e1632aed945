"""Search on Elasticsearch, with a simulated server on the loopback interface."""

import logging

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Page

from home.models import StandardPage
from jobs.models import Job
from jobs.search import JobSearch
from tests.factories.jobs import JobFactory
from tests.servers import SearchServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with SearchServer() as server:
        use(settings, server.url)
        yield server


def use(settings, url):
    """Make a server the engine, as the settings do with SEARCH_URL."""
    settings.SEARCH_URL = url
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {
            "BACKEND": "cms.search.engine",
            "AUTO_UPDATE": True,
            "URLS": [url],
            "INDEX_PREFIX": "site_",
            "TIMEOUT": 2,
            "OPTIONS": {"max_retries": 1},
        }
    }


@pytest.fixture
def pages():
    home = Page.objects.get(depth=2)
    body = [("text", "<p>The wombat sleeps by day.</p>")]
    home.add_child(instance=StandardPage(title="Animals", slug="animals", body=body))
    home.add_child(instance=StandardPage(title="Draft of animals", slug="draft", body=body, live=False))
    home.add_child(instance=StandardPage(title="Plants", slug="plants", body=[("text", "<p>Moss.</p>")]))
    return home


def found(client, query):
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    return response.content.decode()


def test_an_index_is_made_filled_and_searched(server, pages, client):
    call_command("update_index", verbosity=0)
    index = server.aliases["site_wagtailcore_page"]
    assert server.mappings[index]["title"]["type"] == "text"
    assert {document["title"] for document in server.indices[index].values()} >= {"Animals", "Plants", "Draft of animals"}
    html = found(client, "wombat")
    assert 'href="/animals/"' in html
    assert "Draft of animals" not in html
    assert "/plants/" not in html


def test_what_is_saved_is_found_at_once(server, pages, client, django_capture_on_commit_callbacks):
    call_command("update_index", verbosity=0)
    plants = StandardPage.objects.get(slug="plants")
    plants.body = [("text", "<p>A quokka eats them.</p>")]
    with django_capture_on_commit_callbacks(execute=True):
        plants.save_revision().publish()
    assert 'href="/plants/"' in found(client, "quokka")


def test_jobs_are_found_with_filters_that_the_index_has_no_column_for(server):
    match = JobFactory(description="We mend telescopes.", remote=Job.Remote.WORLDWIDE)
    JobFactory(description="We mend telescopes.", status=Job.Status.REJECTED)
    JobFactory(description="We mend telescopes.", expires_at=timezone.now() - timezone.timedelta(days=1))
    JobFactory(description="We mend bicycles.")
    call_command("update_index", verbosity=0)
    jobs = Job.objects.visible()
    assert [job.pk for job in JobSearch(q="telescopes").filter(jobs)] == [match.pk]
    assert list(JobSearch(q="telescopes bicycles").filter(jobs)) == []


def test_an_engine_that_is_away_leaves_the_titles(pages, client, settings, caplog):
    with SearchServer() as server:
        pass
    use(settings, server.url)
    with caplog.at_level(logging.WARNING, logger="cms.search.engine"):
        html = found(client, "animals")
    assert 'href="/animals/"' in html
    assert "The search engine does not respond" in caplog.text


def test_an_engine_without_its_index_leaves_the_titles(server, pages, client):
    assert 'href="/animals/"' in found(client, "animals")


def test_a_page_is_saved_while_the_engine_is_away(pages, settings, django_capture_on_commit_callbacks):
    with SearchServer() as server:
        pass
    use(settings, server.url)
    plants = StandardPage.objects.get(slug="plants")
    with django_capture_on_commit_callbacks(execute=True):
        plants.save_revision().publish()
    plants.refresh_from_db()
    assert plants.live


def test_lists_of_the_admin_are_searched(server, pages, admin_client):
    call_command("update_index", verbosity=0)
    html = admin_client.get("/admin/pages/search/", {"q": "anim"}).content.decode()
    assert "Draft of animals" in html
    assert admin_client.get("/admin/images/", {"q": "wombat"}).status_code == 200
