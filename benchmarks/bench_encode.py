"""Vectors of short texts by TextEncoder.encode, beside those of the Docs of nlp.pipe.

The texts repeat words, which flatters both: each remembers the words that it has read.
"""

import random
from functools import cache
from statistics import median
from time import process_time

import numpy as np
import spacy

from spacy_salience import TextEncoder

from .common import CHINESE, SENTENCES, Benchmark, per_second, pin, sentence, texts

TURNS = 9
"""Times that each of two ways is measured, one after the other."""

TEXTS = 2000

KINDS = ("sentences", "documents")
"""Texts of one sentence, about 12 words, and documents of about 30 words, up to 512."""

LANGUAGES = {"en_small": "en", "en_base": "en", "zh_small": "zh"}


class Encode(Benchmark):
    """Texts a second on one thread."""

    params = (KINDS,)
    param_names = ("texts",)
    unit = "texts/s"

    def setup(self, kind):
        pin()
        self.texts = texts_of(kind)
        encoder(), pipeline()

    def track_encode(self, *_):
        return per_second(TEXTS, lambda: encoder().encode(self.texts))

    def track_encode_tokens(self, *_):
        return per_second(TEXTS, lambda: encoder().encode_tokens(self.texts))

    def track_pipe(self, *_):
        return per_second(TEXTS, lambda: of_docs(pipeline(), self.texts))


class Ratio(Benchmark):
    """How many times the rate of nlp.pipe is that of encode, on one thread.

    Chinese is read by Docs in both, as its tokenizer is not spaCy's own.
    """

    params = (tuple(LANGUAGES), KINDS)
    param_names = ("model", "texts")
    unit = "times"

    def track_ratio(self, model, kind):
        pin()
        return in_turns(encoder(model), pipeline(model), texts_of(kind, LANGUAGES[model]))


def in_turns(own, nlp, given):
    """Return the median of the ratios of two CPU times, in turns: other work hits both alike."""
    np.testing.assert_array_equal(own.encode(given), of_docs(nlp, given))
    ratios = []
    for _ in range(TURNS):
        first = process_time()
        of_docs(nlp, given)
        between = process_time()
        own.encode(given)
        ratios.append((between - first) / (process_time() - between))
    return median(ratios)


def of_docs(nlp, given):
    return np.stack([doc.vector for doc in nlp.pipe(given)])


@cache
def texts_of(kind, lang="en"):
    sentences = CHINESE if lang == "zh" else SENTENCES
    choice = random.Random(0)
    if kind == "documents":
        return texts(TEXTS, sentences)
    return [sentence(choice, sentences) for _ in range(TEXTS)]


@cache
def encoder(model="en_small"):
    return TextEncoder(model)


@cache
def pipeline(model="en_small"):
    nlp = spacy.blank(LANGUAGES[model])
    nlp.add_pipe("salience", config={"model": {"pretrained": model}})
    return nlp
