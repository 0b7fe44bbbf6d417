"""Groups of near-duplicates among texts, by all pairs and by a graph, on one thread."""

import random
import re
from functools import cache

from spacy_salience import duplicates

from .common import SENTENCES, Benchmark, pin, sentence

PLANTED = 100
"""One text in so many is a copy of another one, of which a word is replaced."""


class Duplicates(Benchmark):
    """Seconds and peak memory, encoding included; each text is two sentences of the benchmarks."""

    params = ((1000, 20_000), ("exact", "usearch"))
    param_names = ("texts", "backend")
    timeout = 600

    def setup(self, count, _):
        pin(1)
        self.texts = texts_of(count)
        duplicates(self.texts[:10])

    def time_duplicates(self, _, backend):
        return duplicates(self.texts, above=0.98, backend=backend)

    def peakmem_duplicates(self, _, backend):
        return duplicates(self.texts, above=0.98, backend=backend)

    def track_recall(self, count, backend):
        """The share of copies that are in the group of what they are copies of."""
        found = duplicates(self.texts, above=0.9, backend=backend)
        group = {place: number for number, each in enumerate(found) for place in each.places}
        originals = range(count // PLANTED)
        return sum(
            place in group and group[place] == group.get(count - len(originals) + place)
            for place in originals
        ) / len(originals)  # fmt: skip

    time_duplicates.number = 1


@cache
def texts_of(count):
    """So many texts; the last ones are copies of the first ones."""
    choice = random.Random(0)
    copies = count // PLANTED
    found = [
        f"{sentence(choice, SENTENCES)} {sentence(choice, SENTENCES)}"
        for _ in range(count - copies)
    ]
    return found + [re.sub(r"\w+\W*$", "here.", text) for text in found[:copies]]
