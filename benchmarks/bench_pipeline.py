"""The whole spaCy pipeline with the embedded model, beside spaCy's tokenizer alone."""

from functools import cache, partial

import numpy as np
import spacy

from salience.encoder import encoder
from salience.model import pretrained
from salience.ops.embedding import cpu as embedding
from salience.ops.pooling import cpu as pooling
from spacy_salience.models.frozen import shim_of

from . import memory
from .common import CHINESE, Benchmark, long_text, per_second, pin, texts

DOCUMENTS = 1000


class Throughput(Benchmark):
    """Words a second of one process on one thread."""

    unit = "words/s"

    def setup(self):
        pin()
        self.texts = texts(DOCUMENTS)
        self.docs = list(pipeline().tokenizer.pipe(self.texts))
        self.words = sum(len(doc) for doc in self.docs)

    def track_pipeline(self):
        return per_second(self.words, lambda: exhaust(pipeline().pipe(self.texts)))

    def track_blank_tokenizer(self):
        return per_second(self.words, lambda: exhaust(blank().pipe(self.texts)))

    def track_component(self):
        component = pipeline().get_pipe("salience")
        return per_second(self.words, lambda: exhaust(component.pipe(self.docs)))

    def track_component_en_base(self):
        component = pipeline("en_base").get_pipe("salience")
        return per_second(self.words, lambda: exhaust(component.pipe(self.docs)))

    def track_static_pipeline(self):
        """What a static model would cost: the same but for the context, which is left out."""
        return per_second(self.words, lambda: exhaust(static().pipe(self.texts)))

    def track_static_component(self):
        component = static().get_pipe("salience")
        return per_second(self.words, lambda: exhaust(component.pipe(self.docs)))


class Chinese(Benchmark):
    """Characters a second of one process on one thread, as the language's tokenizer gives them."""

    unit = "characters/s"

    def setup(self):
        pin()
        nlp = pipeline("zh_small", "zh")
        self.texts = texts(DOCUMENTS, CHINESE)
        self.docs = list(nlp.tokenizer.pipe(self.texts))
        self.characters = sum(len(doc) for doc in self.docs)

    def track_pipeline(self):
        nlp = pipeline("zh_small", "zh")
        return per_second(self.characters, lambda: exhaust(nlp.pipe(self.texts)))

    def track_blank_tokenizer(self):
        return per_second(self.characters, lambda: exhaust(blank("zh").pipe(self.texts)))

    def track_component(self):
        component = pipeline("zh_small", "zh").get_pipe("salience")
        return per_second(self.characters, lambda: exhaust(component.pipe(self.docs)))


class Similarity(Benchmark):
    """Pairs a second of doc.similarity; the peer is the cosine of two plain arrays."""

    unit = "pairs/s"

    def setup(self):
        pin()
        docs = list(pipeline().pipe(texts(DOCUMENTS)))
        self.pairs = list(zip(docs[::2], docs[1::2], strict=True))
        self.vectors = [(a.vector, b.vector) for a, b in self.pairs]

    def track_similarity(self):
        return per_second(len(self.pairs), lambda: [a.similarity(b) for a, b in self.pairs])

    def track_numpy_similarity(self):
        return per_second(len(self.pairs), lambda: [cosine(a, b) for a, b in self.vectors])


class Stream(Benchmark):
    """Peak memory of a stream: the same for any number of documents, or something leaks.

    Like the long document's, it contains the interpreter, spaCy and numba; the
    tokenizer alone shows how much that is.
    """

    params = ((1000, 5000),)
    param_names = ("documents",)

    def setup(self, documents):
        pin()
        self.texts = texts(documents)
        pipeline(), blank()

    def peakmem_pipeline(self, *_):
        exhaust(pipeline().pipe(self.texts))

    def peakmem_blank_tokenizer(self, *_):
        exhaust(blank().pipe(self.texts))


class Growth(Benchmark):
    """Resident memory after all documents, as a multiple of that after a tenth of them.

    A stream of few words leaves nothing behind; of new words without zones,
    spaCy keeps every one, as the tokenizer alone shows.
    """

    params = ((1000, 100_000), memory.STREAMS, memory.PIPELINES)
    param_names = ("documents", "stream", "pipeline")
    unit = "times"

    def track_growth(self, documents, stream, pipeline):
        early, late = memory.in_a_process(memory.growth, stream, pipeline, documents)
        return late / early


class PeakOfLongDocument(Benchmark):
    """Peak memory above what was resident before the component, as a multiple of doc.tensor."""

    params = ((10_000, 1_000_000), memory.PIPELINES[:2])
    param_names = ("tokens", "pipeline")
    unit = "times"

    def track_peak(self, tokens, pipeline):
        peak, tensor = memory.in_a_process(memory.long_document, pipeline, tokens)
        return peak / tensor


class LongDocument(Benchmark):
    """Peak memory of one document: it grows with the document, not with its square."""

    params = ((10_000, 100_000, 1_000_000),)
    param_names = ("tokens",)

    def setup(self, tokens):
        pin()
        self.text = long_text(tokens)
        for nlp in (pipeline(), blank()):
            nlp.max_length = 10**9

    def peakmem_pipeline(self, *_):
        pipeline()(self.text)

    def peakmem_blank_tokenizer(self, *_):
        blank()(self.text)


@cache
def pipeline(name="en_small", lang="en"):
    nlp = spacy.blank(lang)
    nlp.add_pipe("salience", config={"model": {"pretrained": name}})
    nlp("12 + 34 = 46")  # of no language; it compiles, so that no benchmark measures it
    return nlp


@cache
def static():
    nlp = spacy.blank("en")
    component = nlp.add_pipe("salience")
    frozen = encoder.Encoder(pretrained.load("en_small"))
    frozen._on_cpu._encode_chunk = partial(look_up_and_pool, frozen._parameters)
    shim_of(component.model).replace(frozen)
    nlp("Compile, so that no benchmark measures it.")
    return nlp


def look_up_and_pool(parameters, rows, starts, _rooms):
    x, weights = (
        embedding.forward_bags(table, rows.ids, rows.bag_starts)
        for table in (rows.tables.embeddings, rows.tables.weights)
    )
    query = parameters.tensors["pool_query"]
    salience, documents = pooling.forward(x, query, weights.reshape(-1), starts)
    return encoder.Encoded(x, salience, salience, documents)


@cache
def blank(lang="en"):
    return spacy.blank(lang)


def exhaust(docs):
    for _ in docs:
        pass


def cosine(a, b):
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))
