"""`salience vectors nearest`, `analogy` and `odd`."""

import pytest

from salience.vectors.formats import read_vectors
from salience.vectors.look_up import analogy, nearest

from ....salience.vectors.tables import CAPITALS, FRUIT, PLACES
from ..conftest import refused

ASK = {"nearest": ("paris",), "analogy": ("france", "paris", "italy"), "odd": (*FRUIT, "rome")}


def as_lines(found):
    return [f"{near.score:8.4f}  {near.word}" for near in found]


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_the_nearest_words_are_listed_under_each_word(command, capitals, metric):
    output = command("vectors", "nearest", capitals, "apple", "rome", "--k", 3, "--metric", metric)
    vectors, wanted = read_vectors(capitals), []
    for word in ("apple", "rome"):
        wanted += [word, *as_lines(nearest(vectors, word, 3, metric=metric))]
    assert output.splitlines() == wanted
    fruit = output.splitlines()[1:4]
    assert {line.split()[1] for line in fruit} == {*FRUIT} - {"apple"} or metric == "dot"


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_an_analogy_is_answered(command, capitals, method):
    for place, capital in zip(PLACES[1:], CAPITALS[1:], strict=True):
        given = "france", "paris", place
        output = command("vectors", "analogy", capitals, *given, "--k", 2, "--method", method)
        found = analogy(read_vectors(capitals), *given, 2, method=method)
        assert output.splitlines() == as_lines(found)
        assert found[0].word == capital


def test_the_odd_one_out_is_printed(command, capitals):
    assert command("vectors", "odd", capitals, *FRUIT, "rome") == "rome\n"


def test_a_folder_and_the_first_words_alone(command, capitals, tmp_path):
    command("vectors", "convert", capitals, tmp_path / "folder")
    output = command("vectors", "nearest", tmp_path / "folder", "france", "--words", 4)
    assert {line.split()[1] for line in output.splitlines()[1:]} == {*PLACES} - {"france"}


@pytest.mark.parametrize("name", ASK)
def test_what_cannot_be_is_refused(name, capitals, ngrams, tmp_path):
    refused("none.vec", "vectors", name, tmp_path / "none.vec", *ASK[name])
    refused("magic number", "vectors", name, capitals, *ASK[name], "--format", "fasttext")
    refused("expected a format of", "vectors", name, capitals, *ASK[name], "--format", "xml")
    refused("got 'nowhere'; give another", "vectors", name, capitals, *ASK[name][:2], "nowhere")
    refused("got 'Rome'; 'rome' has", "vectors", name, capitals, *ASK[name][:2], "Rome")
    if name != "odd":
        refused("n-grams alone", "vectors", name, ngrams, *ASK[name])


def test_a_word_is_refused_before_any_is_shown(capitals):
    refused("'nowhere'", "vectors", "nearest", capitals, "rome", "nowhere")


def test_two_words_have_no_odd_one(capitals):
    refused("at least three different words, got 2", "vectors", "odd", capitals, "rome", "pear")
