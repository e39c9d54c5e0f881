"""The real desk for tests: both processes on free ports, with a database, mails and files of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parents[2]
IDENTITY_SECRET = "development-identity-secret-change-me"
START_SECONDS = 120


@dataclass
class Stack:
    """A running desk. `rasa` can be stopped and started again; `folder` holds its database, files and logs."""

    base: str
    folder: Path
    environment: dict[str, str]
    app: subprocess.Popen[bytes]
    rasa: subprocess.Popen[bytes]

    def stop_rasa(self) -> None:
        _stop(self.rasa)

    def start_rasa(self) -> None:
        self.rasa = _start("rasa", self.environment, self.folder)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        state = "no answer yet"
        while time.monotonic() < deadline:
            if self.app.poll() is not None or self.rasa.poll() is not None:
                break
            try:
                reply = httpx2.get(f"{self.base}/readyz", timeout=5, trust_env=False)
                state = reply.text
                if reply.status_code == 200:
                    return
            except httpx2.HTTPError as error:
                state = str(error)
            time.sleep(0.3)
        logs = "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}" for log in self.folder.glob("*.log")
        )
        raise RuntimeError(f"the desk did not become ready: {state}\n{logs}")

    def mails(self) -> str:
        """Everything that was printed as mail so far."""
        return (self.folder / "serve.log").read_text(errors="replace")


@contextmanager
def running_stack(folder: Path, **settings: str) -> Iterator[Stack]:
    """Starts the desk with the demo directory and stops it at the end."""
    port, rasa_port = _free_port(), _free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("FRONTDESK_")},
        "FRONTDESK_PORT": str(port),
        "FRONTDESK_RASA_URL": f"http://127.0.0.1:{rasa_port}",
        "FRONTDESK_DATABASE_URL": f"sqlite:///{folder}/desk.db",
        "FRONTDESK_RASA_DATABASE": str(folder / "rasa.db"),
        "FRONTDESK_ATTACHMENTS": str(folder / "attachments"),
        "FRONTDESK_MESSAGES_PER_MINUTE": "1000",
        "FRONTDESK_CONVERSATIONS_PER_MINUTE": "1000",
        "FRONTDESK_RASA_TIMEOUT_S": "20",
        **settings,
    }
    subprocess.run([ROOT / ".venv/bin/frontdesk", "db", "demo"], env=environment, cwd=ROOT, check=True)
    app = _start("serve", environment, folder)
    rasa = _start("rasa", environment, folder)
    stack = Stack(f"http://127.0.0.1:{port}", folder, environment, app, rasa)
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        _stop(stack.app)
        _stop(stack.rasa)


def _start(command: str, environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{command}.log").open("ab") as log:
        return subprocess.Popen(
            [ROOT / ".venv/bin/frontdesk", command],
            env={**environment, "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and what it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
