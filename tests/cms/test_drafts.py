"""Drafts of older versions: the published version stays live when an older one is restored and scheduled."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision

from cms.content.models.drafts import StaysLiveMixin
from home.models import HomePage, StandardPage
from tests.factories.cms import BannerFactory
from tests.factories.events import EventFactory

pytestmark = pytest.mark.django_db
WITH_DRAFTS = [model for model in apps.get_models() if issubclass(model, DraftStateMixin) and model is not Page]


@pytest.mark.parametrize("model", WITH_DRAFTS, ids=lambda model: model._meta.label)
def test_every_model_with_drafts_stays_live(model):
    assert issubclass(model, StaysLiveMixin)


def make_page():
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable."))
    return home.add_child(instance=StandardPage(title="About", slug="about"))


@pytest.mark.parametrize("make", [make_page, EventFactory, BannerFactory])
def test_scheduling_the_first_version_again_takes_nothing_off_the_site(make):
    row = make()
    first = row.save_revision()
    first.publish()
    first = Revision.objects.get(pk=first.pk)
    restored = first.as_object()
    restored.go_live_at = timezone.now() + timedelta(days=1)
    restored.save_revision(previous_revision=first).publish()
    row = type(row).objects.get(pk=row.pk)
    assert (row.live, row.live_revision) == (True, first)
