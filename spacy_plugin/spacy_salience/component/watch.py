"""A single warning where texts are in another language than the model's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from spacy.language import Language
from spacy.tokens import Doc

from salience.model.weights import Weights

from ..models.languages import ANY_LANGUAGE, warn_of_language, warn_of_script, warn_of_texts
from ..models.scripts import FEWEST_LETTERS, WORDS_READ, script_of, scripts_of

ENOUGH = 100
"""Texts with letters after which no more are looked at."""

MOST_TEXTS = 1000
"""Texts, with letters or without, after which no more are looked at."""

ALSO = {"sr": frozenset({"Latin"})}
"""Scripts that a language is also written in, but not its stop words in spaCy."""

TOKENS, CHARACTERS = 32, 128
"""How much of a text's beginning is looked at."""


class Watch:
    """Warn once where texts are in another language, or most of them in another script.

    It looks at the first texts only: ENOUGH with letters, or MOST_TEXTS in all. A
    model's scripts are those with at least a fifth of the letters of its most frequent
    words; a model for several languages has every script that occurs in them.
    """

    def __init__(self, name: str) -> None:
        self.name, self._warned = name, False
        self.restart()

    def restart(self) -> None:
        """Look at texts again, for another model; after a warning there is no second one."""
        self._own: frozenset[str] | None = None
        self._found: Counter[str] = Counter()
        self._looked = 0

    @property
    def over(self) -> bool:
        """Whether no more texts are looked at."""
        return self._warned or self._looked >= MOST_TEXTS or self._found.total() >= ENOUGH

    def language(self, model: Weights, lang: str | None) -> None:
        """Warn where the pipeline's language is not the model's."""
        self._warned = self._warned or warn_of_language(self.name, model.language, lang)

    def documents(self, model: Weights, docs: Sequence[Doc]) -> None:
        """Warn where the Docs are of another language, or most so far in another script."""
        if not self.over and docs:
            self.language(model, docs[0].vocab.lang)
            self.texts(model, map(_beginning, docs))

    def texts(self, model: Weights, texts: Iterable[str]) -> None:
        """Warn where most texts so far are in another script than the model's words."""
        for text in filter(None, texts):
            if self.over:
                break
            self._looked += 1
            self._found.update(_written([text]))
        if not self._warned:
            self._judge(model)

    def _judge(self, model: Weights) -> None:
        if not self._found or "words" not in model.tensors:
            return  # a model without words of its own has no script
        if self._own is None:
            self._own = _scripts(model)
        other = _other(self._own, self._found)
        if other:
            warn_of_script(self.name, self._own, other)
            self._warned = True


def look_at(nlp: Language, texts: Iterable[str]) -> None:
    """Warn where most of the first texts are in another script than the stop words of nlp."""
    own = scripts_of(nlp.Defaults.stop_words) | ALSO.get(str(nlp.lang), frozenset())
    other = _other(own, Counter(islice(_written(islice(texts, MOST_TEXTS)), ENOUGH)))
    if other:
        warn_of_texts(nlp, own, other)


def _written(texts: Iterable[str]) -> Iterable[str]:
    """The script of each text that has letters."""
    return filter(None, (script_of(text[:CHARACTERS], FEWEST_LETTERS) for text in texts))


def _other(own: frozenset[str], found: Counter[str]) -> str:
    """The most frequent script but for a model's own, where most texts are in others; else ""."""
    others = Counter({script: count for script, count in found.items() if script not in own})
    if not own or 2 * others.total() <= found.total():
        return ""
    return others.most_common(1)[0][0]


def _scripts(model: Weights) -> frozenset[str]:
    """The scripts of a model's most frequent words."""
    words = model.tensors["words"].tobytes().decode("utf-8").split("\n", WORDS_READ)[:WORDS_READ]
    return scripts_of(words, 0) if model.language == ANY_LANGUAGE else scripts_of(words)


def _beginning(doc: Doc) -> str:
    try:
        return str(doc[:TOKENS].text)
    except KeyError:  # a string that the vocab does not know, such as of a memory zone that ended
        return ""
