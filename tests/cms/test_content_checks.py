"""Content checks: the userbar is in every preview and in no public page, and the patterns find what they should."""

import re

import pytest
from django.apps import apps
from wagtail.models import Page, PreviewableMixin

from cms.content.models.missing_urls import MissingURL
from cms.content.terms import CONTENT_TERMS
from cms.editor.content_checks import LATEST_VERSION, OWN_CHECKS, OwnChecks, rule_id
from cms.email.models import EmailTemplate
from sponsors.models import ContractTemplate, MessageTemplate
from tests.factories import cms, community, downloads, events, factory_of, jobs, psf, sponsors  # noqa: F401 -- makers of rows.
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
MODELS = [model for model in apps.get_models() if issubclass(model, PreviewableMixin) and model is not Page]
# Rows of the models that have no factory.
ROWS = {
    EmailTemplate: {"key": "jobs.approved", "subject": "Approved", "body": "Your job is live."},
    ContractTemplate: {"name": "Short", "body": "Thank you."},
    MessageTemplate: {"name": "Reminder", "subject": "Reminder", "body": "Please send the logo."},
}
USERBAR = "<wagtail-userbar>"


def row_of(model):
    row = model._default_manager.first()
    if row is None:
        row = (factory_of(model) or model._default_manager.create)(**ROWS.get(model, {}))
    return row


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_each_preview_contains_the_checks(client, demo_site, model):
    client.force_login(UserFactory(is_superuser=True))
    request = client.get("/admin/").wsgi_request
    row = row_of(model)
    for mode, _name in row.preview_modes:
        response = row.make_preview_request(request, mode, {"in_preview_panel": True})
        assert response.status_code == 200
        html = response.content.decode()
        assert html.count(USERBAR) == 1, mode
        assert "content-check-facts" in html


def test_public_pages_and_people_without_admin_rights_do_not_get_them(client, admin_client, demo_site):
    for visitor in (client, admin_client):
        assert USERBAR not in visitor.get("/").content.decode()


def test_the_rules_are_complete():
    checks = OwnChecks()
    rules = {rule["id"] for rule in checks.axe_custom_rules}
    for attribute in OWN_CHECKS:
        assert {rule_id(attribute)} <= rules & set(checks.axe_run_only) & checks.axe_messages.keys()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The latest version is Python 3.14.2.", True),
        ("Get the latest stable release, 3.14.", True),
        ("Python 3.14.2 is the latest version.", True),
        ("The newest Python 3.15.0 brings speed.", True),
        ("Get the latest version of Python.", False),
        ("Python 3.8 was released in 2019.", False),
        ("The latest news. Python 3.8 is old.", False),
    ],
)
def test_versions_written_by_hand_are_found(text, found):
    assert bool(re.search(LATEST_VERSION, text, re.IGNORECASE)) is found


@pytest.mark.parametrize(
    ("text", "found"), [("Send an e-mail.", True), ("Log in first.", True), ("Sign in. Send an email.", False)]
)
def test_terms_to_avoid_are_found(text, found):
    assert any(re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE) for pattern in CONTENT_TERMS) is found


def test_links_that_a_preview_tries_are_not_counted_as_missing(client):
    client.head("/no/such/page/", headers={"referer": "http://testserver/admin/pages/5/edit/preview/"})
    assert not MissingURL.objects.exists()
    client.get("/no/such/page/", headers={"referer": "http://testserver/about/"})
    assert MissingURL.objects.get().path == "/no/such/page/"
