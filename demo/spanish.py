"""Spanish versions of ten demo pages, made as a translator makes them: string by string, from `spanish.po`."""

from pathlib import Path

import polib
from wagtail.models import Locale, Page
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

CATALOG = Path(__file__).with_suffix(".po")
CODE = "es"
# Below the front page, parents first.
PATHS = [
    "",
    "about/",
    "about/gettingstarted/",
    "about/apps/",
    "about/help/",
    "community/",
    "community/diversity/",
    "doc/",
    "doc/pip/",
    "psf/",
]


def read_catalog() -> polib.POFile:
    return polib.pofile(str(CATALOG))


def translate_pages(home: Page) -> None:
    """Add Spanish and publish the translations. Content that is not in the catalog, such as code and links, is unchanged."""
    locale, _ = Locale.objects.get_or_create(language_code=CODE)
    texts = {entry.msgid: entry.msgstr for entry in read_catalog()}
    for path in PATHS:
        page = Page.objects.get(url_path=f"{home.url_path}{path}").specific
        source, _created = TranslationSource.update_or_create_from_instance(page)
        translation, _created = Translation.objects.get_or_create(source=source, target_locale=locale)
        for segment in StringSegment.objects.filter(source=source).select_related("string", "context"):
            StringTranslation.objects.get_or_create(
                translation_of=segment.string,
                locale=locale,
                context=segment.context,
                defaults={
                    "data": texts.get(segment.string.data, segment.string.data),
                    "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL,
                },
            )
        translation.save_target(publish=False)
        translation.get_target_instance().get_latest_revision().publish()
