"""Kernel ridge regression on one-hot labels, made into probabilities: fits thousands of examples in seconds.

Two kernels are added up: one of the sentence's meaning, the encoder's vector, and one of its wording, the letters and
words it is made of. Meaning carries over between languages and to words never seen; wording tells apart what means
nearly the same ("cancel it", "skip it"). Solving one linear system gives the classifier and, in closed form, what it
would have said of each training example had it not been trained on it (leave-one-out). On those answers the temperature
of the softmax is fitted, so the probabilities are calibrated without a second training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg.lapack
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer

TEMPERATURES = np.arange(2.0, 40.5, 0.5)
_LEAST_TEXTS = 2
"""In which letters or words must occur to count."""


class Wording:
    """Texts as sparse vectors of length 1: sequences of two to five letters within words, words, and pairs of words."""

    def __init__(self) -> None:
        options = {"sublinear_tf": True, "strip_accents": "unicode", "min_df": _LEAST_TEXTS, "dtype": np.float32}
        self._parts = [
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **options),
            TfidfVectorizer(analyzer="word", ngram_range=(1, 2), token_pattern=r"\w+", **options),
        ]

    def fit(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """(texts, features) of the texts that the features are taken from."""
        return self._joined([part.fit_transform(texts) for part in self._parts])

    def vectors(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """(texts, features)"""
        return self._joined([part.transform(texts) for part in self._parts])

    @staticmethod
    def _joined(parts: Sequence[scipy.sparse.csr_matrix]) -> scipy.sparse.csr_matrix:
        return scipy.sparse.hstack(parts, format="csr") * np.float32(1 / np.sqrt(len(parts)))


@dataclass
class KernelModel:
    """Gaussian kernel on standardised vectors, linear kernel on wording.

    labels          the k classes, sorted
    points          float32 (n, d), the standardised training vectors
    norms           float32 (n,), their squared lengths
    weights         float32 (n, k)
    wording         turns texts into sparse vectors
    wording_weights float32 (features, k)
    share           of the wording in the sum of both kernels, 0 to 1
    prior           (k,), how much more often people mean each class than its examples have it
    """

    labels: list[str]
    mean: np.ndarray
    scale: np.ndarray
    points: np.ndarray
    norms: np.ndarray
    weights: np.ndarray
    wording: Wording
    wording_weights: np.ndarray
    share: float
    width: float
    temperature: float
    prior: np.ndarray

    @classmethod
    def fit(
        cls,
        vectors: np.ndarray,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        width: float,
        ridge: float,
        share: float,
        prior: Mapping[str, float],
    ) -> KernelModel:
        """vectors (n, d); a text and a label each. A larger width or ridge makes the model smoother. O(n^3) time.

        `prior` of a label that is missing there is 1. Raises ValueError for one that has no examples.
        """
        unknown = set(prior) - set(labels)
        if unknown:
            raise ValueError(f"a prior is given for {', '.join(sorted(unknown))}, which has no examples")
        classes = sorted(set(labels))
        answers = np.zeros((len(labels), len(classes)), dtype=np.float32)
        truth = np.array([classes.index(label) for label in labels])
        answers[np.arange(len(labels)), truth] = 1.0
        mean, scale = vectors.mean(axis=0), vectors.std(axis=0) * np.sqrt(vectors.shape[1])
        points = ((vectors - mean) / scale).astype(np.float32)
        wording = Wording()
        worded = wording.fit(texts)
        kernel = _gaussian(points, points, width)
        kernel *= 1 - share
        kernel += np.float32(share) * (worded @ worded.T).toarray()
        kernel[np.diag_indices_from(kernel)] += ridge
        weights, diagonal = _solved(kernel, answers)
        left_out = answers - weights / diagonal[:, None]
        losses = [_cross_entropy(left_out * t, truth) for t in TEMPERATURES]
        temperature = float(TEMPERATURES[int(np.argmin(losses))])
        norms = (points * points).sum(axis=1)
        return cls(
            classes,
            mean,
            scale,
            points,
            norms,
            ((1 - share) * weights).astype(np.float32),
            wording,
            (share * (worded.T @ weights)).astype(np.float32),
            share,
            width,
            temperature,
            np.array([prior.get(label, 1.0) for label in classes], dtype=np.float32),
        )

    def probabilities(self, vector: np.ndarray, text: str) -> np.ndarray:
        """vector (d,) and the text it is of -> (k,), in the order of `labels`, summing to one."""
        point = ((vector - self.mean) / self.scale).astype(np.float32)
        distances = (point * point).sum() + self.norms - 2.0 * (self.points @ point)
        scores = np.exp(-self.width * np.maximum(distances, 0.0)) @ self.weights
        scores += (self.wording.vectors([text]) @ self.wording_weights)[0]
        scores *= self.temperature
        exponentials = self.prior * np.exp(scores - scores.max())
        return exponentials / exponentials.sum()


def _solved(matrix: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(inverse @ answers, diagonal of the inverse) of a symmetric positive definite matrix, which is overwritten.

    In single precision, a quarter of the work of double; the ridge keeps it well conditioned. The inverse itself is
    never made: that of its Cholesky factor tells the diagonal.
    """
    # The transpose is the matrix itself, in the order that LAPACK overwrites in place.
    factor, failed = scipy.linalg.lapack.spotrf(matrix.T, lower=True, overwrite_a=True)
    if failed:
        raise ValueError("the kernel is not positive definite; use a larger ridge")
    weights, _ = scipy.linalg.lapack.spotrs(factor, answers, lower=True)
    half, _ = scipy.linalg.lapack.strtri(factor, lower=True, overwrite_c=True)
    half = np.tril(half)
    return weights, np.einsum("ij,ij->j", half, half)


def _gaussian(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    """exp(-width * squared distance) of each row of a to each of b."""
    distances = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * (a @ b.T)
    np.maximum(distances, 0.0, out=distances)
    distances *= -width
    return np.exp(distances, out=distances)


def _cross_entropy(scores: np.ndarray, truth: np.ndarray) -> float:
    highest = scores.max(axis=1, keepdims=True)
    total = np.log(np.exp(scores - highest).sum(axis=1)) + highest[:, 0]
    return float((total - scores[np.arange(len(truth)), truth]).mean())
