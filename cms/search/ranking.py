"""Ranking of titles: words without endings, weights, and the correction of typing errors.

It works on words alone, so that results have the same order on each database engine.
"""

import re
from collections.abc import Iterable

# A version number is one word; names such as json.dumps and virtual-environments are several.
WORD = re.compile(r"\d+(?:\.\w+)+|[^\W_]+")


def split_words(text: str) -> list[str]:
    return WORD.findall(text.lower())


STOP_WORDS = frozenset(
    split_words("a an and are by can do does for from how i in is it my of on or the to use using what where with")
)
# Nearly every title could contain them.
COMMON = {"python": 0.2}
MIN_COVERAGE = 0.45
MIN_STEM, MAX_ENDING = 3, 4
MIN_TYPO, SHORT = 4, 5


def split_query(query: str) -> list[str]:
    """Return the significant words, or all words if none is significant."""
    words = split_words(query)
    return [word for word in words if word not in STOP_WORDS] or words


def is_broad(query: str) -> bool:
    """Return whether nearly every title contains the words of a query, so that it says nothing about what is searched for."""
    words = split_words(query)
    return bool(words) and all(word in COMMON for word in words)


def stem(word: str) -> str:
    """Return a word without its common English endings, so that "getting" finds "Get started"."""
    if word[0].isdigit():
        return word
    for ending, shortest in (("ing", 6), ("ies", 6), ("s", 4), ("y", 5), ("e", 5)):
        if len(word) >= shortest and word.endswith(ending) and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > MIN_STEM and word[-1] == word[-2] and word[-1] not in "ls" else word


def match(term: str, word: str, *, is_prefix: bool = False) -> float:
    """Return how well a word of a title matches a word of a query: 0 to 1. A prefix is a word that is still being typed."""
    if term == word:
        return 1
    if word.startswith(term) and (is_prefix or (term[0].isdigit() and word.startswith(f"{term}."))):
        return 0.9
    short = stem(term)
    if term[0].isdigit() or len(short) < MIN_STEM or not word.startswith(short):
        return 0
    return 0.9 if len(word) - len(short) <= MAX_ENDING else 0


def score(terms: list[str], title: str, more: str = "", *, is_typing: bool = False) -> float:
    """Return how well a title matches a query, or 0 for no match. `more` is matched too, with less weight.

    Up to 10 points for the query words that are found, 4 for the title words that are in the query, and 1 for their order.
    """
    words = split_words(title)
    others = split_words(more)
    found, total, used = 0.0, 0.0, set()
    for place, term in enumerate(terms):
        is_prefix = is_typing and place == len(terms) - 1
        weight = COMMON.get(term, 1.0)
        best, number = max(((match(term, word, is_prefix=is_prefix), -n) for n, word in enumerate(words)), default=(0.0, 0))
        if best:
            used.add(-number)
        else:
            best = 0.8 * max((match(term, word, is_prefix=is_prefix) for word in others), default=0.0)
        found += weight * best
        total += weight
    if not total or found / total < MIN_COVERAGE:
        return 0
    sizes = [COMMON.get(word, 0.1 if word in STOP_WORDS else 1.0) for word in words]
    precision = sum(size for number, size in enumerate(sizes) if number in used) / (sum(sizes) or 1)
    starts = bool(words) and match(terms[0], words[0], is_prefix=is_typing) > 0
    return 10 * found / total + 4 * precision + starts


def distance(first: str, second: str, limit: int) -> int:
    """Return the number of typing errors between two words: letters left out, added, replaced or swapped. Stops above `limit`."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def correct(query: str, vocabulary: dict[str, int]) -> str:
    """Return a query with unknown words replaced by the nearest known ones. `vocabulary` has the number of uses of each word."""
    corrected = [nearest(word, vocabulary) for word in split_words(query)]
    return " ".join(corrected) if corrected != split_words(query) else query


def nearest(word: str, vocabulary: dict[str, int]) -> str:
    is_known = word in vocabulary or word in STOP_WORDS
    if is_known or len(word) < MIN_TYPO or word[0].isdigit() or any(match(word, known) for known in vocabulary):
        return word
    limit = 1 if len(word) <= SHORT else 2
    near: Iterable[tuple[int, int, str]] = (
        (distance(word, known, limit), -uses, known)
        for known, uses in vocabulary.items()
        if abs(len(known) - len(word)) <= limit and not known[0].isdigit()
    )
    errors, _, known = min(near, default=(limit + 1, 0, word))
    return known if errors <= limit else word
