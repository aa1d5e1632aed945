"""Possible duplicates of a submission, with the similarity of their content."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

# Texts with fewer words are also compared letter by letter, which finds misspellings.
MAX_TITLE_WORDS = 12
MIN_SCORE, MAX_SHOWN, MAX_TEXT, MAX_ORDERED = 70, 5, 1500, 40
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Duplicate:
    """Record that may be the same as a submission. `score` is the similarity in percent."""

    title: str
    url: str
    score: int
    note: str = ""


def similarity(first: str, second: str) -> int:
    """Return the similarity of two strings, from 0 to 100, ignoring case, punctuation and word order."""
    words = [WORD.findall(text.lower()[:MAX_TEXT]) for text in (first, second)]
    if not all(words):
        return 0
    if min(len(one) for one in words) > MAX_ORDERED:
        # Long strings are compared by their pairs of words, which is fast.
        first_pairs, second_pairs = (set(pairwise(one)) for one in words)
        return round(200 * len(first_pairs & second_pairs) / (len(first_pairs) + len(second_pairs)))
    ordered = SequenceMatcher(None, words[0], words[1], autojunk=False).ratio()
    letters = SequenceMatcher(None, " ".join(sorted(words[0]))[:200], " ".join(sorted(words[1]))[:200], autojunk=False).ratio()
    shared = 2 * len(set(words[0]) & set(words[1])) / (len(set(words[0])) + len(set(words[1])))
    return round(100 * max(ordered, shared, letters if max(map(len, words)) < MAX_TITLE_WORDS else 0))


def score(pairs: Iterable[tuple[str, str, float]]) -> int:
    """Return the weighted similarity of several fields, each as (text, other text, weight). Empty fields do not count."""
    rated = [(similarity(first, second), weight) for first, second, weight in pairs if first and second]
    total = sum(weight for _, weight in rated)
    return round(sum(value * weight for value, weight in rated) / total) if total else 0


def rank(candidates: Iterable[tuple[Any, int, str, str]]) -> list[Duplicate]:
    """Return the most similar of (record, score, URL, note), the best first."""
    found = [Duplicate(str(row), url, value, note) for row, value, url, note in candidates]
    return sorted((one for one in found if one.score >= MIN_SCORE), key=lambda one: (-one.score, one.title))[:MAX_SHOWN]
