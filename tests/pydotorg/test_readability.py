"""Public copy is easy to read: Flesch-Kincaid grade 10 at most, for each page of the content and each section's templates."""

import re
from pathlib import Path

import pyphen
import pytest
from django.conf import settings

from docs.inventory import read_texts
from home.first_content import read_pages

MAX_GRADE = 10
# Shorter content has too few sentences for a grade.
MIN_WORDS = 40
CONTENT = ["demo/pages.txt", "home/first_content.txt"]
# Path -> reason why the words are long.
EXCEPTIONS = {
    "dev/security": "terms of the security policy",
    "about/apps/web": "names of frameworks",
    "about/quotes": "quotations",
    "community/awards": "names of awards",
}
_dictionary = pyphen.Pyphen(lang="en_US")


def read_prose(markdown: str) -> str:
    """Return the sentences of Markdown or HTML, without code, URLs and markup."""
    text = re.sub(r"```.*?```|<pre.*?</pre>", "", markdown, flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"</(?:p|li|h\d)>|\n\n|\n- |\n\d+\. ", ". ", text)
    text = re.sub(r"<[^>]+>|{[{%].*?[%}]}|`[^`]*`|%\(\w+\)s|https?://\S+|\S+@\S+|\S*/\S*/\S*|[#*_>]", " ", text)
    return re.sub(r"([.:!?])[.\s]*\.", r"\1", " ".join(text.split()))


def count_syllables(word: str) -> int:
    """Return the larger of two estimates: places where the word may be hyphenated, and groups of vowels without a silent “e”."""
    vowels = re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeiouyl])e(?:s|d)?$", "", word.lower()))
    return max(len(_dictionary.positions(word)) + 1, len(vowels))


def compute_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of a string."""
    sentences = [part for part in re.split(r"[.:!?]+(?:\s|$)", text) if re.search(r"[A-Za-z]{2}", part)]
    words = re.findall(r"[A-Za-z][A-Za-z’'-]*", text)
    syllables = sum(count_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def read_pages_of_content() -> dict[str, str]:
    found = {}
    for file in CONTENT:
        for page in read_pages(Path(settings.BASE_DIR, file)):
            texts = [value for name, value in page.body if name == "text"]
            found[page.path] = read_prose("\n\n".join([page.introduction, *texts]))
    return found


def read_sections() -> dict[str, str]:
    """Return the sentences in the public templates of each section."""
    found: dict[str, list[str]] = {}
    for text in read_texts(""):
        if text.kind in {"screen", "email"} and re.search(r"[.!?]$", text.text):
            found.setdefault(f"{text.section} {text.kind}", []).append(text.text)
    return {section: read_prose("\n\n".join(texts)) for section, texts in found.items()}


TEXTS = read_pages_of_content() | read_sections()


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if len(text.split()) >= MIN_WORDS])
def test_public_copy_is_easy_to_read(name):
    grade = compute_grade(TEXTS[name])
    assert (grade <= MAX_GRADE) != (name in EXCEPTIONS), f"{name}: grade {grade:.1f}: {TEXTS[name][:300]}"


def test_the_grade_grows_with_long_words_and_sentences():
    easy = "You can read every page. You do not need an account."
    hard = "Notwithstanding administrative responsibilities, organizational participation needs authorization."
    assert compute_grade(easy) < 5 < MAX_GRADE < compute_grade(hard)
