import pytest
from wagtail.blocks import Block

from downloads.blocks import DownloadButtonsBlock, LatestReleaseBlock
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory

pytestmark = pytest.mark.django_db


def test_the_latest_release_is_read_when_the_page_is_shown():
    block = LatestReleaseBlock()
    value = block.to_python({"heading": "Take this"})
    ReleaseFactory(name="Python 3.14.1")
    assert "Python 3.14.1" in block.render(value)
    ReleaseFactory(name="Python 3.14.2")
    html = block.render(value)
    assert "Take this" in html
    assert 'href="/downloads/release/python-3142/"' in html


def test_without_releases_the_block_is_empty():
    block = LatestReleaseBlock()
    assert block.render(block.to_python({"heading": "Take this"})).strip() == ""


def test_there_is_a_button_for_each_platform_with_a_file():
    ReleaseFileFactory(release__name="Python 3.14.1", download_button=True, url="https://www.python.org/ftp/python/a.exe")
    OSFactory(slug="macos", name="macOS")
    block = DownloadButtonsBlock()
    html = block.render(block.to_python({"heading": "Download"}))
    assert 'href="https://www.python.org/ftp/python/a.exe"' in html
    assert "Python 3.14.1 for Windows" in html
    assert "macOS" not in html


@pytest.mark.parametrize("block", [LatestReleaseBlock(), DownloadButtonsBlock()])
def test_blocks_can_be_previewed_in_the_chooser(block: Block):
    ReleaseFactory(name="Python 3.14.1")
    assert block.is_previewable
    assert block.get_preview_value()["heading"] in block.render(block.get_preview_value())
