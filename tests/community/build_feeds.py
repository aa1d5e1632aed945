"""Build the feed files in `feed_files/` and their table, `feed_files/table.json`.

    .venv/bin/python -m tests.community.build_feeds

Expected entries are (title, link, day). The day is None if the feed has no date.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "feed_files"
CASES: dict[str, tuple[bytes, dict]] = {}
BLOGGER, WORDPRESS, GHOST, MEDIUM, HUGO = "Blogger", "WordPress", "Ghost", "Medium", "Hugo"
JEKYLL, PELICAN, SCRIPT, PLANET, DISCOURSE = "Jekyll", "Pelican", "hand-written script", "Planet", "Discourse"
SITE = "https://blog.example.org/"
RSS_HEAD = (
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Blog</title><link>https://blog.example.org/</link><description>d</description>'
)
DATE = "<pubDate>Mon, 02 Nov 2026 10:00:00 +0000</pubDate>"
LINK = "<link>https://blog.example.org/1</link>"
DAY = "2026-11-02"


def rss(*items: str, encoding: str = "UTF-8", head: str | None = None) -> str:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>' if head is None else head
    return f"{declaration}{RSS_HEAD}{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


def atom(*entries: str, attributes: str = "") -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"{attributes}><title>Blog</title><id>urn:x</id>{inner}</feed>'


def case(name, producer, trait, content, entries, **more):
    """Add a case. `more`: content_type, text and no_text of the first summary, problem."""
    CASES[name] = (
        content.encode() if isinstance(content, str) else content,
        {"producer": producer, "trait": trait, "entries": [list(entry) for entry in entries]} | more,
    )


def build_cases() -> None:
    one = [("Post", f"{SITE}1", DAY)]
    item = f"<title>Post</title>{LINK}{DATE}"
    case("rss", WORDPRESS, "RSS 2.0", rss(item), one)
    case("rss-guid", WORDPRESS, "GUID that is no link", rss(f'{item}<guid isPermaLink="false">tag:blog,1</guid>'), one)
    case("rss-permalink", GHOST, "link only as GUID", rss(f"<title>Post</title>{DATE}<guid>{SITE}1</guid>"), one)
    case(
        "rss-content",
        GHOST,
        "full text beside a summary",
        rss(f"{item}<description>Short</description><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>"),
        one,
        text="Short",
        no_text="Long",
    )
    case(
        "rss-cdata",
        WORDPRESS,
        "HTML in CDATA",
        rss(f"{item}<description><![CDATA[<p>A <b>b</b> &amp; c</p>]]></description>"),
        one,
        text="&amp; c",
    )
    case(
        "rss-script",
        SCRIPT,
        "script in a summary",
        rss(f"{item}<description>&lt;script&gt;alert(1)&lt;/script&gt;Safe</description>"),
        one,
        text="Safe",
        no_text="alert",
    )
    case(
        "rss-relative",
        HUGO,
        "relative link in a summary",
        rss(f'{item}<description>&lt;a href="/x"&gt;x&lt;/a&gt;</description>'),
        one,
        text='href="https://blog.example.org/x"',
    )
    case("rss-relative-link", HUGO, "relative link of an entry", rss(f"<title>Post</title><link>/1</link>{DATE}"), one)
    case("rss-no-date", SCRIPT, "entry without a date", rss(f"<title>Post</title>{LINK}"), [("Post", f"{SITE}1", None)])
    case(
        "rss-broken-date",
        SCRIPT,
        "date that is none",
        rss(f"<title>Post</title>{LINK}<pubDate>soon</pubDate>"),
        [("Post", f"{SITE}1", None)],
    )
    case("rss-dc-date", PLANET, "dc:date", rss(f"<title>Post</title>{LINK}<dc:date>2026-11-02T10:00:00Z</dc:date>"), one)
    case(
        "rss-iso-date",
        SCRIPT,
        "ISO date in pubDate",
        rss(f"<title>Post</title>{LINK}<pubDate>2026-11-02T10:00:00Z</pubDate>"),
        one,
    )
    case(
        "rss-named-zone",
        BLOGGER,
        "date with a named zone",
        rss(f"<title>Post</title>{LINK}<pubDate>Mon, 02 Nov 2026 10:00:00 EST</pubDate>"),
        one,
    )
    case(
        "rss-two-digit-year",
        SCRIPT,
        "two digits of the year",
        rss(f"<title>Post</title>{LINK}<pubDate>02 Nov 26 10:00 GMT</pubDate>"),
        one,
    )
    case("rss-no-link", SCRIPT, "entry without a link", rss(f"<title>Post</title>{DATE}"), [], problem="no valid link")
    case(
        "rss-javascript-link",
        SCRIPT,
        "link that runs a script",
        rss(f"<title>Post</title><link>javascript:alert(1)</link>{DATE}"),
        [],
        problem="no valid link",
    )
    case("rss-no-title", MEDIUM, "entry without a title", rss(f"{LINK}{DATE}"), [("Untitled", f"{SITE}1", DAY)])
    case(
        "rss-html-title",
        WORDPRESS,
        "HTML in a title",
        rss(f"<title>&lt;b&gt;Post&lt;/b&gt; &amp;amp; more</title>{LINK}{DATE}"),
        [("Post & more", f"{SITE}1", DAY)],
    )
    case("rss-same-twice", PLANET, "the same entry twice", rss(item, item), one)
    case(
        "rss-same-guid-twice",
        PLANET,
        "one GUID with two links",
        rss(
            f"{item}<guid isPermaLink='false'>a</guid>",
            f"<title>Post</title><link>{SITE}2</link>{DATE}<guid isPermaLink='false'>a</guid>",
        ),
        one,
    )
    case("rss-http-and-https", BLOGGER, "one link with two schemes", rss(item, item.replace("https:", "http:")), one)
    case(
        "rss-tracker",
        MEDIUM,
        "parameters that count visits",
        rss(f"{item}", f"<title>Post</title><link>{SITE}1?utm_source=rss&amp;utm_medium=x</link>{DATE}"),
        one,
    )
    case(
        "rss-latin-1",
        WORDPRESS,
        "Latin-1 by its declaration",
        rss(f"<title>Café</title>{LINK}{DATE}", encoding="ISO-8859-1").encode("latin-1"),
        [("Café", f"{SITE}1", DAY)],
    )
    case(
        "rss-latin-1-header",
        SCRIPT,
        "Latin-1 by the HTTP header",
        rss(f"<title>Café</title>{LINK}{DATE}", head='<?xml version="1.0"?>').encode("latin-1"),
        [("Café", f"{SITE}1", DAY)],
        content_type="text/xml; charset=ISO-8859-1",
    )
    case(
        "rss-latin-1-undeclared",
        SCRIPT,
        "Latin-1 that nothing declares",
        rss(f"<title>Café</title>{LINK}{DATE}", head="").encode("latin-1"),
        [("Café", f"{SITE}1", DAY)],
    )
    case(
        "rss-utf-8-bom",
        WORDPRESS,
        "UTF-8 with BOM",
        b"\xef\xbb\xbf" + rss(f"<title>Café</title>{LINK}{DATE}").encode(),
        [("Café", f"{SITE}1", DAY)],
    )
    case(
        "rss-utf-16",
        SCRIPT,
        "UTF-16",
        rss(f"<title>Café</title>{LINK}{DATE}", encoding="UTF-16").encode("utf-16"),
        [("Café", f"{SITE}1", DAY)],
    )
    case(
        "rss-wrong-declaration",
        WORDPRESS,
        "UTF-8 declared as ASCII",
        rss(f"<title>Café</title>{LINK}{DATE}", encoding="US-ASCII").encode(),
        [("Café", f"{SITE}1", DAY)],
    )
    case("rss-blank-before", WORDPRESS, "blank lines before the declaration", "\n\n" + rss(item), one)
    case("rss-html-entity", SCRIPT, "entity of HTML", rss(f"<title>Caf&eacute;</title>{LINK}{DATE}"), [("Café", f"{SITE}1", DAY)])
    case(
        "rss-bare-ampersand",
        SCRIPT,
        "ampersand that is not escaped",
        rss(f"<title>A & B</title>{LINK}{DATE}"),
        [("A & B", f"{SITE}1", DAY)],
    )
    case("rss-control-character", SCRIPT, "control character in a title", rss(f"<title>Po\x0bst</title>{LINK}{DATE}"), one)
    case(
        "rss-cut-off",
        SCRIPT,
        "feed cut off in the middle",
        rss(item, f"<title>Second</title><link>{SITE}2</link>{DATE}")[:-60],
        [*one, ("Second", f"{SITE}2", None)],
    )
    case(
        "rss-0-91",
        SCRIPT,
        "RSS 0.91",
        f'<?xml version="1.0"?><rss version="0.91"><channel><title>B</title><item><title>Post</title>{LINK}</item></channel></rss>',  # noqa: E501
        [("Post", f"{SITE}1", None)],
    )
    rdf = '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    case(
        "rdf",
        PLANET,
        "RSS 1.0",
        f'{rdf}<channel rdf:about="{SITE}"><title>B</title></channel><item rdf:about="{SITE}1"><title>Post</title>{LINK}<dc:date>2026-11-02T10:00:00Z</dc:date></item></rdf:RDF>',  # noqa: E501
        one,
    )
    entry = f'<title>Post</title><id>urn:1</id><link href="{SITE}1"/><updated>2026-11-02T10:00:00Z</updated>'
    case("atom", JEKYLL, "Atom", atom(entry), one)
    case(
        "atom-alternate",
        BLOGGER,
        "several links of an entry",
        atom(
            f'<title>Post</title><id>tag:blogger.com,1</id><link rel="replies" href="{SITE}c"/><link rel="alternate" href="{SITE}1"/><published>2026-11-02T10:00:00Z</published>'  # noqa: E501
        ),
        one,
    )
    case(
        "atom-base",
        PELICAN,
        "xml:base",
        atom(
            '<title>Post</title><id>urn:1</id><link href="1"/><updated>2026-11-02T10:00:00Z</updated><summary type="html">&lt;a href="x"&gt;x&lt;/a&gt;</summary>',  # noqa: E501
            attributes=' xml:base="https://blog.example.org/"',
        ),
        one,
        text='href="https://blog.example.org/x"',
    )
    case(
        "atom-xhtml",
        PELICAN,
        "XHTML content",
        atom(f'{entry}<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hello <em>all</em></p></div></content>'),
        one,
        text="<em>all</em>",
    )
    case(
        "atom-published",
        JEKYLL,
        "published and updated",
        atom(f"{entry}<published>2026-10-01T10:00:00Z</published>"),
        [("Post", f"{SITE}1", "2026-10-01")],
    )
    case(
        "atom-no-date",
        DISCOURSE,
        "Atom without a date",
        atom(f'<title>Post</title><id>urn:1</id><link href="{SITE}1"/>'),
        [("Post", f"{SITE}1", None)],
    )
    case(
        "atom-many",
        HUGO,
        "more entries than are kept",
        atom(
            *(
                f'<title>P{number}</title><id>urn:{number}</id><link href="{SITE}{number}"/><updated>2026-11-02T10:00:00Z</updated>'  # noqa: E501
                for number in range(230)
            )
        ),
        [(f"P{number}", f"{SITE}{number}", DAY) for number in range(200)],
    )


def build() -> None:
    build_cases()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.xml"):
        old.unlink()
    for name, (content, _) in CASES.items():
        (FOLDER / f"{name}.xml").write_bytes(content)
    table = {name: row for name, (_, row) in sorted(CASES.items())}
    (FOLDER / "table.json").write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(CASES)} files")


if __name__ == "__main__":
    build()
