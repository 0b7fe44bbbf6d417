"""Reasons for a similarity, keywords and pictures, beside the formula in plain NumPy."""

from functools import cache

import numpy as np

from spacy_salience import explain, keywords, render

from .bench_pipeline import pipeline
from .common import Benchmark, long_text, pin


class Explain(Benchmark):
    """Two documents of about this many words; the peer has no words, groups or checks."""

    params = ((30, 300),)
    param_names = ("words",)

    def setup(self, words):
        pin()
        self.a, self.b = document(words), document(words + 7)
        self.explained = explain(self.a, self.b)
        self.arrays = [(doc._.salience, doc.tensor) for doc in (self.a, self.b)]

    def time_explain(self, *_):
        return explain(self.a, self.b).contributions

    def time_numpy_explain(self, *_):
        left, right = (unit_terms(*arrays) for arrays in self.arrays)
        return left @ right.T

    def time_similarity_alone(self, *_):
        return self.a.similarity(self.b)

    def time_by_word(self, *_):
        return self.explained.by("word").contributions

    def time_top(self, *_):
        return self.explained.top(10)

    def time_keywords(self, *_):
        return keywords(self.a)


class Books(Benchmark):
    """Two long documents by sentence: all pairs of tokens would be tokens^2 x 8 bytes."""

    params = ((2000, 50_000),)
    param_names = ("tokens",)

    def setup(self, tokens):
        pin()
        self.a, self.b = document(tokens), document(tokens + 100)

    def time_by_sentence(self, *_):
        return explain(self.a, self.b, by="sentence").contributions

    def peakmem_by_sentence(self, *_):
        return explain(self.a, self.b, by="sentence").contributions

    def time_render_salience(self, *_):
        return render(self.a, jupyter=False)


class Render(Benchmark):
    """Pictures of documents of about 30 words."""

    def setup(self):
        pin()
        self.a, self.b = document(30), document(37)

    def time_salience_html(self):
        return render(self.a, jupyter=False)

    def time_salience_text(self):
        return render(self.a, output="text", jupyter=False)

    def time_similarity_html(self):
        return render((self.a, self.b), "similarity", jupyter=False)

    def time_attention_html(self):
        return render(self.a, "attention", jupyter=False)

    def time_similarity_png(self):
        return render((self.a, self.b), "similarity", output="png", jupyter=False)


@cache
def document(tokens):
    doc = pipeline()(long_text(tokens))
    for token in doc[1:]:
        token.is_sent_start = doc[token.i - 1].text in ".?"
    return doc


def unit_terms(salience, vectors):
    terms = salience[:, None].astype(np.float64) * vectors
    return terms / np.linalg.norm(terms.sum(axis=0))
