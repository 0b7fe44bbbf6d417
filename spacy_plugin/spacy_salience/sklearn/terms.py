"""Terms of texts with their weights, and the sparse matrix that they make."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from salience.errors import RangeError

from ..component.pipelines import component_of
from ..encoding.batches import batches_of
from ..encoding.zones import Zone
from ..explanations.groups import groups_of, tokens_of
from ..keyphrases.keywords import keywords
from ..packages import optional

INSTALL = "pip install 'salience[sklearn]'"


class Terms:
    """Finds the weighted terms of texts by a pipeline's Docs."""

    def __init__(self, nlp: Language, num_threads: int | None) -> None:
        self._nlp, self._zone = nlp, Zone(nlp)
        component_of(nlp).num_threads = num_threads

    def of(
        self, texts: Sequence[str], batch_size: int, n_keywords: int | None
    ) -> list[dict[str, float]]:
        """Return each text's terms: its words, or its keywords where their number is given."""
        found: list[dict[str, float]] = []
        for batch in batches_of(texts, batch_size):
            with self._zone.entered():
                found += [
                    _words(doc) if n_keywords is None else dict(keywords(doc, n_keywords))
                    for doc in self._nlp.pipe(batch)
                ]
        return found


def _words(doc: Doc) -> dict[str, float]:
    """The content words of a Doc, each with the salience of all its places."""
    groups = groups_of(tokens_of(doc), "word")
    weights = np.bincount(groups.places, doc._.salience, len(groups.labels)).tolist()
    count = len(groups.labels) - groups.others
    return dict(islice(zip(groups.labels, weights, strict=True), count))


def vocabulary_of(
    found: Iterable[Mapping[str, float]], min_df: int, max_features: int | None
) -> dict[str, int]:
    """Return the column of each term: of at least min_df texts, and of those the heaviest.

    Raises RangeError where there is none.
    """
    texts: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    for terms in found:
        texts.update(terms.keys())
        for term, weight in terms.items():
            weights[term] += weight  # type: ignore[assignment]
    frequent = [term for term, count in texts.items() if count >= min_df]
    frequent.sort(key=lambda term: (-weights[term], term))
    if not frequent:
        raise RangeError(
            f"SalienceVectorizer: expected texts with terms that are in at least {min_df} of them, "
            "found none; give texts that are more than stop words, or a smaller min_df"
        )
    return {term: column for column, term in enumerate(sorted(frequent[:max_features]))}


def matrix_of(found: Sequence[Mapping[str, float]], vocabulary: Mapping[str, int]) -> Any:
    """Return the weights of each text's known terms, a scipy.sparse.csr_matrix [B, V]."""
    sparse = optional("scipy.sparse", "SalienceVectorizer", INSTALL)
    rows = [
        sorted((vocabulary[term], weight) for term, weight in terms.items() if term in vocabulary)
        for terms in found
    ]
    columns = np.array([column for row in rows for column, _ in row], dtype=np.int32)
    weights = np.array([weight for row in rows for _, weight in row], dtype=np.float32)
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    return sparse.csr_matrix((weights, columns, ends), shape=(len(rows), len(vocabulary)))
