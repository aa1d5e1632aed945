"""Forms submitted with errors: the title starts with “Error:”, and the error summary receives the focus."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import signing
from django.template import Context, Template
from django.urls import reverse

from cms.editor import preview_links
from cms.moderation import feedback
from cms.moderation.models import PageFeedback
from home.models import StandardPage
from sponsors.models import State
from tests.factories.jobs import JobFactory
from tests.factories.psf import MembershipFactory
from tests.factories.sponsors import ContactFactory, SponsorshipFactory
from users.models import User

TEMPLATES = Path(settings.BASE_DIR / "templates")
SUMMARY = "components/form_errors.html"


def public_templates():
    return [file for file in TEMPLATES.rglob("*.html") if not {"admin", "wagtailadmin", "email"} & set(file.parts)]


def included(file: Path) -> set[str]:
    return set(re.findall(r"{% (?:include|extends) \"([^\"]+)\"", file.read_text()))


def test_each_template_with_fields_has_one_list_of_errors():
    """A part of a form (with fields and no form element) leaves the list to the templates that include it."""
    missing = []
    for file in public_templates():
        text = file.read_text()
        if "components/form_field.html" in text and "<form" in text and SUMMARY not in included(file):
            missing.append(str(file.relative_to(TEMPLATES)))
        assert "non_field_errors" not in text or file.name == "form_error_items.html", file
    assert missing == []


def test_pages_without_the_frame_have_no_fields():
    """Only base.html puts “Error:” into the title."""
    own = [file for file in public_templates() if "<title>" in file.read_text() and file.name != "base.html"]
    assert [file.name for file in own if "form_field.html" in file.read_text()] == []


def sponsorship_of(user):
    sponsorship = SponsorshipFactory(state=State.REVIEW)
    ContactFactory(sponsor=sponsorship.sponsor, user=user)
    return sponsorship


def comment_url(_user):
    answer = PageFeedback.objects.create(page=StandardPage.objects.live().first(), helpful=False)
    return reverse("page_feedback_comment", args=[signing.dumps(answer.pk, salt=feedback.SALT)])


def preview_comment_url(user):
    page = StandardPage.objects.live().first()
    page.save_revision()
    page.refresh_from_db()
    user.is_superuser = True
    link = preview_links.create_link(page, by=user, days=1)
    return reverse("preview_link_comment", args=[preview_links.get_token(link)])


FORMS = {
    "problem report": "/report-a-problem/",
    "comment on a page": comment_url,
    "comment on a preview": preview_comment_url,
    "sign-in": "/accounts/login/",
    "account": "/accounts/signup/",
    "password reset": "/accounts/password/reset/",
    "password": "/accounts/password/change/",
    "profile": "/users/edit/",
    "API key": "/users/keys/",
    "deletion": "/users/ana/delete/",
    "event": "/events/submit/",
    "job": "/jobs/create/",
    "message about a job": lambda user: f"/jobs/{JobFactory(submitted_by=user).pk}/comment/",
    "story": "/success-stories/create/",
    "membership": lambda user: MembershipFactory(user=user) and "/users/membership/edit/",
    "withdrawal": lambda user: f"/users/sponsorships/{sponsorship_of(user).pk}/withdraw/",
    "sponsor": lambda user: f"/users/sponsorships/sponsor/{sponsorship_of(user).sponsor_id}/",
}
ANONYMOUS = {"problem report", "comment on a page", "comment on a preview", "sign-in", "account", "password reset"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_with_errors(client, demo_site, name):
    user = User.objects.create_user("ana", email="ana@example.org", password="a-long-passphrase")
    url = FORMS[name] if isinstance(FORMS[name], str) else FORMS[name](user)
    if name not in ANONYMOUS:
        client.force_login(user)
    shown = client.get(url).content.decode() if name not in {"message about a job", "withdrawal"} else ""
    assert "<title>Error:" not in shown
    assert 'id="form-errors"' not in shown
    # A browser always sends something: the token.
    html = client.post(url, {"csrfmiddlewaretoken": "token"}).content.decode()
    assert re.search(r"<title>\s*Error:\s+\S", html), html[:600]
    summaries = re.findall(r"<div[^>]+id=\"form-errors\"[^>]*>.*?</ul>", html, re.DOTALL)
    assert len(summaries) == 1
    assert "autofocus" in summaries[0]
    assert 'tabindex="-1"' in summaries[0]
    for target in re.findall(r'href="#([^"]+)"', summaries[0]):
        assert f'id="{target}"' in html, target


def test_formsets_and_problems_count_as_errors():
    class Formset:
        total_error_count = 1
        non_form_errors = ("Add a contact.",)

        def __iter__(self):
            return iter([])

    render = Template('{% include "components/form_errors.html" with formset=formset problems=problems only %}').render
    assert "Add a contact." in render(Context({"formset": Formset()}))
    assert "No package." in render(Context({"problems": ["No package."]}))
    assert "callout" not in render(Context({}))
