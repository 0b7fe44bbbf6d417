"""An index of texts: opening it, its first answer, and each one after that, on one thread."""

import shutil
import tempfile
from functools import cache, partial
from pathlib import Path

import numpy as np

from spacy_salience import TextIndex
from spacy_salience.indexing import listing as listings
from spacy_salience.indexing.passages import Passage
from spacy_salience.indexing.scores import write_scores
from spacy_salience.indexing.stored import write_folder
from spacy_salience.indexing.volumes import Volume, write_volume
from spacy_salience.runs.rows import Row

from .common import Benchmark, pin

IN_VOLUME = 25_000
WORDS = 60
"""Content words of a passage."""

QUESTIONS = [
    "Which ships were kept in port by ice?",
    "How long does a cake have to bake?",
    "w12 w345 w6789 w77",
    "Who wrote the first history of the town and its harbour?",
]


class Search(Benchmark):
    """Seconds to open an index, to its first answer with the check of all files, and for one more.

    Passages are of made-up words, as frequent as those of a language are; vectors are random.
    """

    params = ((1000, 100_000, 1_000_000),)
    param_names = ("passages",)
    timeout = 1200

    def setup(self, passages):
        pin(1)
        self.path = made(passages)
        self.index = TextIndex.open(self.path)
        self.index.search(QUESTIONS)

    def time_open(self, *_):
        return TextIndex.open(self.path)

    def time_open_and_first_answer(self, *_):
        return TextIndex.open(self.path).search(QUESTIONS[0])

    def time_question(self, *_):
        return self.index.search(QUESTIONS[0])

    def time_question_of_frequent_words(self, *_):
        return self.index.search(QUESTIONS[2])

    def time_reasons_for_ten(self, *_):
        hits = self.index.search(QUESTIONS[0])
        return [self.index.why(QUESTIONS[0], each) for each in hits]

    time_open_and_first_answer.number = 1


@cache
def made(passages):
    """The folder of an index of so many passages, each a document."""
    path = Path(tempfile.mkdtemp(prefix="text_index_"))
    import atexit

    atexit.register(shutil.rmtree, path, ignore_errors=True)
    index = TextIndex.create(path)
    listing, rng = index._listing, np.random.default_rng(0)
    volumes = [
        volume(path, first, min(IN_VOLUME, passages - first), listing.made.width, rng)
        for first in range(0, passages, IN_VOLUME)
    ]
    words, files = write_scores(path, volumes)
    listings.write(path, listings.Listing(listing.made, volumes, words, files))
    return path


def volume(path, first, count, width, rng):
    """A volume of random vectors and words; a word's rank is Zipf-distributed."""
    vectors = rng.standard_normal((count, width), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    documents = []
    for number, ranks in enumerate(rng.zipf(1.2, (count, WORDS)) % 200_000, start=first):
        words = [f"w{rank}" for rank in ranks]
        text = " ".join(words)
        row = Row(f"d{number}", text, {})
        documents.append((row, "digest", [Passage(0, len(text), [len(text)], words)]))
    folder = path / f"volume-{first:016x}"
    write = partial(write_volume, rows=documents, vectors=vectors, kept=[])
    files = write_folder(folder, write)
    return Volume(folder, count, width, files, {}, np.zeros(0, np.int64))
