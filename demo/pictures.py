"""Demo images, generated when needed, so that the repository contains no image files."""

import io
import math
import random
from collections.abc import Callable

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw
from wagtail.images import get_image_model

from cms.content.models.media import CustomImage
from community.models import StoryPage
from home.models import LandingPage

SIZE = WIDTH, HEIGHT = 1600, 900
NAVY, BLUE, SKY, PALE, YELLOW, GREEN = "#13293d", "#306998", "#7db4e0", "#e8f1f8", "#ffd43b", "#4c9a6a"


def hills(draw: ImageDraw.ImageDraw, colours: list[str], *, top: float = 0.45) -> None:
    """Draw layers of waves from the horizon to the bottom, one for each color."""
    for layer, colour in enumerate(colours):
        base = HEIGHT * (top + (1 - top) * layer / len(colours))
        line = [
            (x, base + 46 * math.sin(x / (210 - 30 * layer) + 2 * layer) + 18 * math.sin(x / 71 + layer))
            for x in range(0, WIDTH + 20, 20)
        ]
        draw.polygon([*line, (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)


def weather(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, *SIZE), fill=PALE)
    draw.ellipse((1180, 90, 1400, 310), fill=YELLOW)
    hills(draw, ["#9cc7a8", GREEN, "#2f6f4a"])
    for number in range(7):
        width = 130 + 90 * number
        draw.arc((330 - width, 420 - width // 2, 330 + width, 420 + width // 2), 200, 520, fill=BLUE, width=5)


def scans(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, *SIZE), fill=NAVY)
    shades = random.Random(7)  # noqa: S311 -- a pattern, and no secret.
    for row in range(6):
        for column in range(11):
            x, y = 40 + column * 140, 40 + row * 140
            is_urgent = (row, column) == (2, 6)
            fill = YELLOW if is_urgent else shades.choice(["#1e415e", "#24506f", "#2c5f85"])
            draw.rounded_rectangle((x, y, x + 116, y + 116), 14, fill=fill)
            draw.ellipse((x + 28, y + 18, x + 88, y + 98), outline=NAVY if is_urgent else SKY, width=5)


def ships(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, *SIZE), fill="#fbe9c6")
    draw.ellipse((690, 250, 910, 470), fill="#f4a259")
    for x, size in ((330, 1.0), (820, 1.5), (1290, 0.8)):
        y = 470
        draw.polygon([(x, y - 190 * size), (x, y), (x + 130 * size, y)], fill=PALE)
        draw.polygon([(x - 10, y - 150 * size), (x - 10, y), (x - 90 * size, y)], fill=YELLOW)
        draw.polygon(
            [(x - 130 * size, y + 10), (x + 150 * size, y + 10), (x + 90 * size, y + 70), (x - 80 * size, y + 70)], fill=NAVY
        )
    hills(draw, ["#6aa3cf", BLUE, "#1e415e"], top=0.56)


def lesson(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, *SIZE), fill="#d7e8d9")
    draw.rounded_rectangle((220, 90, 1380, 470), 24, fill=NAVY)
    for number, (start, end, colour) in enumerate(
        [(300, 640, SKY), (360, 900, PALE), (360, 760, YELLOW), (360, 1080, PALE), (300, 520, SKY)]
    ):
        draw.line((start, 150 + 64 * number, end, 150 + 64 * number), fill=colour, width=18)
    for number, colour in enumerate([BLUE, "#f4a259", GREEN, "#c94f4f", "#8a6fb0", BLUE]):
        x = 150 + 230 * number
        draw.ellipse((x, 590, x + 150, 740), fill=colour)
        draw.rounded_rectangle((x - 30, 750, x + 180, 1000), 90, fill=colour)


def stage(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, *SIZE), fill="#1b1430")
    for x, colour in ((260, "#5b3f8c"), (640, "#8a6fb0"), (1020, "#c2558f"), (1380, "#e58a5c")):
        draw.polygon([(x, 0), (x - 210, 760), (x + 210, 760)], fill=colour)
    draw.rectangle((0, 740, WIDTH, HEIGHT), fill="#0e0a1c")
    for x, lean in ((420, -60), (800, 20), (1150, 70)):
        draw.ellipse((x - 44 + lean, 420, x + 44 + lean, 508), fill="#0e0a1c")
        draw.polygon([(x + lean, 500), (x - 90, 760), (x + 90, 760)], fill="#0e0a1c")
        draw.line((x + lean, 560, x + lean + 150, 470), fill="#0e0a1c", width=30)


def meeting(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, *SIZE), fill=BLUE)
    for number in range(9):
        x, y = 170 + (number % 5) * 310, 260 + (number // 5) * 280
        colour = [YELLOW, PALE, SKY, "#f4a259", "#9cc7a8"][number % 5]
        draw.rounded_rectangle((x - 120, y - 80, x + 120, y + 80), 36, fill=colour)
        draw.polygon([(x - 60, y + 70), (x - 10, y + 70), (x - 80, y + 130)], fill=colour)
        for line in range(3):
            draw.line((x - 80, y - 34 + 34 * line, x + 80 - 40 * line, y - 34 + 34 * line), fill=NAVY, width=10)


Scene = Callable[[ImageDraw.ImageDraw], None]
# Part of the story's title, alternative text of the image, and the function that generates it.
OF_STORIES: list[tuple[str, str, Scene]] = [
    ("Weather maps", "Green hills under a yellow sun, with isobars.", weather),
    ("medical scans", "Rows of small scans on a dark wall; one of them is lit.", scans),
    ("ship arrivals", "Three sailboats on a blue sea at sunset.", ships),
    ("every classroom", "Six students look at a program on a blackboard.", lesson),
    ("stage lighting", "Silhouettes of three dancers in colored light.", stage),
]


def picture(title: str, description: str, scene: Scene) -> CustomImage:
    """Create an image of the library from a drawing."""
    canvas = Image.new("RGB", SIZE)
    scene(ImageDraw.Draw(canvas))
    data = io.BytesIO()
    canvas.quantize(64).save(data, "PNG", optimize=True)
    return get_image_model().objects.create(
        title=title, description=description, file=ContentFile(data.getvalue(), f"{scene.__name__}.png")
    )


def attach_pictures() -> int:
    """Add a picture to each demo story, and a social image to the community page. Return the number of drawings."""
    drawn = 0
    for title_part, description, scene in OF_STORIES:
        for story in StoryPage.objects.filter(title__contains=title_part, image=None):
            story.image = picture(story.title, description, scene)
            story.save(update_fields=["image"])
            drawn += 1
    for page in LandingPage.objects.filter(slug="community", social_image=None):
        page.social_image = picture("Community", "Speech bubbles in many colors, side by side.", meeting)
        page.save(update_fields=["social_image"])
        drawn += 1
    return drawn
