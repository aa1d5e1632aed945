"""Tasks of visitors and staff on the running stack, through Varnish."""

import re
import secrets
import time
from datetime import datetime
from io import BytesIO
from urllib.parse import urljoin

import pytest
import requests
from PIL import Image

from tests.stack.site import STARTED, emails, until


def assets(page) -> set[str]:
    """Return the URLs of all files that a page loads."""
    found = {tag["src"] for tag in page.find_all(["img", "script"], src=True)}
    found |= {tag["href"] for tag in page.find_all("link", href=True) if set(tag["rel"]) & {"stylesheet", "icon", "preload"}}
    for tag in page.find_all(["img", "source"], srcset=True):
        found |= {entry.split()[0] for entry in tag["srcset"].split(",")}
    return found


@pytest.mark.proves("S1-03", "S1-09", "S2-55")
def test_the_front_page_arrives_with_all_its_files(visitor):
    page = visitor.page("/")
    assert page.h1
    found = assets(page)
    assert any(".css" in address for address in found)
    for address in found:
        response = visitor.get(address)
        assert response.status_code == 200, address
        assert response.content, address
        if ".css" in address:
            for inner in re.findall(r"url\([\"']?([^)\"']+)", response.text):
                if not inner.startswith(("data:", "#")):
                    assert visitor.get(urljoin(response.url, inner)).status_code == 200, inner


def test_pages_of_each_section_answer(visitor):
    for path in ("/downloads/", "/jobs/", "/events/", "/success-stories/", "/blogs/", "/about/", "/api/v2/downloads/os/"):
        assert visitor.get(path).status_code == 200, path


def test_the_image_names_its_version(visitor):
    health = visitor.get("/health").json()
    assert health["status"] == "OK"
    assert re.match(r"[0-9a-f]{40}", health["commit"])


def test_someone_signs_in_and_out(staff):
    assert "Sign out" in staff.get("/admin/").text


def test_an_uploaded_image_is_shown_through_the_proxy(staff, visitor):
    file = BytesIO()
    Image.effect_noise((900, 600), 80).convert("RGB").save(file, "PNG")
    title = f"Stack test {secrets.token_hex(4)}"
    sent = staff.submit(
        "/admin/images/add/",
        form="/images/add",
        title=title,
        description="Noise",
        files={"file": ("noise.png", file.getvalue(), "image/png")},
    )
    assert sent.status_code == 200, sent.text[:500]
    listed = staff.page(f"/admin/images/?q={title.replace(' ', '+')}")
    (picture,) = [tag for tag in listed.find_all("img") if "/media/images/" in tag["src"]][:1]
    response = visitor.get(picture["src"])
    assert response.status_code == 200, picture["src"]
    assert response.url.startswith(visitor.base), "Browsers reach media through the proxy."
    with Image.open(BytesIO(response.content)) as shown:
        assert shown.width <= 900
    # The store itself has no address that browsers are given.
    assert "X-Cache" in response.headers


def test_files_outside_of_media_are_not_served(visitor):
    for path in ("/media/../private/x", "/media/%2e%2e/private/x"):
        request = requests.Request("GET", visitor.base).prepare()
        request.url = f"{visitor.base}{path}"
        assert visitor.send(request, timeout=30).status_code == 404


def test_a_published_release_is_live_through_varnish(stack, staff, visitor):
    name = f"Python 3.99.{int(time.time()) % 10_000}"
    assert name not in visitor.get("/downloads/").text
    until("The page in the cache", lambda: visitor.get("/downloads/").headers["X-Cache"] == "HIT", seconds=30)
    sent = staff.submit(
        "/admin/downloads/releases/add/",
        form="/releases/add",
        **{"name": name, "release_date": "2026-01-01 12:00", "show_on_download_page": "on", "body-count": "0"},
        **{"action-publish": "action-publish"},
    )
    assert sent.status_code == 200, sent.text[:500]
    started = time.monotonic()
    until("The release on the page in front of Varnish", lambda: name in visitor.get("/downloads/").text)
    print(f"Live after {time.monotonic() - started:.1f} s.")
    # Workers check the same, and cannot reach BASE_URL from their containers. Search results may be six minutes old.
    sql = (
        "SELECT count(*) FILTER (WHERE place.status = 'live'), count(*) FROM cms_placecheck place "  # noqa: S608
        "JOIN cms_livecheck live_check ON live_check.id = place.live_check_id "
        f"WHERE live_check.title = '{name}' AND live_check.status = 'live' AND place.wait_minutes = 0"
    )

    def is_live_everywhere() -> bool:
        live, total = map(int, stack.query(sql).split("|"))
        return live == total > 0

    until("All places being live", is_live_everywhere, seconds=150)
    print(f"Live everywhere, as workers see it: {stack.query(sql).split('|')[1]} places.")


def test_no_publication_was_reported_as_late():
    """Publications of earlier tests are old enough for a report by now: it follows after three minutes."""
    received = [email for email in emails(to="admin@example.org") if datetime.fromisoformat(email["time"]) > STARTED]
    assert [email["subject"] for email in received if "Not live" in email["subject"]] == []


def test_a_job_is_submitted_and_approved_and_its_poster_gets_an_email(staff, poster, visitor):
    title = f"Engineer {secrets.token_hex(4)}"
    form = poster.page("/jobs/create/")
    category = [
        option["value"] for option in form.find("select", attrs={"name": "category"}).find_all("option") if option["value"]
    ]
    time.sleep(2.5)  # Faster than that only programs fill in a form.
    answer = {
        "title": title,
        "category": category[0],
        "description": "You build pipelines.",
        "requirements": "- Python",
        "country": "DE",
        "city": "Hamburg",
        "remote": "no",
        "company_name": "Harbour Analytics",
        "email": poster.email,
        "url": "https://example.org/jobs/",
        "opened": form.find("input", attrs={"name": "opened"})["value"],
    }
    draft = poster.submit("/jobs/create/", **answer)
    found = re.search(r"/jobs/(\d+)/preview/", draft.url)
    assert found, draft.text[:2000]
    number = found[1]
    assert poster.submit(f"/jobs/{number}/preview/", form=f"/jobs/{number}/submit/").status_code == 200
    assert visitor.get(f"/jobs/{number}/").status_code == 404
    approved = staff.submit(f"/admin/jobs/queue/?job={number}", form=f"/queue/{number}/action", action="approve")
    assert approved.status_code == 200
    until("The job being live", lambda: visitor.get(f"/jobs/{number}/").status_code == 200)
    until(
        "The email to the poster", lambda: [mail for mail in emails(to=poster.email) if title in mail["subject"] + mail["text"]]
    )
