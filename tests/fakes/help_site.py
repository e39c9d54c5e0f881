"""A real web server on 127.0.0.1 that behaves like a help center, in good and in bad moments, and counts requests."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """One answer. `headers` are sent as given; validators turn a matching conditional request into a 304."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: datetime | None = None
    delay_s: float = 0.0
    piece_delay_s: float = 0.0
    """Pause after every kilobyte of the body."""
    cut_after: int | None = None
    """The connection breaks after so many bytes of the body."""
    endless: bool = False
    """The body is repeated for as long as the client listens, without Content-Length."""


@dataclass
class Request:
    """What came in, and when, by time.monotonic()."""

    path: str
    headers: Mapping[str, str]
    at: float


@dataclass
class HelpSite:
    """What the server serves (path with query -> reply), and what it was asked for."""

    url: str = ""
    replies: dict[str, Reply] = field(default_factory=dict)
    script: dict[str, list[Reply]] = field(default_factory=dict)
    """Answers that come first, each once, before the one in `replies`."""
    down: bool = False
    """Everything is answered with 503."""
    requests: list[Request] = field(default_factory=list)
    bodies: Counter[str] = field(default_factory=Counter)
    """How often the body of a path was really sent with 200."""
    asked: threading.Condition = field(default_factory=threading.Condition)
    stopping: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    """How many were opened; a client that keeps its connection needs one."""

    def page(
        self,
        path: str,
        *,
        title: str = "",
        language: str = "en",
        links: tuple[str, ...] = (),
        head: str = "",
        text: str = "",
        **reply: Any,
    ) -> None:
        """Puts an article page there, with an ETag made of its content unless the reply has validators of its own."""
        title = title or "How to use " + path.strip("/").replace("/", " ").replace("-", " ")
        anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
        html = (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
            f"<body><nav><ul>{anchors}</ul></nav><main><article><h1>{title}</h1>"
            f"<p>{text or 'Open the ledger, choose the entry and press save. The entry is then posted to the period.'}"
            "</p><h2>Steps</h2><ol><li>Open the page.</li><li>Choose the entry.</li><li>Save.</li></ol>"
            "</article></main></body></html>"
        )
        body = html.encode()
        if "etag" not in reply and "last_modified" not in reply:
            reply["etag"] = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        self.replies[path] = Reply(body, **reply)

    def put(self, path: str, body: str | bytes, content_type: str = "text/html; charset=utf-8", **reply: Any) -> None:
        """Puts any content there, as it is."""
        self.replies[path] = Reply(body.encode() if isinstance(body, str) else body, content_type=content_type, **reply)

    def robots(self, text: str, **reply: Any) -> None:
        self.put("/robots.txt", text, "text/plain", **reply)

    def redirect(self, path: str, location: str, status: int = 301) -> None:
        self.replies[path] = Reply(status=status, headers={"Location": location})

    def sitemap(self, path: str, *pages: str, lastmod: str = "", zipped: bool = False) -> None:
        """A sitemap of pages, given as paths or whole addresses."""
        changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
        entries = "".join(f"<url><loc>{self._absolute(page)}</loc>{changed}</url>" for page in pages)
        self._xml(path, f"<urlset {_NAMESPACE}>{entries}</urlset>", zipped)

    def sitemap_index(self, path: str, *sitemaps: str) -> None:
        entries = "".join(f"<sitemap><loc>{self._absolute(sitemap)}</loc></sitemap>" for sitemap in sitemaps)
        self._xml(path, f"<sitemapindex {_NAMESPACE}>{entries}</sitemapindex>", False)

    def _xml(self, path: str, content: str, zipped: bool) -> None:
        body = ('<?xml version="1.0" encoding="UTF-8"?>\n' + content).encode()
        if zipped:
            self.put(path, gzip.compress(body), "application/gzip")
        else:
            self.put(path, body, "application/xml")

    def _absolute(self, page: str) -> str:
        return page if "://" in page else self.url + page

    @property
    def hits(self) -> Counter[str]:
        """How often each path was asked for, robots.txt left out."""
        return Counter(request.path for request in self.requests if request.path != "/robots.txt")

    def forget(self) -> None:
        """Starts counting anew."""
        self.requests.clear()
        self.bodies.clear()

    def wait_for(self, count: int, timeout_s: float = 30.0) -> None:
        """Waits until so many requests arrived, robots.txt left out."""
        with self.asked:
            if not self.asked.wait_for(lambda: self.hits.total() >= count, timeout_s):
                raise AssertionError(f"only {self.hits.total()} of {count} requests in {timeout_s} s")


_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@contextmanager
def help_site() -> Iterator[HelpSite]:
    """Serves on a free port of 127.0.0.1; without a robots.txt, and with 404 for whatever was not put there."""
    site = HelpSite()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Clients that stop listening are part of the tests."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body go out apart; the body would wait for the acknowledgement of the head.
        disable_nagle_algorithm = True

        def setup(self) -> None:
            with site.asked:
                site.connections += 1
            super().setup()

        def do_GET(self) -> None:
            with site.asked:
                site.requests.append(Request(self.path, dict(self.headers.items()), time.monotonic()))
                scripted = site.script.get(self.path)
                reply = scripted.pop(0) if scripted else site.replies.get(self.path, Reply(b"not here", 404))
                site.asked.notify_all()
            if site.down:
                reply = Reply(b"down for maintenance", 503)
            site.stopping.wait(reply.delay_s)
            self._answer(reply)

        def _answer(self, reply: Reply) -> None:
            status = 304 if reply.status == 200 and self._is_known(reply) else reply.status
            self.send_response(status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.etag:
                self.send_header("ETag", reply.etag)
            if reply.last_modified:
                self.send_header("Last-Modified", format_datetime(reply.last_modified, usegmt=True))
            if status == 304:
                self.end_headers()
                return
            self.send_header("Content-Type", reply.content_type)
            if reply.endless:
                self.close_connection = True
            else:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if status == 200:
                site.bodies[self.path] += 1
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            if reply.cut_after is not None:
                self.wfile.write(reply.body[: reply.cut_after])
                self.close_connection = True
                return
            while True:
                for start in range(0, len(reply.body), 65_536 if not reply.piece_delay_s else 1_024):
                    piece = reply.body[start : start + (65_536 if not reply.piece_delay_s else 1_024)]
                    self.wfile.write(piece)
                    site.stopping.wait(reply.piece_delay_s)
                if not reply.endless or site.stopping.is_set():
                    return

        def _is_known(self, reply: Reply) -> bool:
            # RFC 9110, 13.1.3: If-Modified-Since does not count where there is an If-None-Match.
            if "If-None-Match" in self.headers:
                return bool(reply.etag) and self.headers["If-None-Match"] == reply.etag
            since = self.headers.get("If-Modified-Since")
            return (
                since is not None
                and reply.last_modified is not None
                and (reply.last_modified <= parsedate_to_datetime(since))
            )

        def log_message(self, format: str, *args: Any) -> None:
            """The requests are kept, not printed."""

    server = Server(("127.0.0.1", 0), Door)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
