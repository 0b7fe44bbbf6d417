"""What word vectors are and how they are learnt."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..checks import at_least, between, one_of
from ..errors import RangeError
from .word_vectors import Hashing

Form: TypeAlias = Literal["word2vec", "fasttext", "floret"]
FORMS: tuple[Form, ...] = ("word2vec", "fasttext", "floret")

MOST_NEGATIVES = 63
WHERE = "vectors"


@dataclass(frozen=True)
class Settings:
    """How word vectors are learnt, by the field's names.

    rate falls linearly over all epochs, to `last_rate`. sample: the share of all words above
    which a word is often left out, 0 for never. shortest, longest: of n-grams; buckets:
    their rows; hashes: floret's rows of each n-gram.
    """

    form: Form = "word2vec"
    dimensions: int = 100
    skip_gram: bool = True
    window: int = 5
    negatives: int = 5
    epochs: int = 5
    sample: float = 1e-4
    rate: float = 0.025
    last_rate: float = 1e-4
    min_count: int = 5
    max_words: int = 1_000_000
    shortest: int = 3
    longest: int = 6
    buckets: int = 200_000
    hashes: int = 2
    seed: int = 0

    @property
    def hashing(self) -> Hashing | None:
        """Whose hashes n-grams have, None without them."""
        return None if self.form == "word2vec" else self.form

    def check(self) -> None:
        """Raise RangeError where a setting is out of its range."""
        one_of(WHERE, "form", self.form, FORMS)
        for name in ("dimensions", "window", "epochs", "min_count", "shortest", "buckets"):
            at_least(WHERE, name, getattr(self, name), 1)
        at_least(WHERE, "max_words", self.max_words, 2)
        at_least(WHERE, "seed", self.seed, 0)
        between(WHERE, "negatives", at_least(WHERE, "negatives", self.negatives, 1), 1,
                MOST_NEGATIVES)  # fmt: skip
        between(WHERE, "hashes", at_least(WHERE, "hashes", self.hashes, 1), 1, 4)
        between(WHERE, "sample", self.sample, 0, 1)
        between(WHERE, "rate", self.rate, self.last_rate, 1)
        if self.longest < self.shortest:
            raise RangeError(
                f"{WHERE}: expected n-grams of no more characters at least than at most, got "
                f"{self.shortest}-{self.longest}; give the smaller number first"
            )
