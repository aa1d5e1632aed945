import pytest
from wagtail.models import Page, Site

from tests.databases import fill

pytestmark = pytest.mark.django_db


def test_a_page_reads_its_site_once_for_all_visitors(client, django_assert_max_num_queries):
    fill(pages_only=True)
    client.get("/about/")
    with django_assert_max_num_queries(15) as queries:
        client.get("/about/")
    assert not [query for query in queries if 'FROM "wagtailcore_site"' in query["sql"]]


@pytest.mark.proves("S3-44")
def test_a_change_of_the_site_counts_at_once(client):
    fill(pages_only=True)
    assert b"Readable code for the web" in client.get("/").content
    site = Site.objects.get()
    site.root_page = Page.objects.get(slug="about", depth=3)
    site.save()
    assert b"Readable code for the web" not in client.get("/").content
