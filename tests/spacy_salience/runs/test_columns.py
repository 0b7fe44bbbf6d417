"""What is taken of a document, as its own attributes have it."""

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.training import Example

from salience.errors import RangeError
from spacy_salience import keywords
from spacy_salience.runs.columns import TAKEN, check_pipeline, checked, widths_of

from ..conftest import pipeline
from .conftest import table

pytest.importorskip("pyarrow", reason="the extra salience[tables] is not installed")


@pytest.fixture
def rich(model_file, tmp_path):
    """The folder of a pipeline that fills every column, and the pipeline."""
    nlp = pipeline(model_file)
    nlp.add_pipe("sentencizer", first=True)
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ANIMAL", "pattern": "cat"}])
    words = {"exclusive_classes": True, "ngram_size": 1, "no_output_layer": False}
    model = {"@architectures": "spacy.TextCatBOW.v3", **words}
    nlp.add_pipe("textcat", config={"model": model})
    example = Example.from_dict(nlp.make_doc("warm"), {"cats": {"warm": 1.0, "cold": 0.0}})
    nlp.get_pipe("textcat").initialize(lambda: [example], nlp=nlp)
    nlp.to_disk(tmp_path / "pipeline")
    return str(tmp_path / "pipeline"), spacy.load(tmp_path / "pipeline")


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_all_columns_are_what_a_doc_has(run, rich, tmp_path, form):
    path, nlp = rich
    (tmp_path / "a.txt").write_text("The cat sat. It was cold.\n\nWarm.\n")
    run("a.txt", pipeline=path, columns=",".join(TAKEN), form=form)
    row = table(form=form)[0]
    assert list(row) == ["id", *TAKEN]
    doc = nlp("The cat sat. It was cold.")
    close = {"rtol": 1e-6}
    np.testing.assert_allclose(row["vector"], doc.vector, **close)
    np.testing.assert_allclose(row["token_vectors"], doc.tensor, **close)
    np.testing.assert_allclose(
        row["sentence_vectors"], [each.vector for each in doc.sents], **close
    )
    assert [(each["text"], pytest.approx(each["weight"])) for each in row["keywords"]] == keywords(
        doc
    )
    assert [each["text"] for each in row["tokens"]] == [token.text for token in doc]
    np.testing.assert_allclose(
        [each["salience"] for each in row["tokens"]], doc._.salience, **close
    )
    assert row["entities"] == [{"text": "cat", "label": "ANIMAL", "start": 4, "end": 7}]
    assert {each["label"]: pytest.approx(each["score"]) for each in row["categories"]} == doc.cats
    assert row["text"] == doc.text


def test_a_blank_pipeline_gets_sentences_when_they_are_asked_for(run, tmp_path):
    (tmp_path / "a.txt").write_text("The cat sat. It was cold.\n")
    run("a.txt", columns="sentence_vectors")
    assert np.shape(table()[0]["sentence_vectors"])[0] == 2


def test_names_are_taken_once_and_in_order():
    assert checked(" text,vector , text,") == checked(["text", "vector"]) == ("text", "vector")


def test_a_pipeline_without_what_is_needed_is_refused():
    nlp = spacy.blank("en")
    with pytest.raises(RangeError, match="expected a pipeline with the component salience"):
        check_pipeline(nlp, ["keywords"])
    with pytest.raises(RangeError, match=r"column categories: .* assigns doc\.cats, got one of no"):
        check_pipeline(nlp, ["categories"])
    with pytest.raises(RangeError, match="column vector: expected a pipeline with vectors"):
        widths_of(nlp, ["vector"])


@Language.component("fails_at_all")
def fails_at_all(doc):
    raise ValueError("never")


def test_a_pipeline_that_fails_at_everything_is_refused(nlp):
    nlp.add_pipe("fails_at_all")
    with pytest.raises(RangeError, match=r"expected one that processes the text .* ValueError"):
        widths_of(nlp, ["vector"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_text_that_shows_the_widths_is_in_no_wrong_language(lang, recwarn):
    nlp = spacy.blank(lang)
    nlp.add_pipe("salience")
    assert widths_of(nlp, ["vector"]) == {"vector": 256}
    assert not recwarn.list
