"""Where an encoder that learns has its word vectors from: a model of ours, or the vocab."""

from typing import Any, Protocol, cast

import numpy as np
from spacy.attrs import NORM, ORTH
from spacy.vectors import Mode
from spacy.vocab import Vocab
from thinc.api import Ops

from salience.errors import WeightsError
from salience.layers.folded import Keys
from salience.layers.host import HostShim
from salience.model.parameters import WordTable
from salience.model.weights import Weights, from_bytes
from salience.ops import embedding_bags
from salience.types import Floats

from .featurize import Featurizer
from .origins import made_of

TENSORS = ("table", "table_scale", "words")
SETTINGS = ("buckets", "shortest", "longest", "reading", "language")


class Words(Protocol):
    """Word vectors that do not learn; what a token's depends on is its attribute `attr`."""

    def attr(self, vocab: Vocab) -> int:
        """Return spaCy's attribute that decides on a token's vector."""

    def width(self, vocab: Vocab | None) -> int | None:
        """Return M, the width of the vectors; None where only a vocab would know."""

    def depends_on(self) -> list[Any] | None:
        """Return what the vectors depend on, of which another object means other vectors.

        None where they may be others without anybody being told.
        """

    def vectors(self, keys: Keys, vocab: Vocab, ops: Ops) -> Floats:
        """Return the vectors [N, M] of tokens by their values of that attribute, as ops have it."""


class VocabWords:
    """The vectors of nlp.vocab, of spaCy's default or floret mode; zeros where it has none."""

    def attr(self, vocab: Vocab) -> int:
        """ORTH, or what the vectors were made for."""
        return int(getattr(vocab.vectors, "attr", ORTH))

    def width(self, vocab: Vocab | None) -> int | None:
        """Return the width; WeightsError where the vocab has no vectors."""
        if vocab is None:
            return None
        shape = vocab.vectors.shape
        if not shape[1] or not shape[0]:
            raise WeightsError(
                'words = "vectors": expected vectors in nlp.vocab, found none; set '
                "initialize.vectors to a pipeline that has some, or call the callback "
                "salience.load_vectors.v1 before initialising"
            )
        return int(shape[1])

    def depends_on(self) -> None:
        """None: a vocab's vectors are changed in place, by set_vector for one."""

    def vectors(self, keys: Keys, vocab: Vocab, ops: Ops) -> Floats:
        """Look the tokens up, where the vocab has its vectors."""
        if vocab.vectors.mode == Mode.floret:
            found = vocab.vectors.get_batch(keys)
        else:
            rows = vocab.vectors.find(keys=keys)
            found = vocab.vectors.data[rows]
            found[rows < 0] = 0
        return cast(Floats, ops.asarray2f(found))


class ModelWords(HostShim):
    """The words and the table of a salience model, which are saved with the pipeline."""

    def __init__(self, name: str) -> None:
        super().__init__(None)
        self._weights: Weights | None = None
        self._table: Any = None
        self._digest: str | None = None
        _, self._reason = made_of(name, self._take)

    def attr(self, vocab: Vocab) -> int:  # noqa: ARG002
        """NORM."""
        return int(NORM)

    def width(self, vocab: Vocab | None) -> int:  # noqa: ARG002
        """Return the width of the model's vectors."""
        return int(self._loaded().tensors["table"].shape[1])

    @property
    def weights(self) -> Weights:
        """The words and their table; WeightsError where their file was no good."""
        return self._loaded()

    def digest(self) -> str:
        """Return the SHA-256 of the words and their table, worked out once."""
        loaded = self._loaded()
        self._digest = self._digest or loaded.digest()
        return self._digest

    def depends_on(self) -> list[Any]:
        """The weights, which loading replaces."""
        return [self._weights]

    def vectors(self, keys: Keys, vocab: Vocab, ops: Ops) -> Floats:
        """Look the tokens up; an unknown word has the mean of its n-grams' rows."""
        self._loaded()
        bags = self._featurize.bags(keys, lambda _: vocab)
        ids: Any = ops.asarray(bags.data)  # type: ignore[arg-type]
        self._table = ops.asarray(self._table)  # and it stays there for the next time
        return embedding_bags(self._table, ids, bags.starts)

    def to_bytes(self) -> bytes:
        """Return the content of a weights file."""
        return self._loaded().to_bytes()

    def from_bytes(self, data: bytes) -> "ModelWords":
        """Take the words and the table of the content of a weights file."""
        self._take(from_bytes(data, "the encoder's words"))
        return self

    def _take(self, weights: Weights) -> None:
        words = WordTable(weights)
        table = words.table()
        # Numbers of about 1, whatever the model's: so they learn as fast as others.
        self._table = table / np.float32(max(float(table.std()), 1e-12))
        self._featurize = Featurizer(words.vocabulary, weights.language)
        self._digest = None
        self._weights = Weights(
            {name: weights.tensors[name] for name in TENSORS if name in weights.tensors},
            {name: weights.settings[name] for name in SETTINGS if name in weights.settings},
        )

    def _loaded(self) -> Weights:
        if self._weights is None:
            raise WeightsError(self._reason)
        return self._weights

    def __deepcopy__(self, memo: dict[int, Any]) -> "ModelWords":
        copied = object.__new__(ModelWords)  # nothing here learns, so copies may share it
        copied.__dict__.update(self.__dict__)
        return copied
