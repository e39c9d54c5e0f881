"""What tests of every part share: the real encoder, built once, and empty databases of both kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.encoder import Encoder
from tests.support.databases import (  # fixtures
    database,
    database_kind,
    database_url,
    empty_database_url,
    postgres,
    postgres_database,
    sqlite_template,
)

__all__ = [
    "database",
    "database_kind",
    "database_url",
    "empty_database_url",
    "encoder",
    "postgres",
    "postgres_database",
    "sqlite_template",
]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled encoder in models/encoder, built when the checkout does not have it yet."""
    directory = ROOT / "models" / "encoder"
    if not (directory / "encoder.json").exists():
        from kb_index.encoder_build import build_encoder

        build_encoder("bundled", directory, report=print)
    return Encoder.load(directory)
