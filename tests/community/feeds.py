"""Feeds of many types, and a loopback server for them."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def rss(*items: str) -> bytes:
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Insider</title><link>https://blog.example.org/</link>'
        f"<description>News</description>{''.join(items)}</channel></rss>"
    ).encode()


def rss_item(number: int = 1, *, title: str = "Release", date: str = "Tue, 03 Mar 2026 10:00:00 GMT", **changed: str) -> str:
    link = changed.get("link", f"https://blog.example.org/{number}/")
    text = changed.get("text", "&lt;p&gt;Fast &lt;b&gt;and&lt;/b&gt; small.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;")
    pub = f"<pubDate>{date}</pubDate>" if date else ""
    return f"<item><title>{title} {number}</title><link>{link}</link>{pub}<description>{text}</description></item>"


ATOM = b"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Core</title>
<id>urn:a</id><updated>2026-03-04T10:00:00Z</updated>
<entry><title type="html">What&#8217;s &lt;i&gt;new&lt;/i&gt;</title><id>urn:1</id><link href="https://core.example.org/1"/>
<updated>2026-03-04T10:00:00+02:00</updated><content type="html">&lt;p&gt;All of it.&lt;/p&gt;</content></entry>
<entry><title>Second</title><id>urn:2</id><link href="/2"/><published>2026-03-05T10:00:00Z</published>
<updated>2026-03-06T10:00:00Z</updated><summary>Short.</summary></entry></feed>"""
RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://old.example.org/"><title>Old</title>
<link>https://old.example.org/</link><description>x</description></channel>
<item rdf:about="https://old.example.org/1"><title>From RDF</title><link>https://old.example.org/1</link>
<dc:date>2026-02-01T08:00:00Z</dc:date><description>Old ways.</description></item></rdf:RDF>"""
HTML = b"<!DOCTYPE html><html><head><title>Not found</title></head><body><p>Sorry.</p></body></html>"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><rss version="2.0"><channel><title>&c;</title></channel></rss>"""
FILE_ENTITY = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><item><title>&x;</title><link>https://a.example.org/</link></item></channel></rss>"""
CUT_OFF = rss(rss_item(1), rss_item(2))[:-120]


class FeedServer:
    """Server with the responses in `answers`: path -> (status, headers, content). `asked` lists the requests."""

    def __enter__(self):
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self):
                status, headers, content = outer.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(content))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()

            def do_GET(self):
                outer.asked.append((self.path, dict(self.headers)))
                status, headers, content = outer.answers.get(self.path, (404, {}, b""))
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, content = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                """Keep the output of tests clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def serve(self, path: str, content: bytes, status: int = 200, **headers: str) -> str:
        """Start serving content, and return its URL."""
        self.answers[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, content)
        return self.url + path

    def __exit__(self, *args):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
