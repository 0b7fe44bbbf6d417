"""Keyphrases: whether what people chose is what weighs most."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import NamedTuple

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from tqdm import tqdm

from salience.model.forms import normal_form
from salience.ops import embedding_bags
from salience.training.evaluation import precision_at_k

from ..component.component import Salience
from ..component.pipelines import component_of
from ..keyphrases.keywords import heaviest, keywords, ranked
from ..keyphrases.phrases import Candidates, candidates
from ..models.featurize import Featurizer
from ..models.served import served
from ..pictures.labels import harmless
from ..texts import Record, Source, open_table, source_of
from ..texts.formats import Format
from .tables import too_few
from .task import Scores
from .vectors import Vectors


class Counted(NamedTuple):
    """A document's tokens in lower case, and its candidates for keywords among them."""

    tokens: list[str]
    found: Candidates

    def heaviest(self, weights: Sequence[float], n: int) -> list[tuple[str, float]]:
        """Return the n phrases whose words weigh most, with these weights of tokens."""
        return heaviest(self.found.phrases, self.found.weights(weights), n)


@dataclass(frozen=True)
class Keyphrases:
    """Precision at k of `keywords`, beside what ranks the same phrases by counts of words.

    Only keys that occur in their text count, and only documents that have one.
    """

    name: str
    documents: Sequence[str]
    keys: Sequence[frozenset[str]]
    k: int

    @property
    def items(self) -> str:
        """How many documents have keys that occur in them."""
        return f"{len(self.documents)} documents"

    def texts(self) -> Iterable[str]:
        """Return nothing: weights of tokens are needed, no vectors."""
        return []

    def scores(self, vectors: Vectors, nlp: Language | None) -> Scores:  # noqa: ARG002
        """Return the precision at k of each way to rank; nothing without a pipeline."""
        if nlp is None:
            return {}
        weigh = word_weights(component_of(nlp))
        found: list[list[str]] = []
        by_weight: list[list[str]] = []
        counted: list[Counted] = []
        docs = nlp.pipe(self.documents)
        for doc in tqdm(
            docs, harmless(self.name), len(self.documents), unit=" documents", disable=None
        ):
            found.append(_texts(keywords(doc, self.k)))
            each = Counted([token.lower_ for token in doc], candidates(doc))
            counted.append(each)
            if weigh:
                by_weight.append(_texts(each.heaviest(weigh(doc), self.k)))
        return {
            f"precision@{self.k}": self._precision(found),
            **({f"precision@{self.k}, word weights": self._precision(by_weight)} if weigh else {}),
            **self._baselines(counted),
        }

    def _precision(self, found: Sequence[Sequence[str]]) -> float:
        pairs = zip(found, self.keys, strict=True)
        return float(np.mean([precision_at_k(first, keys, self.k) for first, keys in pairs]))

    def _baselines(self, counted: Sequence[Counted]) -> Scores:
        idf = inverse_frequencies(counted)
        ways: dict[str, Callable[[Counted], list[tuple[str, float]]]] = {
            "TF-IDF": lambda each: ranked(each.found.phrases, by_counts(each, idf), self.k),
            "IDF": lambda each: each.heaviest([idf[token] for token in each.tokens], self.k),
            "TF": lambda each: ranked(each.found.phrases, by_counts(each), self.k),
        }
        return {
            f"precision@{self.k}, {way}": self._precision([_texts(rank(each)) for each in counted])
            for way, rank in ways.items()
        }


def inverse_frequencies(counted: Sequence[Counted]) -> dict[str, float]:
    """Return idf(w) = log(N / n_w) of all tokens, n_w of the N documents having the token."""
    counts = Counter(token for each in counted for token in set(each.tokens))
    return {token: log(len(counted) / count) for token, count in counts.items()}


def by_counts(each: Counted, idf: dict[str, float] | None = None) -> dict[str, float]:
    """Return the weight of each phrase, the sum over its words of tf(w) idf(w); idf 1 if None.

    Source: Hasan and Ng, Conundrums in Unsupervised Keyphrase Extraction, 2010.
    """
    counts = Counter(each.tokens)
    weights = each.found.weights(
        [counts[token] * (idf[token] if idf else 1.0) for token in each.tokens]
    )
    return {text: sum(weights[first:last]) for text, _, first, last in each.found.phrases}


def word_weights(component: Salience) -> Callable[[Doc], list[float]] | None:
    """Return what weighs tokens by exp(w[id_t]) alone, as salience does without u'v_t.

    None where that would be the salience, as the model has no u; or where it has no w.
    """
    encoder = served(component.model)
    words, tensors = encoder.reader.words, encoder.encoder.weights.tensors
    if "word_weights" not in tensors or not np.any(tensors["pool_query"]):
        return None
    rows = tensors["word_weights"][:, None]

    def weigh(doc: Doc) -> list[float]:
        assert isinstance(words, Featurizer)
        bags = words.units([doc], as_units=False).bags
        weights: list[float] = np.exp(embedding_bags(rows, bags.data, bags.starts))[:, 0].tolist()
        return weights

    return weigh


def read_keyphrases(name: str, path: Path, k: int) -> Keyphrases:
    """Read rows of a "text" and a list of "keys"; FileError where one is not as expected."""
    documents: list[str] = []
    wanted: list[frozenset[str]] = []
    source = source_of(path, plain=Format.jsonl)
    for record in open_table(source).rows(("text", "keys")):
        text, given = _checked(source, record)
        body = _plain(text)
        keys = frozenset(key for key in map(_plain, given) if key and key in body)
        if keys:
            documents.append(text)
            wanted.append(keys)
    if not documents:
        raise too_few(path, "at least one document with a key that occurs in it", "none")
    return Keyphrases(name, documents, wanted, k)


def _checked(source: Source, record: Record) -> tuple[str, list[str]]:
    try:
        text, keys = record.values["text"], record.values["keys"]
        if not isinstance(keys, list):
            raise TypeError
        "".join([text, *keys]).encode()  # strings all, and no lone surrogate
    except (ValueError, KeyError, TypeError) as error:
        wanted = 'a JSON object with a "text" and a list of "keys", of valid Unicode'
        raise source.bad(record.number, wanted, "something else") from error
    return text, keys


def _plain(text: str) -> str:
    """The form that the text of a keyword has."""
    return " ".join(normal_form(text).split())


def _texts(pairs: Sequence[tuple[str, float]]) -> list[str]:
    return [text for text, _ in pairs]
