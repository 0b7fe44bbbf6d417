"""From Docs to table rows, by the hash of each token's NORM."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from spacy.attrs import NORM, ORTH, SPACY
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.util import get_lang_class
from spacy.vocab import Vocab

from salience.errors import AnnotationError
from salience.lazy import lazy
from salience.model.compositions import Compositions
from salience.model.forms import normal_form
from salience.model.units import WORD, Keys, Kinds, Units, kind_of, units_of
from salience.model.vocab import Vocabulary
from salience.types import Ints, Ragged, starts_of

from ..annotations.stamps import checksum
from .joined import join_letters

_ATTRIBUTES = [NORM, ORTH]

CACHED = 16384
"""Unknown words whose rows are remembered; when there are so many, all are forgotten."""


class Found(NamedTuple):
    """The table rows of an unknown word, and its kind (see salience.model.units)."""

    bag: Ints
    kind: int


class Words(NamedTuple):
    """The table rows of the words of B Docs, and where each Doc's words begin [B + 1].

    units says which tokens each word stands for; None where every token is a word.
    checksums are of each Doc's tokens (see stamps.py).
    """

    bags: Ragged
    starts: Ints
    units: Units | None
    checksums: list[str]


class Featurizer:
    """Look up the rows of every token of many Docs.

    Words are looked up by spaCy's 64-bit string hashes, so that no Doc or StringStore is
    kept alive. lang is the code of the model's language, whose contractions are known:
    a word's rows depend on the model alone.
    """

    def __init__(self, vocabulary: Vocabulary, lang: str | None = None) -> None:
        self.vocabulary, self._lang = vocabulary, lang or ""
        composed = vocabulary.reading == "composed"
        self._compositions = Compositions(vocabulary) if composed else None
        known = dict(_rows_of(vocabulary))
        hashes = np.array([get_string_id(word) for word in known], dtype=np.uint64)
        rows = np.array(list(known.values()), dtype=np.int64)
        order = np.argsort(hashes)
        # A last entry that no hash exceeds, so that searchsorted always returns an entry.
        self._hashes = np.append(hashes[order], np.uint64(2**64 - 1))
        self._rows = np.append(rows[order], 0)
        self._unknown: dict[int, Found] = {}

    def __call__(self, docs: Sequence[Doc]) -> tuple[Ragged, Ints]:
        """Return each token's rows, and where each Doc's tokens begin [B + 1]."""
        bags, starts, *_ = self.units(docs, as_units=False)
        return bags, starts

    def units(self, docs: Sequence[Doc], *, as_units: bool) -> Words:
        """Return what an encoder sees of the Docs: their tokens, or units of them."""
        composed = self._compositions is not None
        (norms, _, *spaces), starts, tokens = _keys_of(docs, [SPACY] if composed else [])
        joined = join_letters(norms, spaces[0], starts) if composed else {}
        string = _strings(docs, starts, joined)
        return self.of_norms(norms, starts, string, as_units=as_units)._replace(checksums=tokens)

    @property
    def reads_norms(self) -> bool:
        """Whether a document's NORMs are all that is read of it."""
        return self._compositions is None

    def of_norms(
        self, norms: Keys, starts: Ints, string: Callable[[int, int], str], *, as_units: bool
    ) -> Words:
        """Return what an encoder sees of tokens, without their checksums.

        Args:
            norms: the NORM of each token [N].
            starts: where each document's tokens begin [B + 1].
            string: returns the string of a NORM, from a token's place and its NORM.
            as_units: whether the encoder reads units.
        """
        bags, kinds = self._look_up(norms, string)
        if self._compositions is not None:
            bags = self._compositions(bags, starts)
        units = units_of(bags, kinds, norms, starts) if as_units else None
        if units is None:
            return Words(bags, starts, None, [])
        return Words(units.bags, units.starts, units, [])

    def _look_up(self, norms: Keys, string: Callable[[int, int], str]) -> tuple[Ragged, Kinds]:
        places = np.searchsorted(self._hashes, norms)
        kinds = self._kinds[places]
        unknown = np.flatnonzero(self._hashes[places] != norms)
        if not len(unknown):
            return Ragged(self._rows[places], np.arange(len(norms) + 1)), kinds
        known = self._unknown.get
        found = [
            known(norm) or self._find(norm, string(token, norm))
            for norm, token in zip(norms[unknown].tolist(), unknown.tolist(), strict=True)
        ]
        kinds[unknown] = [each.kind for each in found]
        return _merge(self._rows[places], unknown, [each.bag for each in found]), kinds

    @lazy
    def _kinds(self) -> Kinds:
        """The kinds of the known words, in the order of their hashes."""
        kinds = np.full(len(self._rows), WORD, dtype=np.int8)
        for place in np.flatnonzero(np.isin(self._rows, self.vocabulary.sign_rows)):
            kinds[place] = kind_of(self.vocabulary.words[self._rows[place] - 1])
        return kinds

    def _find(self, norm: int, word: str) -> Found:
        if len(self._unknown) >= CACHED:
            self._unknown.clear()
        found = self._unknown[norm] = Found(self._bag(word), kind_of(word))
        return found

    def _bag(self, word: str) -> Ints:
        """The rows of an unknown word; of a contraction, those of the words that it stands for."""
        if self.vocabulary.reading != "verbatim":
            words = contraction(normal_form(word), self._lang)
            rows = [self.vocabulary.row(each) for each in words]
            if rows and None not in rows:
                return np.array(rows, dtype=np.int64)
        return self.vocabulary.bag(word)


