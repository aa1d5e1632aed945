"""Hostile and malformed files: truncated, mislabeled, encrypted, with metadata, or decompression bombs."""

import gzip
import io
import multiprocessing
import re
import time
import zipfile
import zlib
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfWriter

from cms.platform.documents import refuse_archive_bomb, refuse_locked_pdf
from cms.platform.drawings import clean_drawing
from cms.platform.fetching import MEGABYTE
from cms.platform.pictures import clean_image
from community.reading import UnreadableError as UnreadableFeedError
from community.reading import parse
from events.reader import UnreadableError, read_calendar
from events.recurrence import parts_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def image_bytes(format_: str, *, mode: str = "RGB", size=(80, 40), **options) -> bytes:
    output = io.BytesIO()
    Image.new(mode, size, 120).save(output, format_, **options)
    return output.getvalue()


def upload(content: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("format_", "name", "expected"),
    [
        *(("PNG", "a.jpg", ("a.png", "PNG")), ("JPEG", "a.JPEG", ("a.JPEG", "JPEG")), ("WEBP", "a.png", ("a.webp", "WEBP"))),
        *(("TIFF", "a.tif", ("a.jpg", "JPEG")), ("BMP", "a.bmp", ("a.png", "PNG")), ("HEIF", "a.heic", ("a.jpg", "JPEG"))),
        *(("GIF", "a", ("a.gif", "GIF")), ("AVIF", "a.avif", ("a.avif", "AVIF"))),
    ],
)
def test_images_get_a_format_that_browsers_show_and_its_extension(format_, name, expected):
    file = upload(image_bytes(format_), name)
    assert clean_image(file) == (80, 40)
    assert (file.name, Image.open(file).format) == expected
    assert file.size == len(file.file.getvalue())


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_turned_upright_and_loses_its_metadata(format_):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Home address"
    file = upload(image_bytes(format_, exif=exif) + b"trailing", "a.jpg")
    assert clean_image(file) == (40, 80)
    content = file.file.getvalue()
    assert b"Home address" not in content
    assert b"trailing" not in content


def test_an_animation_stays_one():
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0, comment=b"secret")
    file = upload(output.getvalue(), "a.gif")
    clean_image(file)
    with Image.open(file) as image:
        assert image.n_frames == 3
    assert b"secret" not in file.file.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (image_bytes("JPEG", size=(400, 400))[:900], "incomplete"),
        (image_bytes("PNG", size=(400, 400))[:-60], "damaged|incomplete"),
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04", "an archive"),
        (b"<!doctype html>", "a web page"),
        (b"%!PS-Adobe", "a PostScript file"),
        (b"no idea", "not an image in a supported format"),
    ],
)
def test_a_file_that_is_no_whole_image_is_refused_with_the_true_reason(content, reason):
    with pytest.raises(ValidationError, match=reason):
        clean_image(upload(content, "logo.jpg"))


def test_a_drawing_keeps_what_draws_and_loses_the_rest():
    picture = '<image xlink:href="data:image/png;base64,iVBORw0KGgo="/>'
    kept = f'<a xlink:href="https://www.python.org/"><text>Python</text></a>{picture}<style>.a{{fill:red}}</style>'
    removed = (
        '<script>alert(1)</script><rect onload="alert(1)"/><foreignObject><p/></foreignObject><animate attributeName="href"/>'
        '<image href="https://evil.example/a.png"/><a href="javascript:alert(1)"/><rect style="fill:url(https://evil.example)"/>'
        "<style>@import 'https://evil.example'; .b{background:u\\72l(https://evil.example)}</style><!-- comment -->"
    )
    text = clean_drawing(SVG.format(kept + removed).encode()).decode()
    for part in ("https://www.python.org/", "data:image/png", "fill:red"):
        assert part in text
    for part in ("script", "onload", "foreignObject", "animate", "//evil.example/a", "url(http", "@import", "comment"):
        assert part not in text
    assert clean_drawing(gzip.compress(SVG.format(kept).encode())) == clean_drawing(SVG.format(kept).encode())


def locked_pdf(user_password: str) -> SimpleUploadedFile:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(user_password, "owner", algorithm="RC4-128")
    output = io.BytesIO()
    writer.write(output)
    return upload(output.getvalue(), "a.pdf")


