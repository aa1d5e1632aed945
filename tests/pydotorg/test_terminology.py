import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from wagtail import blocks
from wagtail.fields import StreamField

from docs.terminology import check_python, check_text

# Fields that no form, list or message shows.
NOT_SHOWN = {"Acknowledgement.kind", "DocEntry.kind"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('TEXT = "Post an advert."\n', "advert"),
        ('"""Return the deal."""\n', "deal"),
        ("x = 1  # Mends the page.\n", "Mends"),
        ("def told(): ...\n", "told"),
        ('"""Return the unpaged list."""\n', "unpaged"),
        ("x = 1  # Moderators decide about a job.\n", "decide about"),
        ("x = 1  # Only a member of staff may see it.\n", "member of staff"),
        ("x = 1  # The user name of the poster.\n", "user name"),
        ("def send(mail): ...\n", "mail"),
    ],
)
def test_texts_comments_and_names_of_code_are_checked(source, found):
    assert [name for _, name, _ in check_python(source)] == [found]


@pytest.mark.parametrize("text", ["Post a job.", "Your email address", "/accounts/login/", "a mail server"])
def test_correct_terms_pass(text):
    assert list(check_text(text)) == []


def read_labels(block: blocks.Block) -> Iterator[str]:
    """Yield the labels of a block and of all blocks inside it."""
    for child in [*getattr(block, "child_blocks", {}).values(), *filter(None, [getattr(block, "child_block", None)])]:
        yield str(child.label or "")
        yield from read_labels(child)


def test_labels_that_are_made_from_names_are_terms():
    """A field or block without a label of its own shows its name in the code, which no lint reads as prose."""
    not_terms = re.compile(r"\b(promise|doors?|colour|kind|cancelled|organi[sz]e|aside|intro)\b", re.IGNORECASE)
    ours = [model for model in apps.get_models() if Path(inspect.getfile(model)).is_relative_to(settings.BASE_DIR)]
    labels = {}
    for model in ours:
        for field in model._meta.concrete_fields:
            labels[f"{model.__name__}.{field.name}"] = str(field.verbose_name)
            if isinstance(field, StreamField):
                labels |= {f"{model.__name__}.{field.name}: {label}": label for label in read_labels(field.stream_block)}
    shown = {where: label for where, label in labels.items() if where not in NOT_SHOWN}
    assert len(shown) > 500
    assert {where: label for where, label in shown.items() if not_terms.search(label) or list(check_text(label))} == {}
