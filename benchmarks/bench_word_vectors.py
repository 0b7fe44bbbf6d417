"""Word vectors that are learnt, in words a second. RESULTS.md has gensim and fastText beside it."""

from functools import cache

from salience.training.corpus import corpus_of
from salience.vectors.learner import Learner
from salience.vectors.settings import Settings
from salience.vectors.vocabulary import vocabulary_of

from .common import Benchmark, per_second, pin, texts

DOCUMENTS = 2000


class WordVectors(Benchmark):
    """A small vocabulary, which is in cache: a large one is slower."""

    params = (("word2vec", "fasttext", "floret"), (True, False), (100, 256), (1, 2))
    param_names = ("form", "skip-gram", "dimensions", "threads")
    unit = "words/s"

    def setup(self, form, skip_gram, dimensions, threads):
        pin(threads)
        settings = Settings(
            form=form, skip_gram=skip_gram, dimensions=dimensions, sample=0.0, min_count=1,
            buckets=20_000,
        )  # fmt: skip
        given = corpus()
        self.learner = Learner(given, vocabulary_of(given, 1, 100_000), settings)
        self.words = self.learner.tokens(0, self.learner.slices)
        self.learn()

    def teardown(self, *_):
        pin()

    def track_learn(self, *_):
        return per_second(self.words, self.learn)

    def learn(self):
        self.learner.learn(0, 0, self.learner.slices)


@cache
def corpus():
    return corpus_of([text.lower().split() for text in texts(DOCUMENTS)])
