"""List the user-facing strings, docstrings and documents by section, and select samples of them for review.

    python -m docs.inventory                        number of strings and of forbidden terms, by section
    python -m docs.inventory --compare c8b6deb      the same, beside an older commit
    python -m docs.inventory --print jobs           the strings of one section, with file and line
    python -m docs.inventory --draw 20 --seed 7     docstrings for a reader without context
    python -m docs.inventory --draw 20 --seed 7 --kind email     email templates for a reader without context

Reads the files of a commit, so it needs neither the database nor the dependencies of the site. A text is a sentence, label or
message of a template, a string of a script, a Python string with at least two words or in a place that people read (labels, help
texts, choices, translated strings), a docstring, a page of the demo or first content, or a paragraph of a document.
"""

import argparse
import ast
import random
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from docs.terminology import SKIPPED, check_text, is_exception

APPS = ("pydotorg", "importer", "demo", "home", "downloads", "events", "jobs", "sponsors", "community", "psf", "cms", "users")
# Keyword arguments and class attributes whose values people read, even a single word.
VISIBLE = {
    *("help_text", "label", "verbose_name", "verbose_name_plural", "heading", "description", "title", "text", "summary"),
    *("menu_label", "name", "add_to_settings_menu", "placeholder", "empty", "message", "subject", "detail", "group"),
}
IGNORED = re.compile(r"{#.*?#}|<!--.*?-->|{%\s*comment.*?endcomment\s*%}|<(script|style|svg)\b.*?</\1>|<!DOCTYPE.*?>", re.DOTALL)
TRANSLATED = re.compile(
    r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}"
    r"|{%\s*translate\s+\"(.*?)\"|{%\s*translate\s+'(.*?)'"
    r"|_\(\"(.*?)\"\)|\b(?:action|body|heading|label|link_text|text|title)=\"([^\"{]*)\"",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"\s(?:aria-label|alt|placeholder|title)=\"([^\"{]*)\"")
# Technical strings that are not for readers: queries, patterns, lists of CSS classes and names.
TECHNICAL = re.compile(r"[\\<>{}|^$=;]|^[a-z0-9_./:,*-]+( [a-z0-9_./:,*-]+)?$|^(SELECT|CREATE|INSERT|UPDATE|DELETE|ALTER) ")
# Targets of forms and links.
PATH = re.compile(r"/[\w/-]*#?\w*")


class Text(NamedTuple):
    """User-facing string, docstring or paragraph, and its location."""

    section: str
    kind: str
    file: str
    line: int
    text: str


def run_git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout  # noqa: S603


def has_words(text: str, number: int = 1) -> bool:
    return len(re.findall(r"[^\W\d_]{2,}", re.sub(r"{{.*?}}|{%.*?%}|&\w+;", "", text))) >= number


def clean(text: str) -> str:
    return " ".join(text.split()).strip(" ·|")


