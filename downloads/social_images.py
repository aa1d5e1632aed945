"""Images of releases for links on other sites, 1200 × 630 pixels, drawn from their rows."""

from io import BytesIO

from django.utils.dateformat import format as date_format
from PIL import Image, ImageDraw, ImageFont

from .models import Release

SIZE = (1200, 630)
NAVY, BLUE, YELLOW, WHITE, SOFT = "#1e415e", "#306998", "#ffd43b", "#ffffff", "#c8d9e8"
MARGIN = 90


def fitting_font(draw: ImageDraw.ImageDraw, text: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the largest font, up to a maximum size, in which a text fits the width of the image."""
    while size > 20 and draw.textlength(text, font=ImageFont.load_default(size)) > SIZE[0] - 2 * MARGIN:  # noqa: PLR2004 -- readable.
        size -= 4
    return ImageFont.load_default(size)


def draw_release(release: Release) -> bytes:
    """Return the image of a release as PNG: name, date, and whether it is a pre-release or ended."""
    image = Image.new("RGB", SIZE, NAVY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, SIZE[1] - 24, SIZE[0], SIZE[1]), fill=BLUE)
    draw.rectangle((0, SIZE[1] - 24, SIZE[0] // 3, SIZE[1]), fill=YELLOW)
    draw.text((MARGIN, 80), "python.org", font=ImageFont.load_default(40), fill=SOFT)
    draw.text((MARGIN, 200), release.name, font=fitting_font(draw, release.name, 110), fill=WHITE)
    released = f"Released on {date_format(release.release_date, 'M j, Y')}"
    draw.text((MARGIN, 370), released, font=ImageFont.load_default(46), fill=SOFT)
    notice = "End of life" if release.has_ended() else "" if release.is_stable else "Pre-release for testing"
    if notice:
        width = draw.textlength(notice, font=ImageFont.load_default(40))
        draw.rounded_rectangle((MARGIN, 460, MARGIN + width + 50, 540), radius=16, fill=YELLOW)
        draw.text((MARGIN + 25, 475), notice, font=ImageFont.load_default(40), fill=NAVY)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()
