"""What the commands of `frontdesk kb` have in common: options, exit statuses, errors as one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kb_index.encoder import EncoderError
from kb_index.errors import KnowledgeError

UNUSABLE_INPUT = 2

IndexOption = Annotated[
    Path, typer.Option("--index", envvar="FRONTDESK_INDEX", help="Directory of the index.", show_default=True)
]
EncoderOption = Annotated[
    Path, typer.Option("--encoder", envvar="FRONTDESK_ENCODER_DIR", help="Directory of the built encoder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
DEFAULT_INDEX = Path("kb_index/index")
DEFAULT_ENCODER = Path("models/encoder")


@contextmanager
def errors_as_one_line() -> Iterator[None]:
    """Ends the command with status 2 and the error's own text, without a traceback."""
    try:
        yield
    except (KnowledgeError, EncoderError) as error:
        typer.echo(f"frontdesk kb: {error}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error
    except OSError as error:
        typer.echo(f"frontdesk kb: {error.strerror}: {error.filename}", err=True)
        raise typer.Exit(UNUSABLE_INPUT) from error
