"""Link check: render every public page and request each of its links."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.test import RequestFactory
from django.utils import timezone
from django.utils.functional import cached_property
from django_tasks import task
from wagtail.models import Page, Site

from cms.content.middleware import BY_OURSELVES
from cms.platform.fetching import FetchError, check
from cms.platform.schedules import scheduled

from .models import BrokenLink

MAX_REDIRECTS = 5
# Parts of the site for signed-in users.
NOT_FOR_VISITORS = ("/admin/", "/accounts/", "/authenticated")


class Ourselves:
    """Test client that requests this site in process, like a visitor."""

    def __init__(self, site: Site) -> None:
        self.root_url = site.root_url
        self.host = urlsplit(site.root_url).netloc
        self.known: dict[str, str] = {}

    @cached_property
    def handler(self) -> BaseHandler:
        handler = BaseHandler()
        handler.load_middleware()
        return handler

    def get(self, path: str) -> Any:
        headers: dict[str, Any] = {"HTTP_HOST": self.host, BY_OURSELVES: "yes"}
        request = RequestFactory().get(path, secure=self.root_url.startswith("https:"), **headers)
        return self.handler.get_response(request)

    def find_problem(self, url: str) -> str:
        """Return why a URL of this site is broken, or an empty string."""
        if url not in self.known:
            self.known[url] = self._ask(url)
        return self.known[url]

    def _ask(self, url: str) -> str:
        for _ in range(MAX_REDIRECTS):
            path = urlsplit(url)._replace(scheme="", netloc="").geturl() or "/"
            answer = self.get(path)
            # Not `close()`, which signals the end of a request and makes Django close this task's database connection.
            for close in answer._resource_closers:
                close()
            if answer.status_code >= 400:  # noqa: PLR2004 -- where HTTP's errors begin.
                return f"The page returned {answer.status_code}."
            if "Location" not in answer:
                return ""
            url = urljoin(f"{self.root_url}{path}", answer["Location"])
            if urlsplit(url).netloc != self.host:
                return ""
        return f"Redirects more than {MAX_REDIRECTS} times."


def links_of(html: str) -> Iterator[tuple[str, str]]:
    """Return the URL and the text of each link in the main content of a page."""
    for link in BeautifulSoup(html, "lxml").select("main a[href]"):
        yield str(link["href"]).strip(), " ".join(link.get_text().split())[:200]


def check_page(page: Page, site: Ourselves, elsewhere: dict[str, str]) -> None:
    """Store the broken links of a page, and delete those that work again."""
    answer = site.get(page.get_url() or "/")
    broken: dict[str, tuple[str, str, bool]] = {}
    for href, text in links_of(answer.content.decode()) if answer.status_code == 200 else []:  # noqa: PLR2004
        url = urldefrag(urljoin(page.full_url, href)).url
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.path.startswith(NOT_FOR_VISITORS):
            continue
        internal = parts.netloc == site.host
        reason = site.find_problem(url) if internal else find_external_problem(url, elsewhere)
        if reason:
            broken[href[:500]] = (reason, text, internal)
    BrokenLink.objects.filter(page=page).exclude(url__in=broken).delete()
    for url, (reason, text, internal) in broken.items():
        BrokenLink.objects.update_or_create(
            page_id=page.pk,
            url=url,
            defaults={"reason": reason, "text": text, "internal": internal, "checked_at": timezone.now()},
        )


def find_external_problem(url: str, known: dict[str, str]) -> str:
    if not settings.CHECK_EXTERNAL_LINKS:
        return ""
    if url not in known:
        try:
            check(url)
        except FetchError as error:
            known[url] = str(error)[:200]
        else:
            known[url] = ""
    return known[url]


@scheduled("10 4 * * *")
@task()
def check_links() -> None:
    """Check all links on all public pages every night."""
    default = Site.objects.filter(is_default_site=True).first()
    if default is None:
        return
    site = Ourselves(default)
    elsewhere: dict[str, str] = {}
    for page in Page.objects.live().public().descendant_of(default.root_page, inclusive=True).iterator(chunk_size=200):
        check_page(page, site, elsewhere)
