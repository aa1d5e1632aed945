"""Images of pages for links from other sites."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from wagtail.images.tests.utils import get_test_image_file

from cms.content import social_cards
from cms.content.models.media import CustomImage
from community.models import StoryPage
from events.models import Event

pytestmark = pytest.mark.django_db


def image_of(client, url):
    """Return the image that a page names for links to it."""
    found = re.findall(r'<meta property="og:image"\s+content="http://[^/"]+([^"]+)">', client.get(url).content.decode())
    assert len(found) == 1, url
    return found[0]


def test_each_story_and_event_has_an_image_of_its_own(client, demo_site):
    story, event = StoryPage.objects.live().filter(image=None).first(), Event.objects.visible().filter(image=None).first()
    images = {image_of(client, story.get_absolute_url()), image_of(client, event.get_absolute_url())}
    assert images == {f"{story.get_absolute_url()}image.png", f"{event.get_absolute_url()}image.png"}
    for url in images:
        response = client.get(url)
        assert response["Content-Type"] == "image/png"
        assert Image.open(BytesIO(response.content)).size == social_cards.SIZE


def test_the_picture_of_a_story_or_event_is_its_image(client, demo_site):
    picture = CustomImage.objects.create(title="Picture", file=get_test_image_file("picture.png", size=(1300, 700)))
    story, event = StoryPage.objects.live().first(), Event.objects.visible().first()
    story.image = event.image = picture
    story.save()
    event.save()
    for shown in (story, event):
        assert "picture" in image_of(client, shown.get_absolute_url())


def test_a_title_in_letters_that_cannot_be_drawn_has_the_image_of_the_site(client, demo_site):
    event = Event.objects.visible().filter(image=None).first()
    event.title = "パイソン勉強会"
    event.save()
    assert "img/social-card" in image_of(client, event.get_absolute_url())
    assert client.get(f"{event.get_absolute_url()}image.png").status_code == 404


def test_the_letters_that_the_font_has():
    assert social_cards.is_drawable("“Python 3.15” – what’s new? 100 % & more · C++ #1 (2026)")
    for text in ("Bogotá", "Питон", "パイソン"):
        assert not social_cards.is_drawable(text)


@pytest.mark.parametrize("title", ["Py", "A story " * 40, "W" * 300, "“Curly” – dashes"])
def test_any_title_fits_its_card(title):
    draw = ImageDraw.Draw(Image.new("RGB", social_cards.SIZE))
    _font, lines = social_cards.fit(draw, title)
    assert 1 <= len(lines) <= social_cards.MAX_LINES
    assert Image.open(BytesIO(social_cards.draw_card(title, "Nov 9", "Success story"))).size == social_cards.SIZE
