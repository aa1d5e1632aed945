import gc

import pytest
from wagtail.search.index import get_indexed_models
from wagtail_modeladmin.options import ModelAdmin

from cms.content import checks
from downloads.models import OS, Release
from home.models import StandardPage


@pytest.fixture
def _forget_local_classes():
    """Classes that a test defines must not be found by a check in another test."""
    yield
    gc.collect()


def test_the_site_passes():
    assert checks.check_admins_respect_drafts(None) == []
    assert checks.check_forms_hold_html_back(None) == []


@pytest.mark.usefixtures("_forget_local_classes")
def test_a_register_of_a_model_with_drafts_is_refused():
    class ReleaseAdmin(ModelAdmin):
        model = Release

    (error,) = checks.check_admins_respect_drafts(None)
    assert error.id == "cms.E001"
    assert error.msg == "ReleaseAdmin edits Release, which has drafts: every change would be published immediately."


@pytest.mark.usefixtures("_forget_local_classes")
def test_a_form_that_takes_html_from_everybody_is_refused():
    class OSAdmin(ModelAdmin):
        model = OS

    (error,) = checks.check_forms_hold_html_back(None)
    assert error.id == "cms.E002"
    assert error.msg == "The form of OS accepts HTML from all users."


def test_every_form_with_an_html_block_is_looked_at():
    assert {OS, Release, StandardPage} <= {model for model, _ in checks.admin_forms()}


@pytest.mark.parametrize("model", get_indexed_models(), ids=lambda model: model._meta.label)
def test_the_search_of_a_list_finds_the_beginning_of_a_word(model):
    """Without an AutocompleteField, admin lists find only whole words, and Wagtail logs a warning for each search."""
    assert model.get_autocomplete_search_fields()
