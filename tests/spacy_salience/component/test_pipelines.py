import pytest
import spacy

from salience.errors import LanguageWarning, RangeError
from salience.model.weights import save
from salience.testing import random_weights
from spacy_salience.component.pipelines import component_of, language_of, pipeline
from spacy_salience.evaluation import model_of
from spacy_salience.models.served import weights_of

from ..conftest import WORDS


def test_a_model_is_a_name_a_file_or_a_folder(model_file, nlp, tmp_path):
    nlp.to_disk(tmp_path / "mine")
    text = "the cat sat"
    for name in (model_file, tmp_path / "mine"):
        assert pipeline(str(name))(text).similarity(nlp(text)) == pytest.approx(1)
    assert pipeline("en_small").max_length == 10**9
    digest = weights_of(component_of(nlp).model).digest()
    assert model_of(str(tmp_path / "mine")).about["sha256"] == digest


def test_a_pipeline_that_learns_has_vectors_and_a_digest(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {"@architectures": "salience.Encoder.v1"}})
    nlp.initialize()
    nlp.to_disk(tmp_path / "mine")
    model = model_of(str(tmp_path / "mine"))
    assert model.encode(["the cat", "a dog"]).shape == (2, 128)
    assert set(model.about) == {"salience", "spacy", "language", "sha256"}
    assert model.about["sha256"] == weights_of(component_of(nlp).model).digest()
    assert model.about == model_of(str(tmp_path / "mine")).about


@pytest.mark.parametrize("name", ["no_such_model", "/no/such/folder", "", "numpy"])
def test_what_is_none_is_refused(name):
    models = r"^expected an embedded model \(en_base, en_small, zh_small\), "
    with pytest.raises(RangeError, match=rf"{models}.* got '"):
        pipeline(name)


def stating(lang, folder):
    path = folder / f"{lang}.safetensors"
    save(random_weights(WORDS).made_for(lang), path)
    return str(path)


def test_the_language_is_the_models_or_the_one_given(model_file, tmp_path):
    assert language_of(str(model_file)) == pipeline(str(model_file)).lang == "en"
    chinese = stating("zh", tmp_path)
    assert language_of(chinese) == pipeline(chinese).lang == "zh"
    assert len(pipeline(chinese)("港口结冰了")) == 5
    with pytest.warns(LanguageWarning, match="expected texts read as 'zh'.* got 'de'"):
        assert pipeline(chinese, "de").lang == "de"
    assert pipeline(chinese, "xx").lang == "xx"
    assert model_of(chinese).about["language"] == "zh"
    assert model_of(chinese, "xx").about["language"] == "xx"


@pytest.mark.parametrize("lang", ["qq", ""])
def test_a_language_that_spacy_does_not_have_is_refused(model_file, nlp, tmp_path, lang):
    nlp.to_disk(tmp_path / "mine")
    for name in (model_file, tmp_path / "mine"):
        with pytest.raises(RangeError, match=f"of a language that spaCy has, .* got '{lang}'"):
            pipeline(str(name), lang)
    with pytest.raises(RangeError, match="spaCy has, such as en, got 'gone'"):
        pipeline(stating("gone", tmp_path))
    assert pipeline(stating("gone", tmp_path), "xx").lang == "xx"


def test_a_whole_pipeline_keeps_its_language(model_file, tmp_path):
    nlp = spacy.blank("de")
    nlp.add_pipe("salience", config={"model": {"pretrained": str(model_file)}})
    nlp.to_disk(tmp_path)
    assert language_of(str(tmp_path)) == pipeline(str(tmp_path)).lang == "de"
    for lang in ("de", "deu"):
        assert pipeline(str(tmp_path), lang).lang == "de"
    for lang in ("en", "xx"):
        with pytest.raises(RangeError, match=f"no --lang, or 'de', the language .*, got '{lang}'"):
            pipeline(str(tmp_path), lang)


def test_a_pipeline_without_the_component_is_refused(tmp_path):
    spacy.blank("en").to_disk(tmp_path)
    with pytest.raises(RangeError, match="the component salience, got one of no component"):
        pipeline(str(tmp_path))
