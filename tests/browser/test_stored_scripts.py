"""Scripts stored in every text column run nowhere: not on pages, in the admin, in previews, in emails or in JSON-LD."""

import json
import re

import pytest
from django.core import mail
from django.test import Client

from tests.databases import fill
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory
from tests.pydotorg.test_hostile_corpus import poison
from tests.pydotorg.test_routes import Demo, routes

pytestmark = pytest.mark.django_db(transaction=True)
RUN = "document.documentElement.dataset.xss=1"
PAYLOAD = f"</script><script>{RUN}</script>\"'><img src=x onerror={RUN}>"
JSON_LD = re.compile(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', re.DOTALL)


def is_page(address: str, client: Client) -> bool:
    response = client.get(address)
    is_html = response.status_code == 200 and response["Content-Type"].startswith("text/html")
    return is_html and b"<html" in b"".join(response.streaming_content if response.streaming else [response.content])[:2000]


@pytest.mark.parametrize("step", [10, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_stored_script_runs_nowhere(live_server, page, log_in, client, django_capture_on_commit_callbacks, step):
    """The nightly run opens every page and screen, `make test-full` one in ten."""
    fill()
    demo = Demo()
    assert poison(PAYLOAD) > 60
    admin = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(admin)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    skipped = re.compile(r"failwhale|logout|sprite|jsi18n|styleguide|openapi|/docs")
    addresses = sorted({demo.address(route) for route in routes()})[::step]
    chosen = [address for address in addresses if not skipped.search(address) and is_page(address, client)]
    public = [address for address in chosen if not address.startswith("/admin/")]
    inside = [address for address in chosen if address.startswith("/admin/")]
    # Lists, forms and previews of each kind; the rest of the admin's screens differ in a button.
    inside = [
        address
        for address in inside
        if re.search(r"/edit/|/preview|/inspect|/history/|/queue/|/usage/", address) or address.count("/") < 6
    ]
    assert (len(public) > 40 / step, len(inside) > 100 / step) == (True, True), (len(public), len(inside))
    log_in(admin)
    ran = []
    for address in [*public, *inside]:
        page.goto(f"{live_server.url}{address}", wait_until="load")
        if page.evaluate("document.documentElement.dataset.xss"):
            ran.append(address)
    assert (ran, dialogs) == ([], [])
    for address in public:
        for text in JSON_LD.findall(client.get(address).content.decode()):
            json.loads(text)


def test_a_stored_script_runs_in_no_email(page, django_capture_on_commit_callbacks):
    fill()
    poison(PAYLOAD)
    poster = UserFactory(email="poster@example.org")
    JobFactory(status="draft", submitted_by=poster, title=PAYLOAD[:100], company_name=PAYLOAD[:100]).submit(by=poster)
    bodies = [body for message in mail.outbox for body, kind in getattr(message, "alternatives", []) if kind == "text/html"]
    assert mail.outbox
    for body in bodies:
        page.set_content(body)
        assert not page.evaluate("document.documentElement.dataset.xss")
