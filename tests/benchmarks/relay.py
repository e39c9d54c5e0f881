"""Stands between Rasa and the action webhook and adds up how long the webhook takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

from tests.benchmarks.figures import milliseconds


class ActionRelay(ThreadingHTTPServer):
    """Passes every POST on to the app."""

    daemon_threads = True

    def __init__(self, app: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.app = httpx2.Client(base_url=app, timeout=60, trust_env=False)
        self.port = int(self.server_address[1])
        self._spent = 0.0

    def add(self, took: float) -> None:
        self._spent += took

    def take(self) -> float:
        """Milliseconds spent in the webhook since the last call."""
        spent, self._spent = self._spent, 0.0
        return spent


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ActionRelay

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: self.headers[name] for name in ("Content-Type", "X-Frontdesk-Secret")}

        def pass_on() -> httpx2.Response:
            return self.server.app.post(self.path, content=body, headers=kept)

        took, reply = milliseconds(pass_on)
        self.server.add(took)
        self.send_response(reply.status_code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)

    def log_message(self, format: str, *args: object) -> None:
        """The figures are the log."""


@contextmanager
def action_relay(app: str) -> Iterator[ActionRelay]:
    """A relay to the app at that address, on a free port of its own."""
    relay = ActionRelay(app)
    thread = threading.Thread(target=relay.serve_forever, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.shutdown()
        relay.server_close()
        relay.app.close()
        thread.join()