def test_a_pdf_that_needs_a_password_is_refused_and_one_that_only_limits_editing_is_not():
    with pytest.raises(ValidationError, match="password-protected"):
        refuse_locked_pdf(locked_pdf("secret"))
    refuse_locked_pdf(locked_pdf(""))


def zip_bomb(name: str) -> SimpleUploadedFile:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(6):
            archive.writestr(f"word/{number}.xml", bytes(100 * MEGABYTE))
    return upload(output.getvalue(), name)


def png_bomb() -> bytes:
    """Return a PNG of 30,000 × 30,000 pixels in less than a megabyte."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (30_000).to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(3751 * 30_000), 9))
        + chunk(b"IEND", b"")
    )


def copies_bomb() -> bytes:
    levels = "".join(f'<g id="a{n + 1}">' + f'<use xlink:href="#a{n}"/>' * 10 + "</g>" for n in range(9))
    return SVG.format(f'<g id="a0"><rect/></g>{levels}').encode()


def gif_bomb() -> bytes:
    frame = Image.new("P", (4000, 4000))
    output = io.BytesIO()
    frames = [Image.new("P", (4000, 4000), number) for number in range(1, 20)]
    frame.save(output, "GIF", save_all=True, append_images=frames)
    return output.getvalue()


ENTITIES = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a "ha">{ENTITIES}]>'
SECONDS = ",".join(str(number) for number in range(60))
EVENTS = b"".join(b"BEGIN:VEVENT\r\nUID:%d\r\nEND:VEVENT\r\n" % number for number in range(60_000))
# What creates each bomb, and what rejects it.
BOMBS = {
    "PNG of 900 megapixels": (lambda: upload(png_bomb(), "a.png"), clean_image),
    "JPEG of 60 megapixels": (lambda: upload(image_bytes("JPEG", size=(10_000, 6_000)), "a.jpg"), clean_image),
    "GIF of 20 × 16 megapixels": (lambda: upload(gif_bomb(), "a.gif"), clean_image),
    "ZIP of 600 MB in 600 KB": (lambda: zip_bomb("a.zip"), refuse_archive_bomb),
    "DOCX of 600 MB": (lambda: zip_bomb("a.docx"), refuse_archive_bomb),
    "SVG with nested entities": ((LAUGHS + SVG.format("&i;")).encode, clean_drawing),
    "SVG of 10⁹ copies": (copies_bomb, clean_drawing),
    "SVG of 100,000 nested groups": (SVG.format("<g>" * 100_000 + "</g>" * 100_000).encode, clean_drawing),
    "SVGZ of 500 MB": (lambda: gzip.compress(bytes(500 * MEGABYTE), 1), clean_drawing),
    "feed with nested entities": (f"{LAUGHS}<rss><channel><title>&i;</title></channel></rss>".encode, parse),
    "rule of 63 million dates": (lambda: f"FREQ=DAILY;BYMINUTE={SECONDS};BYSECOND={SECONDS}", parts_of),
    "calendar of 60,000 events": (
        lambda: b"BEGIN:VCALENDAR\r\n" + EVENTS + b"END:VCALENDAR\r\n",
        partial(read_calendar, default_zone="UTC"),
    ),
}


def measure(name: str, results) -> None:
    """Return the outcome of a bomb, its seconds of CPU time and the megabytes that the process grew by."""
    make, take = BOMBS[name]
    bomb = make()
    # Forget the peak of making the bomb.
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_megabytes()
    start = time.process_time()
    try:
        take(bomb)
        outcome = "accepted"
    except (ValidationError, UnreadableError, UnreadableFeedError) as error:
        outcome = str(getattr(error, "messages", [error])[0])
    results.put((outcome, time.process_time() - start, peak_megabytes() - before))


def peak_megabytes() -> float:
    """Return the largest memory of this process since its peak was last forgotten."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024


@pytest.mark.nightly
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_bounded_time_and_memory(name):
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    process = context.Process(target=measure, args=(name, results))
    process.start()
    outcome, seconds, megabytes = results.get(timeout=120)
    process.join()
    print(f"\n| {name} | {seconds:.2f} | {megabytes:.0f} | {outcome} |")
    assert outcome != "accepted"
    assert seconds < 10
    assert megabytes < 400
