"""The transformer of scikit-learn."""

from collections.abc import Mapping
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
        return self._features(texts) if found is None else matrix_of(found, self.vocabulary_)

    def transform(self, X: Any) -> Any:
        """Return the features of B texts: [B, D] float32, or sparse [B, V] float32.

        Raises sklearn's NotFittedError before `fit`, and DtypeError or ShapeError where X is no
        sequence of texts.
        """
        validation.check_is_fitted(self)
        return self._features(_column(X))

    def get_feature_names_out(self, input_features: Any = None) -> Any:  # noqa: ARG002
        """Return the names of the columns [D] or [V]: salience0, salience1, ..., or the terms."""
        validation.check_is_fitted(self)
        if self.parameters_["output"] == "vectors":
            return np.array([f"salience{place}" for place in range(self.width_)], dtype=object)
        return np.array(list(self.vocabulary_), dtype=object)

    def _learn(self, texts: list[str]) -> list[dict[str, float]] | None:
        """Fit, and return the terms of each text; None for vectors.

        A fit that fails leaves everything as it was.
        """
        self._check()
        parameters = self.get_params(deep=False)
        loaded, found = _load(parameters), None
        if isinstance(loaded, TextEncoder):
            self.width_ = loaded.get_sentence_embedding_dimension()
        else:
            found = _terms(loaded, parameters, texts)
            self.vocabulary_ = vocabulary_of(found, self.min_df, self.max_features)
        self._loaded: TextEncoder | Terms | None = loaded
        self.parameters_ = parameters
        return found

    def _check(self) -> None:
        checks.one_of(WHERE, "output", self.output, OUTPUTS)
        for name in ("n_keywords", "min_df", "batch_size"):
            checks.at_least(WHERE, name, getattr(self, name), 1)
        for name in ("max_features", "num_threads"):
            if getattr(self, name) is not None:
                checks.at_least(WHERE, name, getattr(self, name), 1)

    def _features(self, texts: list[str]) -> Any:
        """What transform returns, by the parameters of the last fit."""
        if self._loaded is None:
            self._loaded = _load(self.parameters_)
        loaded = self._loaded
        if isinstance(loaded, TextEncoder):
            return loaded.encode(texts, batch_size=self.parameters_["batch_size"])
        return matrix_of(_terms(loaded, self.parameters_, texts), self.vocabulary_)

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


def _load(parameters: Mapping[str, Any]) -> TextEncoder | Terms:
    """Return what reads texts as these parameters say."""
    model, lang, threads = (parameters[name] for name in ("model", "lang", "num_threads"))
    if parameters["output"] != "vectors":
        return Terms(pipeline(model, lang), threads)
    if model in pretrained.names():
        return _embedded(model, lang, threads)
    return TextEncoder(model, lang=lang, num_threads=threads)


def _terms(
    loaded: Terms, parameters: Mapping[str, Any], texts: list[str]
) -> list[dict[str, float]]:
    count = parameters["n_keywords"] if parameters["output"] == "keywords" else None
    return loaded.of(texts, parameters["batch_size"], count)


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
