"""Takes out of a message what its writer only passes on: quoted errors, codes, addresses and names tell no language."""

from __future__ import annotations

import re
from collections.abc import Callable

# Quotation marks of the four languages; a single one only at the edges of words, for it is an apostrophe, too.
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”“]*[”“]|„[^“”]*[“”]|«[^»]*»|»[^«]*«|`[^`]*`|(?<!\w)['‘‚][^'‘’‚\n]{2,}['’‘](?!\w)")
# "Error GW-0011: posting failed", "GW-0011: …", "Meldung: …": what follows is the system's text, not the user's.
_REPORTED = re.compile(
    r"^(?P<label>[^:\n]{0,40}?\b(?:err(?:or)?|exception|warning|fehler(?:meldung|code)?|meldung|mensaje|aviso|message"
    r"|erreur|avertissement|lautet|[a-z]{2,}[-_]?\d{2,})\b[^:\n]{0,30}):(?P<reported>.+)$",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(r"\b\w+://\S+|\S+@\S+")
_CODE_SIGNS = frozenset("0123456789_/\\=<>{}[]#|")
_EDGES = "¡¿.,;:!?…()-–—*'’\""


def without_quotes(text: str) -> str:
    """The text without what stands in quotation marks and without addresses."""
    return _ADDRESS.sub(" ", _QUOTED.sub(" ", text))


def reported(text: str) -> tuple[str, str]:
    """What the user wrote, and what they passed on after a label such as "Error:"."""
    passed_on = [match["reported"] for match in _REPORTED.finditer(text)]
    return _REPORTED.sub(lambda match: match["label"], text), "\n".join(passed_on)


def own_words(text: str, known: Callable[[str], bool]) -> list[str]:
    """The words, as written, that may tell the language.

    Without codes, capitals (unless there is nothing else) and names: two or more words in a row that begin with a
    capital, unless the text begins with them and all are `known`.
    """
    tokens = [token.strip(_EDGES) for token in text.split()]
    tokens = [token for token in tokens if token and not _is_code(token)]
    if any(c.islower() for token in tokens for c in token):
        tokens = [token for token in tokens if len(token) == 1 or not token.isupper()]
    else:
        return [token.lower() for token in tokens]
    kept: list[str] = []
    run: list[str] = []
    for read, token in enumerate([*tokens, ""]):
        if token[:1].isupper():
            run.append(token)
            continue
        begins = len(run) == read  # a sentence's first word has a capital anyway
        if len(run) < 2 or (begins and all(known(name) for name in run)):
            kept += run
        run = []
        kept += [token] if token else []
    return kept


def _is_code(token: str) -> bool:
    """A number, a file, a path, a product's technical name: "GW-0011", "ERR_CLOSED", "java.lang", "SuiteScript"."""
    if not _CODE_SIGNS.isdisjoint(token):
        return True
    inner = token[1:]
    return "." in inner or (any(c.isupper() for c in inner) and any(c.islower() for c in inner))
