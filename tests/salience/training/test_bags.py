import numpy as np
import pytest

from salience.model.vocab import Vocabulary
from salience.ragged import select
from salience.training.bags import Bags
from salience.training.corpus import corpus_of

WORDS = ["大", "学", "生", "大学", "the", "cat"]
CORPUS = corpus_of([["大", "学", "the"], ["学", "生", "the", "cat"], ["cat", "cat"]])


@pytest.mark.parametrize("reading", ["normalised", "composed"])
def test_every_word_has_its_rows(reading):
    vocabulary = Vocabulary(WORDS, 4, reading=reading)
    batch, places = Bags(vocabulary, CORPUS.words).look_up(CORPUS, np.array([2, 0]), 2)
    assert batch.starts.tolist() == [0, 2, 4]
    assert places.tolist() == [7, 8, 0, 1]
    rows = select(batch.tokens.words, batch.places)
    named = [["", *WORDS][row] for row in rows.data]
    compound = ["大学"] if reading == "composed" else []
    assert named == ["cat", "cat", "大", *compound, "学", *compound]