def read_template(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and text of translated strings, attributes and text between tags."""
    source = IGNORED.sub(lambda match: "\n" * match[0].count("\n"), source)

    def take(pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
        for match in pattern.finditer(source):
            yield source.count("\n", 0, match.start()) + 1, next(group for group in match.groups() if group is not None)

    yield from take(TRANSLATED)
    source = TRANSLATED.sub(lambda match: "\n" * match[0].count("\n"), source)
    yield from take(ATTRIBUTE)
    source = re.sub(r"{%.*?%}|<[/a-zA-Z][^>]*>", lambda match: "\0" + "\n" * match[0].count("\n"), source, flags=re.DOTALL)
    line = 1
    for part in source.split("\0"):
        yield line + len(part[: len(part) - len(part.lstrip())].split("\n")) - 1, part
        line += part.count("\n")


def read_python(source: str) -> Iterator[tuple[str, int, str]]:
    """Yield the kind, line and text of docstrings and of strings that people read."""
    tree = ast.parse(source)
    documented = {
        id(node.body[0].value): ast.get_docstring(node) or ""  # type: ignore[attr-defined]
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    }
    visible = {id(value) for node in ast.walk(tree) for value in get_visible(node)}
    translated = {id(value) for node in ast.walk(tree) for value in get_translated(node)}
    inner = {id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values}
    for node in ast.walk(tree):
        if id(node) in documented:
            yield "docstring", node.lineno, documented[id(node)]  # type: ignore[attr-defined]
        elif id(node) not in inner and (text := get_string(node)):
            is_prose = " " in text.strip() and has_words(text, 2) and not TECHNICAL.search(text)
            if is_prose or id(node) in translated or (id(node) in visible and re.match(r"[A-Z]", text)):
                yield "string", node.lineno, text  # type: ignore[attr-defined]


def get_visible(node: ast.AST) -> list[ast.expr]:
    """Return the values of a node that are always visible to people."""
    if isinstance(node, ast.keyword) and node.arg in VISIBLE:
        return [node.value]
    if isinstance(node, ast.Assign) and any(getattr(name, "id", "") in VISIBLE for name in node.targets):
        return [node.value]
    return []


def get_translated(node: ast.AST) -> list[ast.expr]:
    """Return the arguments of a gettext call, including the context."""
    if isinstance(node, ast.Call) and re.fullmatch(r"_|n?p?gettext(_lazy)?", getattr(node.func, "id", "")):
        return node.args
    return []


def get_string(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def read_script(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and text of strings with at least two words."""
    source = re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", lambda match: "\n" * match[0].count("\n"), source, flags=re.DOTALL)
    for match in re.finditer(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", source):
        text = re.sub(r"\$\{[^}]*\}", "…", next(group for group in match.groups() if group is not None))
        if " " in text.strip() and has_words(text, 2) and not TECHNICAL.search(text):
            yield source.count("\n", 0, match.start()) + 1, text


def read_paragraphs(source: str) -> Iterator[tuple[int, str]]:
    line = 1
    for part in re.sub(r"```.*?```", lambda match: "\n" * match[0].count("\n"), source, flags=re.DOTALL).split("\n\n"):
        yield line, part
        line += part.count("\n") + 2


def get_section(name: str) -> str:
    folder, _, rest = name.partition("/")
    if folder == "templates":
        folder = rest.partition("/")[0]
        return folder if folder in APPS else "shared templates"
    return folder if folder in APPS else "documents"


def read_texts(commit: str = "HEAD") -> list[Text]:
    """Return all strings of a commit, or of the working tree for an empty `commit`."""
    found = []
    names = run_git("ls-tree", "-r", "--name-only", commit or "HEAD").split("\n")
    for name in names:
        section = get_section(name)
        if SKIPPED.search(name) or not name.endswith((".html", ".py", ".js", ".txt", ".md")):
            continue
        if name.endswith((".py", ".txt")) and section == "documents" and not name.startswith("templates/"):
            continue
        try:
            source = run_git("show", f"{commit}:{name}") if commit else Path(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        if name.endswith(".py"):
            rows = list(read_python(source))
        elif name.endswith(".js"):
            rows = [("script", line, text) for line, text in read_script(source)]
        elif name.startswith("templates/"):
            kind = "email" if "/email/" in name else "admin" if re.search("/admin/|admin", name) else "screen"
            rows = [(kind, line, text) for line, text in read_template(source)]
        else:
            kind = "document" if name.endswith(".md") else "content"
            rows = [(kind, line, text) for line, text in read_paragraphs(source)]
        found += [
            Text(section, kind, name, line, clean(text))
            for kind, line, text in rows
            if has_words(text) and not PATH.fullmatch(clean(text))
        ]
    return found


def count_texts(texts: list[Text]) -> dict[str, Counter[str]]:
    """Return, for each section, the number of strings of each type and of forbidden terms."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        counts[text.section]["texts"] += 1
        counts[text.section]["forbidden"] += sum(not is_exception(text.file, found) for _, found, _ in check_text(text.text))
    return counts


def print_table(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> None:
    print("| section | texts before | forbidden before | texts | forbidden |\n|---|---|---|---|---|")
    for section in [*sorted({*before, *after}), "all"]:
        row = []
        for counts in (before, after):
            total = counts.get(section) or (sum(counts.values(), Counter()) if section == "all" else Counter())
            row += [str(total["texts"]), str(total["forbidden"])] if counts else ["", ""]
        print(f"| {section} | " + " | ".join(row) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--commit", default="HEAD", help="commit to read; empty for the working tree")
    parser.add_argument("--compare", help="older commit to compare with")
    parser.add_argument("--print", dest="section", help="print the texts of this section")
    parser.add_argument("--kind", default="", help="print texts of this kind only")
    parser.add_argument("--draw", type=int, help="draw so many docstrings, or emails with --kind email")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    texts = read_texts(options.commit)
    if options.section:
        texts = [text for text in texts if text.section == options.section]
    if options.draw and options.kind == "email":
        names = [name for name in run_git("ls-files", "templates").split() if "/email/" in name]
        for name in random.Random(options.seed).sample(sorted(names), options.draw):  # noqa: S311
            print(f"=== {name}\n{Path(name).read_text(encoding='utf-8')}")
        return
    if options.draw:
        docstrings = sorted(text for text in texts if text.kind == "docstring")
        texts = random.Random(options.seed).sample(docstrings, options.draw)  # noqa: S311
    if options.section or options.draw:
        for text in texts:
            if options.kind in {"", text.kind}:
                print(f"{text.file}:{text.line}: [{text.kind}] {text.text}")
        return
    print_table(count_texts(read_texts(options.compare)) if options.compare else {}, count_texts(texts))


if __name__ == "__main__":
    main()
