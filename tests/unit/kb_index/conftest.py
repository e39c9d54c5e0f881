"""A small help center to build indexes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

from kb_index.builder import build_index
from kb_index.encoder import Encoder
from kb_index.search import KnowledgeIndex
from tests.fakes.help_site import HelpSite, help_site

WriteArticle = Callable[..., Path]

ARTICLES = {
    ("en", "void-a-check"): (
        "Void a printed check",
        "Cancel a check that was printed or mailed.",
        "# Void a printed check\n\nA voided check keeps its number.\n\n## Before you start\n\nThe check must not be "
        "cleared.\n\n## Steps\n\n1. Open the check register.\n2. Select the check.\n3. Choose the void action.\n",
    ),
    ("es", "void-a-check"): (
        "Anular un cheque impreso",
        "Cancele un cheque que ya se imprimió o se envió.",
        "# Anular un cheque impreso\n\nEl cheque anulado conserva su número.\n\n## Pasos\n\n1. Abra el registro de "
        "cheques.\n2. Seleccione el cheque.\n3. Elija la acción de anular.\n",
    ),
    ("en", "bank-reconciliation"): (
        "Bank reconciliation does not balance",
        "Find the difference between the statement and the ledger.",
        "# Bank reconciliation does not balance\n\n## Typical causes\n\nA payment was entered twice, or error GW-0011 "
        "stopped the import.\n\n## See also\n\n- [Void a printed check](void-a-check.md)\n",
    ),
    ("es", "bank-reconciliation"): (
        "La conciliación bancaria no cuadra",
        "Encuentre la diferencia entre el extracto y el libro mayor.",
        "# La conciliación bancaria no cuadra\n\n## Causas habituales\n\nUn pago se registró dos veces, o el error "
        "GW-0011 detuvo la importación.\n",
    ),
    ("en", "depreciation"): (
        "Run depreciation for fixed assets",
        "Post the monthly depreciation of machines and vehicles.",
        "# Run depreciation for fixed assets\n\n## Steps\n\n1. Choose the asset book.\n2. Run the calculation.\n",
    ),
}


VERBS = (("Approve", "Aprobar"), ("Void", "Anular"), ("Print", "Imprimir"), ("Send", "Enviar"))
NOUNS = (
    ("an invoice", "una factura"),
    ("a check", "un cheque"),
    ("a budget", "un presupuesto"),
    ("a purchase order", "una orden de compra"),
    ("a bank statement", "un extracto bancario"),
)
"""Each verb with each noun is an article in English and Spanish, so that what means what can be learned by word."""


@pytest.fixture(scope="session")
def write_article() -> WriteArticle:
    """Writes one article file: (folder, language, id, title, description, body) -> its path."""

    def write(folder: Path, language: str, article: str, title: str, description: str = "", body: str = "") -> Path:
        path = folder / language / f"{article}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        front = f"id: {article}\nlanguage: {language}\ntitle: {title}\ndescription: {description}\nupdated: 2026-10-14"
        path.write_text(f"---\n{front}\n---\n{body}", encoding="utf-8")
        return path

    return write


@pytest.fixture
def help_center(tmp_path: Path, write_article: WriteArticle) -> Path:
    """A folder with three English and two Spanish articles, the test's own to change."""
    folder = tmp_path / "articles"
    for (language, article), texts in ARTICLES.items():
        write_article(folder, language, article, *texts)
    return folder


@pytest.fixture(scope="session")
def write_translated(write_article: WriteArticle) -> Callable[[Path], None]:
    """Writes a help center of twenty articles in two languages and two English ones that nobody translated."""

    def write(folder: Path) -> None:
        for (verb, verbo), (noun, nombre) in product(VERBS, NOUNS):
            name = f"{verb} {noun}".lower().replace(" ", "-")
            body = f"## Before you start\n\nAsk for the permission.\n\n## Steps\n\n1. Select {noun}.\n2. {verb} it.\n"
            cuerpo = f"## Antes de empezar\n\nPida el permiso.\n\n## Pasos\n\n1. Seleccione {nombre}.\n2. {verbo}.\n"
            write_article(folder, "en", name, f"{verb} {noun}", f"How to {verb.lower()} {noun}.", body)
            write_article(folder, "es", name, f"{verbo} {nombre}", f"Cómo {verbo.lower()} {nombre}.", cuerpo)
        where = "## Where\n\nOpen the archive and choose the year."
        write_article(folder, "en", "invoice-numbers", "Invoice numbers", "How invoice numbers are made.", where)
        write_article(folder, "en", "themes", "Colors and themes", "How the screen looks.", where)

    return write


@pytest.fixture(scope="session")
def translated_index(
    tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, write_translated: Callable[[Path], None]
) -> KnowledgeIndex:
    """An opened index of that help center, for tests that only read."""
    root = tmp_path_factory.mktemp("translated")
    write_translated(root / "articles")
    build_index([root / "articles"], root / "index", encoder)
    return KnowledgeIndex.open(root / "index", encoder)


@pytest.fixture(scope="session")
def small_index(
    tmp_path_factory: pytest.TempPathFactory, encoder: Encoder, write_article: WriteArticle
) -> KnowledgeIndex:
    """An opened index of that help center, for tests that only read."""
    root = tmp_path_factory.mktemp("small")
    for (language, article), texts in ARTICLES.items():
        write_article(root / "articles", language, article, *texts)
    build_index([root / "articles"], root / "index", encoder)
    return KnowledgeIndex.open(root / "index", encoder)


@pytest.fixture
def site() -> Iterator[HelpSite]:
    """A help center on this machine, for the loaders of websites."""
    with help_site() as served:
        yield served
