"""Files of word vectors for the commands."""

import pytest

from salience.vectors.formats import write_vectors

from ....salience.vectors.tables import floret, of_structure


@pytest.fixture
def capitals(tmp_path):
    """A file of vectors of known structure."""
    write_vectors(of_structure(), tmp_path / "capitals.vec")
    return tmp_path / "capitals.vec"


@pytest.fixture
def ngrams(tmp_path):
    """A file of rows of n-grams alone."""
    write_vectors(floret(), tmp_path / "ngrams.floret")
    return tmp_path / "ngrams.floret"
