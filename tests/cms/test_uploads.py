"""Uploads by editors, and the error messages for rejected files."""

import errno
import io
import zipfile

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from wagtail import blocks
from wagtail.images.tests.utils import get_test_image_file

from cms.content.blocks import ImageFigureBlock
from cms.content.models.media import CustomDocument, CustomImage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(role="Content editors"))
    return client


def upload_image(client, content, name="picture.png", **changed):
    file = SimpleUploadedFile(name, content, "image/png")
    return client.post(reverse("wagtailimages:add"), {"title": "Picture", "file": file, "description": "A heron."} | changed)


def upload_document(client, content, name):
    return client.post(reverse("wagtaildocs:add"), {"title": "Paper", "file": SimpleUploadedFile(name, content)})


def picture(size=(640, 480)):
    return get_test_image_file(size=size).file.getvalue()


def test_an_image_wants_words_unless_it_is_decorative(editor):
    response = upload_image(editor, picture(), description="")
    assert "Enter a description for screen reader users" in response.content.decode()
    assert upload_image(editor, picture(), description="", decorative="on").status_code == 302
    assert upload_image(editor, picture()).status_code == 302
    assert CustomImage.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (SVG, "picture.svg", "This file is an SVG drawing, not an image."),
        (SVG, "picture.png", "This file is an SVG drawing, not an image."),
        (b"\x89PNG\r\n broken", "picture.png", "not an image in a supported format"),
    ],
)
def test_what_is_no_image_is_refused(editor, content, name, words):
    response = upload_image(editor, content, name)
    assert words in response.content.decode()
    assert not CustomImage.objects.exists()


@pytest.mark.proves("S2-31")
def test_an_image_that_is_too_large_is_refused(editor):
    huge = io.BytesIO()
    Image.new("1", (8000, 8000)).save(huge, "PNG")
    assert "too many pixels" in upload_image(editor, huge.getvalue()).content.decode()
    assert "too big" in upload_image(editor, picture() + bytes(16_000_000)).content.decode()


@pytest.mark.proves("S2-31")
def test_a_document_of_fifty_megabytes_is_refused(editor):
    html = upload_document(editor, b"x" * 50_000_000, "paper.pdf").content.decode()
    assert "The file is 50 MB. The limit is 30 MB." in html
    assert not CustomDocument.objects.exists()


def test_an_archive_that_explodes_is_refused(editor):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"{number}.txt", bytes(100_000_000))
    assert len(bomb.getvalue()) < 1_000_000
    assert "would expand to more than 500 MB" in upload_document(editor, bomb.getvalue(), "bomb.zip").content.decode()
    honest = io.BytesIO()
    with zipfile.ZipFile(honest, "w") as archive:
        archive.writestr("a.txt", "a")
    assert upload_document(editor, honest.getvalue(), "honest.zip").status_code == 302


@pytest.mark.parametrize("name", ["page.html", "script.js", "picture.svg", "program.exe"])
def test_files_that_a_browser_would_run_are_no_documents(editor, name):
    assert "not allowed" in upload_document(editor, b"x", name).content.decode()


def test_an_image_in_a_page_has_words_or_is_decorative():
    image = CustomImage.objects.create(title="Heron", file=get_test_image_file())
    block = ImageFigureBlock()

    def clean(alt, *, decorative):
        image.contextual_alt_text, image.decorative = alt, decorative
        return block.clean(block.normalize({"image": image, "caption": ""}))

    with pytest.raises(blocks.StructBlockValidationError):
        clean("", decorative=False)
    clean("A heron.", decorative=False)
    clean("", decorative=True)


def test_images_come_in_new_formats_and_several_widths(client):
    image = CustomImage.objects.create(title="Heron", file=get_test_image_file(size=(1600, 900)))
    image.contextual_alt_text, image.decorative = "A heron.", False
    block = ImageFigureBlock()
    html = block.render(block.normalize({"image": image, "caption": ""}))
    assert 'type="image/avif"' in html
    assert 'type="image/webp"' in html
    assert "1440w" in html
    assert "sizes=" in html
    assert 'alt="A heron."' in html


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), EndpointConnectionError(endpoint_url="http://127.0.0.1:1")]
)
def test_a_page_shows_the_image_itself_while_nothing_can_be_stored(monkeypatch, error):
    image = CustomImage.objects.create(title="Snake", file=get_test_image_file(size=(640, 480)))
    block = ImageFigureBlock()
    value = block.normalize({"image": image, "caption": ""})

    def refuse(*args, **kwargs):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", refuse)
        assert f'src="{image.file.url}"' in block.render(value)
        assert image.get_rendition("fill-20x20").url == image.file.url
    assert not image.renditions.exists()
    assert f'src="{image.file.url}"' not in block.render(value)
    assert image.get_rendition("fill-20x20").width == 20
