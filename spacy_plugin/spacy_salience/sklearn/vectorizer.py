"""The transformer of scikit-learn."""

from functools import lru_cache
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np

from salience import checks
from salience.errors import ShapeError
from salience.model import pretrained

from ..component.pipelines import pipeline
from ..encoding.batches import texts_of
from ..encoding.text_encoder import TextEncoder
from ..packages import optional
from .terms import INSTALL, Terms, matrix_of, vocabulary_of

base = optional("sklearn.base", "spacy_salience.sklearn", INSTALL)
Transformer: Any = base.TransformerMixin
Estimator: Any = base.BaseEstimator
validation = optional("sklearn.utils.validation", "spacy_salience.sklearn", INSTALL)

Output: TypeAlias = Literal["vectors", "terms", "keywords"]
OUTPUTS: tuple[Output, ...] = ("vectors", "terms", "keywords")

WHERE = "SalienceVectorizer"

Own = TypeVar("Own", bound="SalienceVectorizer")


class SalienceVectorizer(Transformer, Estimator):  # type: ignore[misc]
    """Turn texts into document vectors, or into terms weighted by salience.

    output: "vectors" for a dense array [B, D]; "terms" for a sparse matrix [B, V], whose
    entries are the salience of a content word in all its places; "keywords" for one of
    keywords' weights. Pickles hold the model's name and the fitted vocabulary.
    """

    def __init__(
        self, model: str = "en_small", *, lang: str | None = None, output: Output = "vectors",
        n_keywords: int = 10, min_df: int = 1, max_features: int | None = None,
        batch_size: int = 1000, num_threads: int | None = None,
    ) -> None:  # fmt: skip
        """Take the parameters, which `fit` checks.

        Args:
            model, lang, num_threads: those of TextEncoder.
            output: "vectors", "terms" or "keywords".
            n_keywords: of each text, with output="keywords".
            min_df: the fewest texts that a term must be in.
            max_features: the most terms, those that weigh most in all texts; None for all.
            batch_size: the most texts that are worked on together.
        """
        self.model, self.lang, self.output = model, lang, output
        self.n_keywords, self.min_df, self.max_features = n_keywords, min_df, max_features
        self.batch_size, self.num_threads = batch_size, num_threads

    def fit(self: Own, X: Any, y: Any = None) -> Own:  # noqa: ARG002
        """Load the model and learn the terms of B texts; y is ignored.

        Raises DtypeError or ShapeError where X is no sequence of texts, and RangeError where a
        parameter is not allowed or no term is found.
        """
        self._learn(_column(X))
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002
        """Do what fit and transform do, and read the texts once."""
        texts = _column(X)
        found = self._learn(texts)
        return self._vectors(texts) if found is None else matrix_of(found, self.vocabulary_)

    def transform(self, X: Any) -> Any:
        """Return the features of B texts: [B, D] float32, or sparse [B, V] float32.

        Raises sklearn's NotFittedError before `fit`, and DtypeError or ShapeError where X is no
        sequence of texts.
        """
        validation.check_is_fitted(self)
        texts = _column(X)
        if self.output_ == "vectors":
            return self._vectors(texts)
        return matrix_of(self._terms(texts), self.vocabulary_)

    def get_feature_names_out(self, input_features: Any = None) -> Any:  # noqa: ARG002
        """Return the names of the columns [D] or [V]: salience0, salience1, ..., or the terms."""
        validation.check_is_fitted(self)
        if self.output_ == "vectors":
            return np.array([f"salience{place}" for place in range(self.width_)], dtype=object)
        return np.array(list(self.vocabulary_), dtype=object)

    def _learn(self, texts: list[str]) -> list[dict[str, float]] | None:
        """Fit, and return the terms of each text; None for vectors."""
        self._check()
        self._loaded: TextEncoder | Terms | None = None
        self.output_ = self.output
        if self.output == "vectors":
            self.width_ = self._encoder().get_sentence_embedding_dimension()
            return None
        found = self._terms(texts)
        self.vocabulary_ = vocabulary_of(found, self.min_df, self.max_features)
        return found

    def _check(self) -> None:
        checks.one_of(WHERE, "output", self.output, OUTPUTS)
        for name in ("n_keywords", "min_df", "batch_size"):
            checks.at_least(WHERE, name, getattr(self, name), 1)
        if self.max_features is not None:
            checks.at_least(WHERE, "max_features", self.max_features, 1)

    def _vectors(self, texts: list[str]) -> Any:
        return self._encoder().encode(texts, batch_size=self.batch_size)

    def _encoder(self) -> TextEncoder:
        if not isinstance(self._loaded, TextEncoder):
            self._loaded = _encoder(self.model, self.lang, self.num_threads)
        return self._loaded

    def _terms(self, texts: list[str]) -> list[dict[str, float]]:
        if not isinstance(self._loaded, Terms):
            self._loaded = Terms(pipeline(self.model, self.lang))
        count = self.n_keywords if self.output_ == "keywords" else None
        return list(self._loaded.of(texts, self.batch_size, count))

    def __getstate__(self) -> Any:
        state = dict(super().__getstate__())
        if "_loaded" in state:
            state["_loaded"] = None
        return state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags

    def _more_tags(self) -> dict[str, Any]:
        return {"X_types": ["string"]}  # of scikit-learn before 1.6


def _encoder(model: str, lang: str | None, num_threads: int | None) -> TextEncoder:
    if model in pretrained.names():
        return _embedded(model, lang, num_threads)
    return TextEncoder(model, lang=lang, num_threads=num_threads)


@lru_cache(maxsize=4)
def _embedded(model: str, lang: str | None, num_threads: int | None) -> TextEncoder:
    """Encoders of embedded models, which clones share, as these never change."""
    return TextEncoder(model, lang=lang, num_threads=num_threads)


def _column(X: Any) -> list[str]:
    axes = getattr(X, "ndim", 1)
    if axes != 1:
        raise ShapeError(
            f"{WHERE}: expected one column of texts, got {axes} axes; give X['text'], or name the "
            "column by a string, not a list, in a ColumnTransformer"
        )
    return texts_of(WHERE, X)
