"""A server that answers like the door of the Rasa process (rasa_components/gateway_channel.py), or fails like it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a-secret-of-the-tests"
ANSWER = {
    "messages": [{"response": "utter_greet", "text": "Hello!", "buttons": []}],
    "form": "case_form",
    "awaiting": "environment",
    "intent": "greet",
    "confidence": 0.97,
}


@dataclass
class FakeRasa:
    """What it was asked, and how it answers: `status` and `body` (a str: sent as it is) of a turn, after `delay_s`."""

    url: str = ""
    status: int = 200
    body: Any = field(default_factory=lambda: dict(ANSWER))
    delay_s: float = 0.0
    requests: list[tuple[str, str, dict[str, Any] | None]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)


@contextmanager
def rasa_server() -> Iterator[FakeRasa]:
    """Serves on a free port of 127.0.0.1."""
    fake = FakeRasa()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(fake.status, {"ready": fake.status == 200}, None, secret=False)

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(fake.status, fake.body, said)

        def do_DELETE(self) -> None:
            self._answer(204 if fake.status == 200 else fake.status, "", None)

        def _answer(self, status: int, body: Any, said: dict[str, Any] | None, *, secret: bool = True) -> None:
            fake.requests.append((self.command, self.path, said))
            fake.stopping.wait(fake.delay_s)
            if secret and self.headers.get("x-frontdesk-secret") != SECRET:
                status, body = 401, {"error": "wrong or missing x-frontdesk-secret"}
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except ConnectionError:  # the client did not wait that long
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """The requests are kept, not printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
