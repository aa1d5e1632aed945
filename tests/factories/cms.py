import factory
from factory.django import DjangoModelFactory

from cms.content.models.banners import Banner
from cms.content.models.boxes import Box
from cms.content.models.menus import Menu


class BoxFactory(DjangoModelFactory):
    label = factory.Sequence(lambda n: f"box-{n}")
    body = factory.LazyFunction(lambda: [("text", "<p>Spam and eggs.</p>")])

    class Meta:
        model = Box


class BannerFactory(DjangoModelFactory):
    message = "PyCon tickets are out."

    class Meta:
        model = Banner


def link(text: str, url: str = "", page: int | None = None, **more) -> dict:
    return {"text": text, "url": url, "page": page, **more}


class MenuFactory(DjangoModelFactory):
    place = Menu.Place.MAIN
    entries = factory.LazyFunction(lambda: [("entry", link("Learn", "/learn/", links=[link("Tutorial", "/learn/tutorial/")]))])

    class Meta:
        model = Menu
