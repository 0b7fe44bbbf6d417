import pytest
import spacy

from salience.errors import RangeError
from spacy_salience.evaluation import model_of
from spacy_salience.pipelines import component_of, pipeline


def test_a_model_is_a_name_a_file_or_a_folder(model_file, nlp, tmp_path):
    nlp.to_disk(tmp_path / "mine")
    text = "the cat sat"
    for name in (model_file, tmp_path / "mine"):
        assert pipeline(str(name))(text).similarity(nlp(text)) == pytest.approx(1)
    assert pipeline("en_small").max_length == 10**9
    digest = component_of(nlp).model.shims[0].encoder.weights.digest()
    assert model_of(str(tmp_path / "mine")).about["sha256"] == digest


def test_a_pipeline_that_learns_has_vectors_and_no_digest(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {"@architectures": "salience.Encoder.v1"}})
    nlp.initialize()
    nlp.to_disk(tmp_path / "mine")
    model = model_of(str(tmp_path / "mine"))
    assert model.encode(["the cat", "a dog"]).shape == (2, 128)
    assert set(model.about) == {"salience", "spacy"}


@pytest.mark.parametrize("name", ["no_such_model", "/no/such/folder", "", "numpy"])
def test_what_is_none_is_refused(name):
    with pytest.raises(RangeError, match=r"^expected an embedded model \(en_small\), .* got '"):
        pipeline(name)


def test_a_pipeline_without_the_component_is_refused(tmp_path):
    spacy.blank("en").to_disk(tmp_path)
    with pytest.raises(RangeError, match="the component salience, got one of no component"):
        pipeline(str(tmp_path))
