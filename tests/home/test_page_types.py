"""Page types and the blocks of their bodies: each is registered in one place."""

import pytest
from wagtail.models import Page, get_page_models

from cms.content.blocks import BodyBlock, TextAndMediaBlock
from home.blocks import SECTION_BLOCKS, PageBodyBlock, PageColumnBlock


@pytest.mark.parametrize(
    "model", [model for model in get_page_models() if model is not Page], ids=lambda model: model._meta.label
)
def test_every_page_type_declares_which_page_types_may_be_below_it(model):
    assert "subpage_types" in vars(model)
    assert Page not in model.allowed_subpage_models()


def test_a_body_holds_every_block_of_the_sections_and_a_column_those_that_fit():
    assert list(PageBodyBlock().child_blocks) == [*BodyBlock().child_blocks, *SECTION_BLOCKS]
    narrow = {name for name, (_, fits_in_column) in SECTION_BLOCKS.items() if fits_in_column}
    assert set(PageColumnBlock().child_blocks) == {*TextAndMediaBlock().child_blocks, "box", *narrow}
