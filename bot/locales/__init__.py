"""The texts of the desk: one catalogue per language (`<language>.yml`) and what reads, matches and formats them."""

from bot.locales.catalogue import LANGUAGES, Catalogue, CatalogueError, load_catalogues

__all__ = ["LANGUAGES", "Catalogue", "CatalogueError", "load_catalogues"]
