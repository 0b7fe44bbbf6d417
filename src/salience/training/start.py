"""The weights that a student starts from: word counts and a teacher's vectors of words.

The vectors are projected to the model's width and weighted by word frequency;
unknown words are served by n-gram rows fitted to the same vectors. Recurrence
and attention are random, and the states do not enter the token vectors yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..errors import RangeError
from ..model.forms import is_blank
from ..model.settings import LEAST_DECAY, MOST_DECAY
from ..model.vocab import Vocabulary
from ..model.weights import Weights
from ..types import Floats
from .lessons import Teacher, batches_of, checked
from .lexicon import Lexicon, composed
from .ngrams import fit_ngram_rows
from .signs import with_signs


@dataclass(frozen=True)
class Recipe:
    """What a model is made of.

    words: known words, the most frequent ones; buckets: n-gram rows; width: D;
    states: H; heads, rank R and window (tokens to either side; all where None)
    of attention; rarity: a of the word weights log(a / (a + p)); whitening:
    power of the spectrum that the projection takes out; context: gate g of the
    attended context at the start; blocks: how many; document_width: K of document
    vectors d = P sum_t s_t v_t, which are then not in the tokens' space; seed: of all
    random numbers.
    """

    words: int = 40_000
    buckets: int = 16_384
    width: int = 256
    states: int = 128
    heads: int = 1
    rank: int = 16
    window: int | None = 32
    rarity: float = 3e-4
    whitening: float = 0.25
    context: float = 0.1
    blocks: int = 1
    document_width: int | None = None
    seed: int = 0

    def check(self) -> None:
        """Raise ShapeError or RangeError where the sizes do not fit each other."""
        for name in ("words", "width", "states", "heads", "rank", "blocks"):
            checks.at_least("distil", name, getattr(self, name), 1)
        checks.at_least("distil", "buckets", self.buckets, 0)
        checks.even("distil", "states, half of which run backward,", self.states)
        checks.multiple("distil", "width", self.width, "heads", self.heads)

    def check_document_width(self, width: int) -> None:
        """Raise RangeError where documents are to be wider than token vectors of this width."""
        if self.document_width is not None:
            checks.between("distil", "document_width", self.document_width, 1, width)

    def check_teacher(self, width: int) -> None:
        """Raise RangeError where a teacher of words is narrower than the vectors are to be."""
        if width < self.width:
            raise RangeError(
                f"distil: expected a teacher of at least width {self.width}, got {width}; ask for "
                f"a width of {width} or less"
            )


def start(
    counts: Mapping[str, int], teacher: Teacher, recipe: Recipe = Recipe(),
    lexicon: Lexicon | None = None,
) -> Weights:  # fmt: skip
    """Return the weights to start from, with the table in float32 and rows of common signs.

    Where there is a lexicon, texts are read as composed of its words, which count as known
    words of the recipe.

    Raises:
        RangeError: there are no words, or the teacher's vectors are not finite
            or narrower than the recipe's width.
        ShapeError: the number of states is odd, the width no multiple of heads,
            or the teacher gave too few vectors.
    """
    recipe.check()
    ranked = sorted(filter(_can_be_listed, counts), key=lambda word: (-counts[word], word))
    if not ranked:
        raise RangeError("distil: expected at least one word, got none; give it text files")
    vocabulary = Vocabulary(ranked[: recipe.words], recipe.buckets)
    if lexicon is not None:
        vocabulary, counts = composed(vocabulary, counts, lexicon, recipe.words)
    vectors = project(_taught(teacher, vocabulary.words, recipe), recipe)
    blank = np.zeros((1, recipe.width), dtype=np.float32)
    return with_signs(
        Weights(
            {
                "table": np.concatenate([blank, vectors, fit_ngram_rows(vocabulary, vectors)]),
                "word_weights": word_weights(vocabulary, counts, recipe.rarity),
                "words": _stored("\n".join(vocabulary.words)),
                **_of_spellings(vocabulary),
                **_context(recipe),
            },
            {
                "buckets": recipe.buckets,
                "shortest": vocabulary.shortest,
                "longest": vocabulary.longest,
                "reading": vocabulary.reading,
                "window": recipe.window,
                "causal": False,
            },
        )
    )


def _of_spellings(vocabulary: Vocabulary) -> dict[str, NDArray[Any]]:
    pairs = "".join(map("".join, vocabulary.spellings.items()))
    return {"spellings": _stored(pairs)} if pairs else {}


def _stored(text: str) -> NDArray[Any]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _can_be_listed(word: str) -> bool:
    """Whether a word can be a line of UTF-8, as words are stored, and is no blank."""
    has_surrogate = any("\ud800" <= character <= "\udfff" for character in word)
    return not (is_blank(word) or has_surrogate or any(map(str.isspace, word)))


def _taught(teacher: Teacher, words: Sequence[str], recipe: Recipe) -> Floats:
    taught = np.concatenate([checked(teacher(batch), len(batch)) for batch in batches_of(words)])
    recipe.check_teacher(taught.shape[1])
    return taught


def project(vectors: Floats, recipe: Recipe) -> Floats:
    """Project to the recipe's width: x' = c x U l^-whitening, with a mean length of 1.

    U and l are the leading eigenvectors and eigenvalues of the vectors'
    second moments X'X / n; c makes the mean length 1.
    """
    moments = (vectors.T @ vectors).astype(np.float64) / len(vectors)
    spectrum, axes = np.linalg.eigh(moments)
    spectrum = np.maximum(spectrum[::-1][: recipe.width], 1e-12)
    axes = axes[:, ::-1][:, : recipe.width]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(recipe.width)])
    projected = vectors @ (axes * spectrum**-recipe.whitening)
    length = np.linalg.norm(projected, axis=1).mean()
    if not length > 0:
        raise RangeError(
            "distil: expected a teacher that tells words apart, got one that says the same of all; "
            "give another teacher, or one of words"
        )
    projected /= length
    return np.asarray(projected, dtype=np.float32)


def word_weights(vocabulary: Vocabulary, counts: Mapping[str, int], rarity: float) -> Floats:
    """Return the pooling logit of each row [V].

    w = log(a / (a + p)), p the word's share of all words: softmax then weighs
    a word by a / (a + p) (Arora et al., A Simple but Tough-to-Beat Baseline
    for Sentence Embeddings, 2017). N-gram rows stand for words too rare to
    list, whose p is nearly 0; blanks weigh nothing beside any word.
    """
    total = sum(counts.values())
    shares = np.array([counts[word] / total for word in vocabulary.words])
    return np.concatenate(
        [[-30.0], np.log(rarity / (rarity + shares)), np.zeros(vocabulary.buckets)]
    ).astype(np.float32)


def _context(recipe: Recipe) -> dict[str, NDArray[Any]]:
    """Recurrence, attention and pooling before any training."""
    block = new_block(recipe, recipe.width, seed=recipe.seed, gate=recipe.context)
    return {**block, "pool_query": np.zeros(recipe.width, dtype=np.float32)}


def new_block(
    recipe: Recipe, width: int, *, seed: int | Sequence[int], gate: float, deviation: float = 1.0
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a block before any training, whose states do not enter v yet: W_f = 0.

    Weights are as in Glorot and Bengio, 2010, and those of inputs are divided by the
    inputs' deviation; in each direction the states remember from about one token to about
    ten. gate: g of the attended context.
    """
    rng, states = np.random.default_rng(seed), recipe.states

    def glorot(*shape: int) -> Floats:
        spread = np.sqrt(2 / (shape[-2] + shape[-1]))
        return rng.normal(0, spread, shape).astype(np.float32)

    return {
        "input_weight": glorot(states, width) / np.float32(deviation),
        "input_bias": np.zeros(states, dtype=np.float32),
        "output_weight": glorot(states, width) / np.float32(deviation),
        "output_bias": np.zeros(states, dtype=np.float32),
        "decay": np.tile(np.linspace(LEAST_DECAY, MOST_DECAY, states // 2, dtype=np.float32), 2),
        "query": glorot(recipe.heads, recipe.rank, states),
        "key": glorot(recipe.heads, recipe.rank, states),
        "fusion_weight": np.zeros((width, states), dtype=np.float32),
        "fusion_gate": np.full(width, gate, dtype=np.float32),
    }