def _keys_of(docs: Sequence[Doc], others: list[int]) -> tuple[Keys, Ints, list[str]]:
    """NORM, ORTH and others of every token [2 + others, N]; each Doc's begin, and checksum."""
    starts = starts_of([len(doc) for doc in docs])
    attributes = _ATTRIBUTES + others
    keys = np.zeros((len(attributes), starts[-1]), dtype=np.uint64)
    tokens: list[str] = []
    first = 0
    for doc, last in zip(docs, starts[1:].tolist(), strict=True):
        if first < last:
            keys[:, first:last] = doc.to_array(attributes).T
        tokens.append(checksum(keys[1, first:last]))
        first = last
    return keys, starts, tokens


def _rows_of(vocabulary: Vocabulary) -> Iterator[tuple[str, int]]:
    """The words that have one row wherever they stand, and other spellings of characters."""
    for spelling, character in vocabulary.spellings.items():
        row = vocabulary.row(character)
        if row is not None:
            yield spelling, row
    for row, word in enumerate(vocabulary.words, start=1):
        if vocabulary.is_read_whole(word):
            yield word, row


def _strings(
    docs: Sequence[Doc], starts: Ints, joined: Mapping[int, str]
) -> Callable[[int, int], str]:
    """What gives the string of a token, from its place and its hash."""

    def string(token: int, norm: int) -> str:
        if norm in joined:
            return joined[norm]
        return _string(norm, docs[int(np.searchsorted(starts, token, side="right")) - 1].vocab)

    return string


def contraction(form: str, lang: str) -> list[str]:
    """Return the NORM of each token into which spaCy's tokenizer splits a contraction.

    "don't" is do and not. The list is empty where the tokenizer would not split the form.
    """
    tokens = _exceptions(lang).get(form, ()) if "'" in form else ()
    return [each.get(NORM, each[ORTH]).lower() for each in tokens] if len(tokens) > 1 else []


@cache
def _exceptions(lang: str) -> Any:
    try:
        return get_lang_class(lang).Defaults.tokenizer_exceptions
    except ImportError:
        return {}  # a Vocab of no language, or of one that is not installed


def _string(norm: int, vocab: Vocab) -> str:
    try:
        return vocab.strings[norm]
    except KeyError as error:
        # spaCy reports a KeyError as a component that was not initialised.
        raise AnnotationError(
            f"token.norm: expected a word that doc.vocab.strings knows, found the hash {norm}; "
            "make or load the Doc with the vocab of its words, and use a Doc of a memory_zone "
            "inside it"
        ) from error


def _merge(rows: Ints, unknown: Ints, bags: Sequence[Ints]) -> Ragged:
    """One row for each known token, and a bag of rows for each unknown one."""
    sizes = np.ones(len(rows), dtype=np.int64)
    sizes[unknown] = [len(bag) for bag in bags]
    starts = starts_of(sizes)
    ids = np.empty(starts[-1], dtype=np.int64)
    known = np.ones(len(rows), dtype=bool)
    known[unknown] = False
    ids[starts[:-1][known]] = rows[known]
    ids[np.repeat(~known, sizes)] = np.concatenate(bags)
    return Ragged(ids, starts)
