"""An encoder's word vectors: those of a salience model, or those of nlp.vocab."""

from typing import Any

import numpy as np
from spacy.attrs import ORTH
from spacy.vectors import Mode
from spacy.vocab import Vocab

from salience.encoder.rows import Keys
from salience.errors import WeightsError
from salience.layers.word_rows import WordRows
from salience.model.parameters import OF_WORDS, TEXT_TENSORS, WordTable
from salience.model.vocab import Vocabulary
from salience.model.weights import Weights, from_bytes
from salience.types import Floats

from .featurize import Featurizer
from .origins import made_of

TENSORS = ("table", "table_scale", "word_weights", *TEXT_TENSORS)
NO_TABLE = np.zeros((0, 0), dtype=np.float32)


class VocabWords:
    """The vectors of nlp.vocab, of spaCy's default or floret mode; zeros where it has none."""

    def attr(self, vocab: Vocab) -> int:
        """Return the token attribute that the vectors are looked up by, mostly ORTH."""
        return int(getattr(vocab.vectors, "attr", ORTH))

    def width(self, vocab: Vocab) -> int:
        """Return the width; WeightsError where the vocab has no vectors."""
        shape = vocab.vectors.shape
        if not shape[1] or not shape[0]:
            raise WeightsError(
                'words = "vectors": expected vectors in nlp.vocab, found none; set '
                "initialize.vectors to a pipeline that has some, or call the callback "
                "salience.load_vectors.v1 before initialising"
            )
        return int(shape[1])

    def vectors(self, keys: Keys, vocab: Vocab) -> Floats:
        """Return the vectors [N, M] of tokens, by their values of the attribute `attr`."""
        self.width(vocab)
        if vocab.vectors.mode == Mode.floret:
            found = vocab.vectors.get_batch(keys)
        else:
            rows = vocab.vectors.find(keys=keys)
            found = vocab.vectors.data[rows]
            found[rows < 0] = 0
        get = getattr(found, "get", None)  # the array of a vocab on the GPU is CuPy's
        return np.asarray(get() if get else found, dtype=np.float32)


class ModelWords(WordRows):
    """The words and the table of a salience model, which are saved with the pipeline.

    even: whether rows are scaled so that their numbers are about 1 for any model, so that
    a projection of them learns as fast as hashed rows do.
    """

    def __init__(self, *, even: bool = False, learns: bool = False) -> None:
        super().__init__(NO_TABLE, learns=learns)
        self.even, self._reason = even, ""
        self._weights: Weights | None = None
        self._featurizer: Featurizer | None = None

    @classmethod
    def named(cls, name: str, *, even: bool) -> "ModelWords":
        """Return the words of an embedded model or a file, which may be missing until used."""
        words = cls(even=even)
        _, words._reason = made_of(name, words.take)
        return words

    def take(self, weights: Weights) -> None:
        """Take the words and the table of a model."""
        words = WordTable(weights)
        table, logits = words.table(), None
        if "word_weights" in weights.tensors:
            logits = weights.tensors["word_weights"].astype(np.float32)[:, None]
        if self.even:
            self.factor = 1 / max(float(table.std()), 1e-12)
        self.set(table, logits)
        self._featurizer = Featurizer(words.vocabulary, weights.language)
        self._weights = Weights(
            {name: weights.tensors[name] for name in TENSORS if name in weights.tensors},
            {name: weights.settings[name] for name in OF_WORDS if name in weights.settings},
        )

    @property
    def is_known(self) -> bool:
        """Whether there are words; where not, `weights` raises the reason."""
        return self._weights is not None

    @property
    def weights(self) -> Weights:
        """The words and their table as they are now; WeightsError where there are none."""
        known = self._known()
        if not self.learns:
            return known
        tensors = {**known.tensors, "table": self.table.table.copy()}
        tensors["word_weights"] = self.logits.table[:, 0].copy()
        tensors.pop("table_scale", None)
        return Weights(tensors, known.settings)

    @property
    def vocabulary(self) -> Vocabulary:
        """Which row of the table each word has."""
        return self.featurizer.vocabulary

    @property
    def featurizer(self) -> Featurizer:
        """Looks up the rows of tokens."""
        self._known()
        assert self._featurizer is not None
        return self._featurizer

    def to_bytes(self) -> bytes:
        """Return the content of a weights file."""
        return self.weights.to_bytes()

    def from_bytes(self, data: bytes) -> "ModelWords":
        """Take the words and the table of the content of a weights file."""
        self.take(from_bytes(data, "the encoder's words"))
        return self

    def _known(self) -> Weights:
        if self._weights is None:
            raise WeightsError(self._reason)
        return self._weights

    def __deepcopy__(self, memo: dict[int, Any]) -> "ModelWords":
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        if self.learns:
            copied.set(self.table.table.copy(), self.logits.table.copy())
        return copied
