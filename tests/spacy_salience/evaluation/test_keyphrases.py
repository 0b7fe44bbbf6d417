from math import log

import numpy as np
import pytest
import spacy

from salience.model.weights import Weights, load, save
from spacy_salience import keywords
from spacy_salience.component.pipelines import component_of
from spacy_salience.evaluation import evaluate_tasks, keyphrases, model_of, read_tasks
from spacy_salience.evaluation.keyphrases import Counted, by_counts, inverse_frequencies
from spacy_salience.keyphrases.phrases import Candidates, candidates
from spacy_salience.models.served import weights_of
from spacy_salience.texts import FileError

from .conftest import json_lines, letters

DOCUMENTS = [
    {"text": "The warm cat sat on the mat of the warm cat.", "keys": ["Warm  CAT", "a dog"]},
    {"text": "A cold house, a mat and a dog.", "keys": ["cold house", "dog"]},
    {"text": "Nothing of this is there.", "keys": ["warm cat"]},
]


def of(path, model, k):
    (read,) = read_tasks([f"keyphrases={path}"], k)
    return read, evaluate_tasks(model.encode, [read], model.nlp)[read.name]


def test_precision_of_keywords_and_of_word_weights(tmp_path, model_file, nlp):
    path = json_lines(tmp_path / "a.jsonl", *DOCUMENTS)
    read, found = of(path, model_of(str(model_file)), 2)
    assert read.items == "2 documents"
    assert read.keys == [{"warm cat"}, {"cold house", "dog"}]
    kinds = ("", ", word weights", ", TF-IDF", ", IDF", ", TF")
    assert list(found) == [f"precision@2{kind}" for kind in kinds]
    hits = [
        {word for word, _ in keywords(nlp(text), 2)} & keys
        for text, keys in zip(read.documents, read.keys, strict=True)
    ]
    assert found["precision@2"] == pytest.approx(sum(map(len, hits)) / 4)


def test_word_weights_are_salience_without_the_vectors(nlp):
    weigh = keyphrases.word_weights(component_of(nlp))
    doc = nlp("the cat sat on a mat, unheard of")
    weights = np.array(weigh(doc))
    u = weights_of(component_of(nlp).model).tensors["pool_query"]
    expected = weights * np.exp(doc.tensor @ u)
    np.testing.assert_allclose(expected / expected.sum(), doc._.salience, rtol=1e-4)


def test_where_salience_is_word_weights_it_is_said_once(tmp_path, model_file):
    tensors = dict(load(model_file).tensors)
    tensors["pool_query"] = np.zeros_like(tensors["pool_query"])
    save(Weights(tensors, load(model_file).settings), tmp_path / "plain.safetensors")
    model = model_of(str(tmp_path / "plain.safetensors"))
    assert keyphrases.word_weights(component_of(model.nlp)) is None
    _, found = of(json_lines(tmp_path / "a.jsonl", *DOCUMENTS), model, 1)
    assert list(found) == [
        "precision@1",
        *(f"precision@1, {way}" for way in ("TF-IDF", "IDF", "TF")),
    ]


def test_an_encoder_that_learns_has_salience_and_no_word_weights():
    nlp = spacy.blank("en")
    component = nlp.add_pipe(
        "salience", config={"model": {"@architectures": "salience.Encoder.v1"}}
    )
    nlp.initialize()
    assert keyphrases.word_weights(component) is None


@pytest.mark.parametrize("learns", ["blocks", "all"])
def test_an_encoder_that_learns_has_the_word_weights_that_it_started_with(nlp, model_file, learns):
    model = {"@architectures": "salience.Encoder.v2", "pretrained": str(model_file)}
    component = spacy.blank("en").add_pipe(
        "salience", config={"model": {**model, "learns": learns}}
    )
    doc = nlp("the cat sat on a mat, unheard of")
    want = keyphrases.word_weights(component_of(nlp))(doc)
    np.testing.assert_array_equal(keyphrases.word_weights(component)(doc), want)


def counted(tokens, phrases, shares=None):
    phrases = [(words, words, first, last) for words, first, last in phrases]
    return Counted(tokens, Candidates(phrases, [1.0] * len(tokens), shares or {}))


def test_baselines_worked_out_by_hand():
    one = counted(["a", "b", "a", "c", "b"], [("a b", 0, 2), ("a", 2, 3), ("c b", 3, 5)])
    two = counted(["a", "d"], [("a d", 0, 2)])
    idf = inverse_frequencies([one, two])
    assert idf == {"a": 0, "b": log(2), "c": log(2), "d": log(2)}
    assert by_counts(one) == {"a b": 4, "a": 2, "c b": 3}
    assert by_counts(one, idf) == {"a b": 2 * log(2), "a": 0, "c b": 3 * log(2)}


def test_baselines_rank_the_same_phrases_merged_in_the_same_way(model_file):
    text = "The warm cat-dog. The cat, a warm-cat, the warm cat of the house."
    doc = model_of(str(model_file)).nlp(text)
    each = Counted([token.lower_ for token in doc], candidates(doc))
    weights = [1.0] * len(doc)
    expected = {word for word, _ in keywords(doc, 9)}
    assert {word for word, _ in each.heaviest(weights, 9)} == expected


def test_a_hyphen_counts_for_nothing():
    hyphenated = counted(["a", "-", "b"], [("a-b", 0, 3)], {1: 0.0})
    assert by_counts(hyphenated) == {"a-b": 2}


def test_keys_are_the_same_in_other_code_points(tmp_path, model_file):
    path = json_lines(tmp_path / "a.jsonl", {"text": "The cafe\u0301.", "keys": ["Caf\xe9"]})
    _, found = of(path, model_of(str(model_file)), 1)
    assert found["precision@1"] == 1


def test_without_a_pipeline_there_are_no_figures(tmp_path):
    (read,) = read_tasks([f"keyphrases={json_lines(tmp_path / 'a.jsonl', *DOCUMENTS)}"])
    assert evaluate_tasks(letters, [read]) == {read.name: {}}


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"text": "a"}', '{"text": "a", "keys": "a"}', '{"text": "a", "keys": [1]}',
     '{"text": 1, "keys": []}', '{"text": "\\ud800", "keys": []}', "[" * 100_000],
    ids=range(8),
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "a b", "keys": ["a"]}}\n\n{line}\n')
    with pytest.raises(FileError, match=r'a\.jsonl, line 3: expected a JSON object with a "text"'):
        read_tasks([f"keyphrases={path}"])


def test_keys_that_occur_nowhere_are_no_task(tmp_path):
    path = json_lines(tmp_path / "a.jsonl", {"text": "a b", "keys": ["c", " "]})
    with pytest.raises(FileError, match="expected at least one document with a key that occurs"):
        read_tasks([f"keyphrases={path}"])
