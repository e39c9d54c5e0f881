"""What can go wrong with a knowledge index, in words for the person who runs it."""

from __future__ import annotations


class KnowledgeError(Exception):
    """Base of every error of the knowledge index; its text is one line that can be shown as it is."""


class SourceError(KnowledgeError):
    """A source of articles cannot be read at all (single bad files are reported as problems instead)."""


class UnusableArticle(KnowledgeError):
    """One file, page, row or entry of a source cannot become an article; the text says why, not where."""


class BuildLocked(KnowledgeError):
    """Another build, or another command that changes versions, works on the same index directory."""


class NoSuchVersion(KnowledgeError):
    """An index has no version of that name or role (previous, staged); the text says which there are."""


class IndexFormatError(KnowledgeError):
    """An index directory is missing, damaged or not of this program's format."""


class IndexMismatch(IndexFormatError):
    """An index is sound but was built for another encoder, dimension or format version."""


class UnknownLanguage(KnowledgeError, ValueError):
    """A language code that the knowledge index does not serve."""


class EvaluationFileError(KnowledgeError):
    """A file of evaluation queries is missing or has a broken row; the text names file and line."""


class WordVectorsError(KnowledgeError):
    """The word vectors of the encoder are missing or damaged; the text says what to run."""
