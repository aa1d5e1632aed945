"""Render the front page using only the API: `python docs/front_page.py https://www.python.org > front.html`."""

import json
import sys
from html import escape
from urllib.request import urlopen


def ask(site: str, path: str):
    with urlopen(f"{site}/api/v3/content/{path}", timeout=10) as answer:  # noqa: S310 -- the address is that of the reader.
        return json.load(answer)


def links(entries: list[dict]) -> str:
    return "".join(f'<li><a href="{escape(entry["url"])}">{escape(entry["title"])}</a></li>' for entry in entries)


def draw(site: str) -> str:
    page, menus = ask(site, "page/?path=/"), ask(site, "menus/")
    settings, banner = ask(site, "settings/"), ask(site, "banner/?path=/")
    fields = page["fields"]
    doors = "".join(
        f"<section><h2>{escape(door['value']['title'])}</h2><p>{escape(door['value']['text'])}</p></section>"
        for door in fields["doors"]
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{escape(page["title"])}</title>
<link rel="canonical" href="{escape(page["url"])}">
</head>
<body>
{f'<p role="note">{escape(banner["message"])}</p>' if banner else ""}
<nav aria-label="Sections"><ul>{links(menus["menu"])}</ul></nav>
<main>
<h1>{escape(fields["promise"])}</h1>
<p>{escape(fields["introduction"])}</p>
{"".join(sample["html"] for sample in fields["code_samples"])}
{doors}
{"".join(block["html"] for block in fields["body"])}
</main>
<footer><ul>{links(menus["footer_links"])}</ul><p>{escape(settings["footer_note"])}</p></footer>
</body>
</html>"""


if __name__ == "__main__":
    print(draw(sys.argv[1].rstrip("/")))
