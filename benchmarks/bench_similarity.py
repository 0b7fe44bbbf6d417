"""Many documents with many: the matrix, the nearest in a large collection, an Index, words."""

from functools import cache

import numpy as np
import spacy

from spacy_salience import Index, nearest, similarity_matrix
from spacy_salience.models.served import served

from .bench_cosine import unit
from .bench_pipeline import pipeline
from .common import Benchmark, floats, per_second, pin, texts

K = 10
BLOCK = 512
"""Queries that NumPy takes at once; all at once would need the whole matrix."""


class Matrix(Benchmark):
    """Docs to a matrix of cosines; the peer stacks their vectors and multiplies."""

    params = ((200, 1000),)
    param_names = ("documents",)

    def setup(self, documents):
        self.a, self.b = halves(documents)
        self.time_matrix()

    def time_matrix(self, *_):
        return similarity_matrix(self.a, self.b)

    def time_numpy_matrix(self, *_):
        return unit(stacked(self.a)) @ unit(stacked(self.b)).T

    def time_itself(self, *_):
        return similarity_matrix(self.a)

    def time_numpy_itself(self, *_):
        rows = unit(stacked(self.a))
        return rows @ rows.T


class Loop(Benchmark):
    """Pairs a second of the matrix, and of a double loop over doc.similarity.

    Of ours, and of spaCy's own on static vectors, which it remembers.
    """

    unit = "pairs/s"
    params = ((50, 1000),)
    param_names = ("documents",)

    def setup(self, documents):
        self.a, self.b = halves(documents)
        static = static_docs(100)
        self.few = (self.a[:50], self.b[:50]), (static[:50], static[50:])
        similarity_matrix(self.a, self.b)

    def track_matrix(self, documents):
        return per_second(documents**2, lambda: similarity_matrix(self.a, self.b))

    def track_double_loop(self, *_):
        return per_second(50 * 50, lambda: double_loop(*self.few[0]))

    def track_spacy_double_loop(self, *_):
        return per_second(50 * 50, lambda: double_loop(*self.few[1]))


class TopK(Benchmark):
    """The ten nearest of each of some queries in a collection, of width 256."""

    unit = "pairs/s"
    params = ((2000, 100_000), ("cosine", "dot", "euclidean"))
    param_names = ("collection", "metric")

    def setup(self, collection, metric):
        pin()
        self.a, self.b, self.metric = floats(512, 256), floats(collection, 256, seed=1), metric
        self.pairs = len(self.a) * collection
        similarity_matrix(self.a[:1], self.b[:K], top_k=K, metric=metric)

    def track_top_k(self, *_):
        return per_second(self.pairs, self.top_k)

    def track_numpy_top_k(self, *_):
        return per_second(self.pairs, lambda: numpy_top_k(self.a, self.b, self.metric))

    def peakmem_top_k(self, *_):
        self.top_k()

    def peakmem_vectors_alone(self, *_):
        return self.a, self.b

    def top_k(self):
        return similarity_matrix(self.a, self.b, top_k=K, metric=self.metric)


class Search(Benchmark):
    """Queries a second of an Index, all at once; usearch where it is installed, and its recall."""

    unit = "queries/s"
    params = ((2000, 100_000), ("exact", "usearch"))
    param_names = ("collection", "backend")

    def setup(self, collection, backend):
        pin()
        if backend == "usearch":
            needs_usearch()
        self.queries = clustered(1000, seed=1)
        self.index = index(collection, backend)
        self.index.nearest(self.queries[:2], K)

    def track_search(self, *_):
        return per_second(len(self.queries), lambda: self.index.nearest(self.queries, K))

    def track_search_one_by_one(self, *_):
        some = self.queries[:20]
        return per_second(len(some), lambda: [self.index.nearest(each, K) for each in some])

    def track_recall(self, collection, *_):
        found = self.index.nearest(self.queries, K).indices
        want = index(collection, "exact").nearest(self.queries, K).indices
        return (found[:, :, None] == want[:, None]).any(axis=2).mean()


class Words(Benchmark):
    """The nearest words of a vector; the peer multiplies all rows that are known words'."""

    def setup(self):
        pin()
        self.component = pipeline().get_pipe("salience")
        self.vector = processed(10)[0].vector
        encoder = served(self.component.model).encoder
        self.rows = unit(encoder._tables.embeddings[1 : 1 + len(encoder.vocabulary.words)])
        self.time_nearest_words()

    def time_nearest_words(self):
        return np.array([score for _, score in self.component.nearest_words(self.vector, K)])

    def time_numpy_nearest_words(self):
        scores = self.rows @ (self.vector / np.linalg.norm(self.vector))
        return np.sort(scores[np.argpartition(-scores, K)[:K]])[::-1]


class One(Benchmark):
    """One query in a collection that was not prepared."""

    params = ((2000, 100_000),)
    param_names = ("collection",)

    def setup(self, collection):
        pin()
        self.query, self.b = floats(1, 256)[0], floats(collection, 256, seed=1)
        self.time_nearest()

    def time_nearest(self, *_):
        return nearest(self.query, self.b, K).scores

    def time_numpy_nearest(self, *_):
        scores = unit(self.b) @ (self.query / np.linalg.norm(self.query))
        return np.sort(scores[np.argpartition(-scores, K)[:K]])[::-1]


@cache
def processed(documents):
    return list(pipeline().pipe(texts(documents)))


def halves(documents):
    """Two times so many Docs, on one thread from here on."""
    pin()
    docs = processed(2 * documents)
    return docs[:documents], docs[documents:]


@cache
def static_docs(documents):
    """Docs with static vectors, as a pipeline without salience has them."""
    nlp = spacy.blank("en")
    docs = list(nlp.pipe(texts(documents)))
    rng = np.random.default_rng(0)
    for word in sorted({token.text for doc in docs for token in doc}):
        nlp.vocab.set_vector(word, rng.standard_normal(256).astype(np.float32))
    return docs


@cache
def clustered(rows, seed=0):
    """Vectors around 1,000 centres, as texts of many subjects have them."""
    centres = floats(1000, 256, seed=9)
    return centres[np.arange(rows) % 1000] + floats(rows, 256, seed=seed)


@cache
def index(collection, backend):
    return Index(clustered(collection), backend=backend)


def needs_usearch():
    try:
        import usearch  # noqa: F401
    except ImportError as error:
        raise NotImplementedError(
            "usearch is not installed: pip install 'salience[ann]'"
        ) from error


def stacked(docs):
    return np.stack([doc.vector for doc in docs])


def double_loop(a, b):
    return [[one.similarity(other) for other in b] for one in a]


def numpy_top_k(a, b, metric):
    """In blocks of queries, as one would where the whole matrix is too large."""
    if metric == "cosine":
        a, b = unit(a), unit(b)
    squares = np.einsum("nd,nd->n", b, b)
    found = []
    for first in range(0, len(a), BLOCK):
        scores = a[first : first + BLOCK] @ b.T
        if metric == "euclidean":
            scores *= 2
            scores -= squares
        nearest_ones = np.argpartition(scores, -K, axis=1)[:, -K:]
        best = np.take_along_axis(scores, nearest_ones, axis=1)
        found.append(np.take_along_axis(nearest_ones, np.argsort(-best, axis=1), axis=1))
    return np.concatenate(found)
