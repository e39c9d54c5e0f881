"""Makes an article of a Markdown file with YAML front matter: the product's own and those of exported help centers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import frontmatter
import yaml

from kb_index.articles import Article
from kb_index.errors import UnusableArticle
from kb_index.loaders.fields import checked_article, one_line, read_date
from kb_index.loaders.files import file_text


def load_markdown(path: Path) -> tuple[Article, str]:
    """(article, remark) of a file; the remark says what in it was ignored, "" for nothing. Raises UnusableArticle."""
    fields, body = _parse(path)
    article_id, title = one_line("id", fields.get("id")), one_line("title", fields.get("title"))
    if not article_id or not title:
        raise UnusableArticle(f"front matter lacks {'an id' if not article_id else 'a title'}")
    updated, remark = read_date(fields.get("updated"))
    article = checked_article(
        id=article_id,
        language=one_line("language", fields.get("language")),
        title=title,
        description=one_line("description", fields.get("description")),
        body=body,
        updated=updated,
        audience=one_line("audience", fields.get("audience")),
        source=str(path),
        url=one_line("url", fields.get("url")),
    )
    return article, remark


def _parse(path: Path) -> tuple[dict[str, Any], str]:
    text = file_text(path).replace("\r\n", "\n").replace("\r", "\n")
    if not text.startswith("---"):
        raise UnusableArticle("no front matter: the file must begin with a '---' line")
    try:
        fields, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError) as error:
        raise UnusableArticle(f"broken front matter: {_yaml_reason(error)}") from error
    if not fields:
        raise UnusableArticle("no front matter between '---' lines")
    return fields, body


def _yaml_reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        # +2: YAML counts lines from zero and does not see the opening '---'.
        return f"{error.problem} (line {error.problem_mark.line + 2})"
    return " ".join(str(error).split())
