"""Reads a website: as politely as its robots.txt asks, only what changed, and never half of it."""

from __future__ import annotations

from kb_index.loaders.web.settings import CrawlSettings
from kb_index.loaders.web.site import load_site

__all__ = ["CrawlSettings", "load_site"]
