"""The component in another pipeline than its own, and in configurations."""

import warnings

import pytest
import spacy
from spacy.util import load_config
from thinc.api import Config

from ..conftest import TEXTS
from ..listeners.test_listen import SENTENCES, TAGGER
from ..models.test_network_training import LISTENER, examples_for, tagger
from .test_pipe import each, same

__all__ = ["each"]


@pytest.mark.parametrize("name", ["salience", "mine"])
def test_it_is_sourced_and_its_config_goes_round(each, name, tmp_path):
    other = spacy.blank("en")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        other.add_pipe("salience", source=each, name=name)
    assert other.pipe_names == [name]
    assert other.get_pipe(name).name == name
    assert other.config["components"][name] == each.config["components"]["salience"]
    same(other.pipe(TEXTS), each.pipe(TEXTS))
    other.to_disk(tmp_path / "other")
    same(spacy.load(tmp_path / "other").pipe(TEXTS), each.pipe(TEXTS))
    config = Config().from_str(other.config.to_str())
    built = spacy.blank("en").from_config(config)
    assert built.config.interpolate() == other.config.interpolate()
    same(built.from_bytes(other.to_bytes()).pipe(TEXTS), each.pipe(TEXTS))


def test_it_is_sourced_by_a_config_that_names_a_folder(each, tmp_path):
    each.to_disk(tmp_path / "pipeline")
    text = '[nlp]\nlang = "en"\npipeline = ["mine"]\n[components]\n[components.mine]\n'
    source = f'source = "{tmp_path / "pipeline"}"\ncomponent = "salience"\n'
    (tmp_path / "config.cfg").write_text(text + source)
    nlp = spacy.util.load_model_from_config(load_config(tmp_path / "config.cfg"), auto_fill=True)
    same(nlp.pipe(TEXTS), each.pipe(TEXTS))
    assert "source" not in nlp.config["components"]["mine"]
    nlp.to_disk(tmp_path / "again")
    same(spacy.load(tmp_path / "again").pipe(TEXTS), each.pipe(TEXTS))


def test_settings_come_along(model_file, tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {"pretrained": str(model_file)}, "num_threads": 2})
    nlp.to_disk(tmp_path)
    other = spacy.blank("en")
    other.add_pipe("salience", source=spacy.load(tmp_path))
    assert other.get_pipe("salience").num_threads == 2


def test_a_tagger_comes_along_with_what_it_listens_to(each):
    """Sourced both, in their order; or the tagger alone, with a copy of its own."""
    frozen = each.get_pipe("salience").model.name == "salience"
    each.add_pipe("tagger", config=TAGGER if frozen else tagger(LISTENER))
    examples = examples_for(each)
    each.get_pipe("tagger").initialize(lambda: examples, nlp=each)
    for _ in range(30):
        each.update(examples)
    docs = [spacy.tokens.Doc(each.vocab, words=words) for words, _ in SENTENCES]
    want = [[token.tag_ for token in each(doc)] for doc in docs]
    assert len({tag for tags in want for tag in tags}) > 1

    whole = spacy.blank("en")
    whole.add_pipe("salience", source=each)
    whole.add_pipe("tagger", source=each)
    listeners = whole.get_pipe("salience").listening_components
    assert listeners == ["tagger"]
    for nlp in (whole, spacy.blank("en").from_config(whole.config).from_bytes(whole.to_bytes())):
        assert [[t.tag_ for t in nlp(doc.copy())] for doc in docs] == want

    each.replace_listeners("salience", "tagger", ["model.tok2vec"])
    alone = spacy.blank("en")
    alone.add_pipe("tagger", source=each)
    assert [[t.tag_ for t in alone(doc.copy())] for doc in docs] == want
