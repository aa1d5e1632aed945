"""Images for links from other sites to content, 1200 × 630 pixels, generated from its data."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
NAVY, BLUE, YELLOW, WHITE, SOFT = "#1e415e", "#306998", "#ffd43b", "#ffffff", "#c8d9e8"
MARGIN = 90
MAX_TITLE, MIN_TITLE, MAX_LINES = 110, 48, 3
# The font that comes with Pillow has the letters of English, without accents and typographic punctuation.
PLAIN = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "\N{NO-BREAK SPACE}": " "})
UNKNOWN = "\N{OBJECT REPLACEMENT CHARACTER}"


@lru_cache(maxsize=2000)
def _has_glyph(letter: str) -> bool:
    font = ImageFont.load_default(20)
    return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask(UNKNOWN))


def is_drawable(text: str) -> bool:
    """Return whether the font has all characters of a string, with plain quotes and dashes."""
    return all(_has_glyph(letter) for letter in text.translate(PLAIN))


def wrap(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """Wrap a string to the width of the image, and return its lines."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(longer, font=font) <= SIZE[0] - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fit(draw: ImageDraw.ImageDraw, text: str) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, list[str]]:
    """Return the largest font in which a title fits, on one line if possible, and its lines."""
    widest = SIZE[0] - 2 * MARGIN
    font, lines = ImageFont.load_default(MIN_TITLE), [text]
    for count in range(1, MAX_LINES + 1):
        for size in range(MAX_TITLE // count + 20 * (count - 1), MIN_TITLE - 1, -4):
            font = ImageFont.load_default(size)
            lines = wrap(draw, text, font)
            if len(lines) <= count and all(draw.textlength(line, font=font) <= widest for line in lines):
                return font, lines
    return font, [*lines[: MAX_LINES - 1], f"{lines[MAX_LINES - 1]} …"] if len(lines) > MAX_LINES else lines


def draw_card(title: str, detail: str = "", notice: str = "") -> bytes:
    """Return a card as PNG: a title, a line under it if it can be drawn, and a notice on yellow."""
    title, detail = title.translate(PLAIN), detail.translate(PLAIN)
    image = Image.new("RGB", SIZE, NAVY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, SIZE[1] - 24, SIZE[0], SIZE[1]), fill=BLUE)
    draw.rectangle((0, SIZE[1] - 24, SIZE[0] // 3, SIZE[1]), fill=YELLOW)
    draw.text((MARGIN, 80), "python.org", font=ImageFont.load_default(40), fill=SOFT)
    font, lines = fit(draw, title)
    draw.multiline_text((MARGIN, 180), "\n".join(lines), font=font, fill=WHITE, spacing=10)
    below = max(370, int(draw.multiline_textbbox((MARGIN, 180), "\n".join(lines), font=font, spacing=10)[3]) + 30)
    if is_drawable(detail):
        draw.text((MARGIN, below), detail, font=ImageFont.load_default(46), fill=SOFT)
    if notice:
        width = draw.textlength(notice, font=ImageFont.load_default(40))
        draw.rounded_rectangle((MARGIN, below + 90, MARGIN + width + 50, below + 170), radius=16, fill=YELLOW)
        draw.text((MARGIN + 25, below + 105), notice, font=ImageFont.load_default(40), fill=NAVY)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()
