"""From Docs to the table rows, hashed attributes and vectors that an encoder reads."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import intify_attr
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import NumpyOps

from salience import checks
from salience.encoder.rows import Keyed, Keys
from salience.errors import AnnotationError, RangeError, WeightsError
from salience.layers.encoder import Lookup
from salience.model.settings import HASHES, Settings
from salience.model.units import GOLDEN, Units
from salience.ragged import select
from salience.types import Ints, Ragged, Tokens, starts_of

from .attributes import attributes_of
from .featurize import Featurizer
from .words import VocabWords


class Seen(NamedTuple):
    """What an encoder reads of B Docs: tokens, and where each Doc's begin [B + 1].

    Where units is not None, these are units, each of one or more tokens of the Doc.
    checksums are of each Doc's tokens (see stamps.py).
    """

    tokens: Ragged | Keyed
    starts: Ints
    units: Units | None
    checksums: list[str]


def check_attributes(where: str, attrs: Sequence[str], rows: Sequence[int]) -> None:
    """Raise RangeError where attrs and rows differ in length, or one of them is not valid."""
    if len(attrs) != len(rows):
        raise RangeError(
            f"{where}: attrs and rows must be as many, got {len(attrs)} and {len(rows)}"
        )
    for count in rows:
        checks.at_least(where, "rows", count, 1)
    if any(intify_attr(attr) is None for attr in attrs):
        raise RangeError(f"{where}: attrs must be names of spaCy's attributes, got {list(attrs)}")


class Reader:
    """Reads Docs for an encoder of these settings.

    words: a Featurizer of the encoder's own table, VocabWords for vectors of nlp.vocab, or None.
    """

    def __init__(self, settings: Settings, words: Featurizer | VocabWords | None) -> None:
        self._settings, self.words = settings, words
        self.word_width: int | None = None  # the width that a vocab's vectors must have
        self._names: list[Any] = [intify_attr(name) for name, _ in settings.attributes]

    def read(self, docs: Sequence[Doc]) -> Seen:
        """Return what the encoder reads of the Docs.

        Raises AnnotationError where a token's word is not known to its vocab, or vectors
        of a vocab are read and the Docs are of several.
        """
        if isinstance(self.words, Featurizer):
            seen = self.words.units(docs, as_units=self._settings.units)
            if self._settings.folds:
                return Seen(*seen)
            keyed = self._keyed(docs, seen.bags, seen.units)
            return Seen(keyed, *seen[1:])
        starts = starts_of([len(doc) for doc in docs])
        return Seen(self._keyed(docs, None, None), starts, None, [])

    @property
    def reads_norms(self) -> bool:
        """Whether the NORMs of a document's tokens are all that is read of it."""
        words = self.words
        return self._settings.folds and isinstance(words, Featurizer) and words.reads_norms

    def read_norms(self, norms: Keys, starts: Ints, string: Callable[[int, int], str]) -> Seen:
        """Return what `read` does, without checksums, of tokens by their NORM [N].

        Only where reads_norms; starts and string are those of Featurizer.of_norms.
        """
        assert isinstance(self.words, Featurizer)
        return Seen(*self.words.of_norms(norms, starts, string, as_units=self._settings.units))

    def lookup(self, docs: Sequence[Doc]) -> tuple[Lookup, Units | None]:
        """Return what the layers read of the Docs: equal tokens are stored once."""
        tokens, starts, units, _ = self.read(docs)
        keyed = tokens if isinstance(tokens, Keyed) else _by_bags(tokens)
        _, first, places = np.unique(keyed.keys, return_index=True, return_inverse=True)
        return Lookup(keyed.at(first), places, starts), units

    def _keyed(self, docs: Sequence[Doc], bags: Ragged | None, units: Units | None) -> Keyed:
        nothing = np.zeros((0, len(self._names)), dtype=np.uint64)
        values = np.concatenate([nothing, *(attributes_of(doc, self._names) for doc in docs)])
        if units is not None:
            values = values[_first_tokens(units)]
        if bags is not None:
            columns = np.column_stack([values, _keys_of_bags(bags)])

            def of_table(at: Ints) -> Tokens:
                return Tokens(select(bags, at), self._rows(values[at]))

            return Keyed(_mixed(columns), of_table)
        if isinstance(self.words, VocabWords):
            return self._with_vectors(docs, values, self.words)
        return Keyed(_mixed(values), lambda at: Tokens(None, self._rows(values[at])))

    def _with_vectors(self, docs: Sequence[Doc], values: Any, words: VocabWords) -> Keyed:
        vocab = _one_vocab(docs)
        if self.word_width is not None:
            _check_width(words.width(vocab), self.word_width)
        attr = words.attr(vocab)
        keys = np.concatenate([doc.to_array([attr]).reshape(-1) for doc in docs])

        def at(places: Ints) -> Tokens:
            vectors = words.vectors(np.ascontiguousarray(keys[places]), vocab)
            return Tokens(vectors, self._rows(values[places]))

        # Not remembered, as a vocab's vectors may be changed in place, such as by set_vector.
        return Keyed(_mixed(np.column_stack([values, keys])), at, remember=False)

    def _rows(self, values: NDArray[np.uint64]) -> Ragged | None:
        """The rows of every token: HASHES for each attribute, from its own range of rows."""
        sizes = [rows for _, rows in self._settings.attributes]
        if not sizes:
            return None
        ids = np.empty((len(values), len(sizes), HASHES), dtype=np.int64)
        first = 0
        for place, size in enumerate(sizes):
            hashed = NumpyOps().hash(np.ascontiguousarray(values[:, place]), place)
            ids[:, place] = hashed[:, :HASHES] % size + first
            first += size
        return Ragged(ids.reshape(-1), np.arange(len(values) + 1) * len(sizes) * HASHES)


def _check_width(found: int, trained: int) -> None:
    """Raise WeightsError where word vectors are not of the width that was trained on."""
    if found != trained:
        raise WeightsError(
            f"Encoder: expected word vectors of width {trained}, on which it was trained, found "
            f"{found}; load the vectors that it was trained with into nlp.vocab"
        )


def _one_vocab(docs: Sequence[Doc]) -> Vocab:
    vocab = docs[0].vocab
    if any(doc.vocab is not vocab for doc in docs):
        raise AnnotationError(
            "Encoder: expected the documents of a batch to share one vocab, got several; make "
            "them with the pipeline's own nlp.make_doc"
        )
    return vocab


def _first_tokens(units: Units) -> Ints:
    """The first token of each unit."""
    seen = np.flatnonzero(units.places >= 0)
    _, first = np.unique(units.places[seen], return_index=True)
    return seen[first]


def _by_bags(bags: Ragged) -> Keyed:
    return Keyed(_keys_of_bags(bags), lambda at: Tokens(select(bags, at)))


def _keys_of_bags(bags: Ragged) -> Keys:
    """One key for each bag [N]; it depends on the rows' order, as the bits of their mean do."""
    places = np.arange(len(bags.data)) - np.repeat(bags.starts[:-1], np.diff(bags.starts))
    mixed = _mixed(np.column_stack([bags.data, places]).astype(np.uint64))
    sums = np.zeros(len(bags.starts) - 1, dtype=np.uint64)
    if len(mixed):
        sums = np.add.reduceat(mixed, bags.starts[:-1])  # no bag is empty
    return sums + np.diff(bags.starts).astype(np.uint64)


def _mixed(values: Keys) -> Keys:
    """One key for each row of values [N, columns]."""
    key = np.zeros(len(values), dtype=np.uint64)
    for column in values.T:
        key = (key ^ column) * GOLDEN
        key ^= key >> np.uint64(29)
    return key
