"""An index of a few texts, of the small model."""

import pytest

from spacy_salience import TextIndex

TEXTS = {
    "cats": "The cat sat on the mat. It was warm.\n\nThe dog slept in the house.",
    "weather": "It was cold and warm. The house of the dog was cold.",
    "money": "Quarterly earnings surprised nobody. A cat was cold.",
}
VALUES = [{"year": 1950, "kind": "pets"}, {"year": 1951, "kind": None}, {"year": 1952, "kind": "x"}]


@pytest.fixture
def made(tmp_path, model_file):
    """Makes an index in a folder, of passages of so few words that a sentence fills one."""

    def made(name="index", texts=TEXTS, values=None, **options):
        given = {"model": str(model_file), "passage_words": 6, **options}
        index = TextIndex.create(tmp_path / name, **given)
        index.add(texts.values(), texts.keys(), values)
        return index

    return made


@pytest.fixture
def index(made):
    return made(values=VALUES)


def ids(hits):
    return [each.id for each in hits]
