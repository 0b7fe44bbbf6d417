"""One warning where texts are in another language than the model that reads them."""

import pickle
import subprocess
import sys
import warnings
from contextlib import contextmanager

import pytest
import spacy
from spacy.training import Example

from salience.errors import LanguageWarning
from salience.model import pretrained
from salience.model.weights import save
from salience.testing import random_weights
from spacy_salience.component.watch import ENOUGH, MOST_TEXTS, Watch, look_at
from spacy_salience.learning.finetuning import Practice, finetune

from ..conftest import WORDS
from .test_pipe import spoilt

CHINESE = ["今天天气很好", "港口结冰了。船都停在港里。"]
RUSSIAN = "Гавань замёрзла, и лодки остались в порту."
ARABIC = "تجمد الميناء وبقيت القوارب"
ENGLISH = "The harbour froze and the boats stayed in port."
LETTERS = list("今天气很好港口结冰了船都停在里我你他")


@contextmanager
def told(times):
    """What is run within warns this often of a language, and of nothing else."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", message=r"\[W109\]")
        yield found
    assert [each.category for each in found] == [LanguageWarning] * times, found


@pytest.fixture
def files(tmp_path):
    """Small models: by the language that they state."""

    def path(lang, words=WORDS):
        weights = random_weights(words)
        file = tmp_path / f"{lang}.safetensors"
        save(weights.made_for(lang) if lang else weights, file)
        return str(file)

    return path


def pipeline(lang, file):
    nlp = spacy.blank(lang)
    nlp.add_pipe("salience", config={"model": {"pretrained": file}})
    return nlp


def test_a_pipeline_of_another_language_warns_once(files):
    with told(1) as found:
        nlp = pipeline("de", files("en"))
        nlp("Der Hafen ist zugefroren.")
        list(nlp.pipe([ENGLISH, "", *CHINESE], n_process=2))
    message = str(found[0].message)
    assert message.startswith("salience: expected texts read as 'en', the model's language, got 'd")
    assert "`salience distil --lang de`" in message


@pytest.mark.parametrize(
    ("lang", "of"), [("en", "en"), ("xx", "en"), ("de", "xx"), ("de", None), ("zh", "zh")]
)
def test_no_warning_where_the_language_is_the_models_or_unknown(files, lang, of):
    zh = of == "zh"
    with told(0):
        pipeline(lang, files(of, LETTERS if zh else WORDS))(CHINESE[1] if zh else ENGLISH)


@pytest.mark.parametrize("lang", ["en", "xx"])
@pytest.mark.parametrize("text", [*CHINESE, RUSSIAN, ARABIC, "안녕하세요", "ひらがな"])
def test_en_small_warns_once_of_texts_in_another_script(lang, text):
    nlp = pipeline(lang, "en_small")
    with told(1) as found:
        nlp(text)
        nlp(text)
        list(nlp.pipe([text] * 3))
    message = str(found[0].message)
    assert message.startswith("salience: expected texts in Latin letters, as the model's words are")
    assert "`salience distil --lang CODE`" in message
    assert text[:2] not in message


@pytest.mark.parametrize(
    "texts",
    [
        ["", "  ", "12 + 34 = 46", *CHINESE],
        [ENGLISH, *CHINESE * 2],
        ["Copyright, all rights reserved. " * 500, *CHINESE * 2],
        ["№ 5"] * 300 + [RUSSIAN],
    ],
    ids=["nothing first", "English first", "long English first", "many numbers first"],
)
def test_a_stream_is_looked_at_further_than_its_first_document(files, texts):
    for run in (lambda nlp: list(nlp.pipe(texts)), lambda nlp: list(map(nlp, texts))):
        nlp = pipeline("en", files("en"))
        with told(1):
            run(nlp)


@pytest.mark.parametrize(
    "texts",
    [
        [ENGLISH, ENGLISH, RUSSIAN],
        ["Ω", "5 µm", "π = 3.14", "αβγ"],
        ["Я"],
        ["", "\n", "1, 2", "\U0001f600"],
        ["Müller straße naïve coöperate", "Łódź", "Việt Nam"],
        [f"{ENGLISH} {RUSSIAN[:20]}"] * 3,
    ],
    ids=["one of three", "symbols", "a letter", "no letters", "Latin", "quoted"],
)
def test_a_few_foreign_words_are_no_other_script(files, texts):
    with told(0):
        list(pipeline("en", files("en")).pipe(texts))
        list(pipeline("xx", files("en")).pipe(texts))


def test_a_chinese_model_warns_of_english(files):
    letters = files("zh", LETTERS + list("python"))
    with told(1) as found:
        pipeline("zh", letters)(ENGLISH)
    assert "expected texts in Han letters" in str(found[0].message)
    with told(0):
        pipeline("xx", letters)("使用 Python 进行 machine learning 的教程")


def test_a_model_of_many_languages_knows_each_script_of_its_words(files):
    words = [*WORDS * 2, "и", "好"]
    with told(0):
        list(pipeline("xx", files("xx", words)).pipe([RUSSIAN, *CHINESE]))
    with told(1):
        pipeline("xx", files("xx", words))(ARABIC)


def test_a_saved_pipeline_warns_as_the_first_one_did(files, tmp_path):
    file = files("en")
    with told(1):
        nlp = pipeline("de", file)
    nlp.to_disk(tmp_path / "mine")
    with told(1):
        spacy.load(tmp_path / "mine")(CHINESE[0])
    (tmp_path / "en.safetensors").unlink()  # as on another machine
    with told(1):
        spacy.load(tmp_path / "mine")
    other = spacy.blank("de").from_config(nlp.config)
    with told(1):
        other.from_bytes(nlp.to_bytes())
        other(CHINESE[0])


@pytest.mark.parametrize("how", ["disk", "bytes"])
def test_a_component_that_is_loaded_looks_at_texts_anew(files, tmp_path, how):
    nlp, other = pipeline("xx", files("en")), pipeline("xx", files("zh", LETTERS))
    for _ in range(ENOUGH):
        nlp(ENGLISH)
    other.to_disk(tmp_path / "zh")
    with told(0):
        component = nlp.get_pipe("salience")
        if how == "disk":
            component.from_disk(tmp_path / "zh" / "salience", exclude=["vocab"])
        else:
            component.from_bytes(other.get_pipe("salience").to_bytes(), exclude=["vocab"])
        nlp(CHINESE[0])
    with told(1):
        for _ in range(3):
            nlp(ENGLISH)


def test_a_component_of_another_pipeline_warns_with_its_first_document(files):
    english, nlp = pipeline("en", files("en")), spacy.blank("de")
    nlp.add_pipe("salience", source=english)
    with told(1):
        nlp("Der Hafen")
        nlp("Der Hafen")


def test_pickled_it_still_warns_once(files):
    with told(1):
        nlp = pipeline("de", files("en"))
        pickle.loads(pickle.dumps(nlp.get_pipe("salience"))).predict([nlp.make_doc(RUSSIAN)])


def test_it_can_be_silenced_and_made_an_error(files):
    file = files("en")
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=LanguageWarning)
        pipeline("de", file)(RUSSIAN)
    assert not found
    with warnings.catch_warnings():
        warnings.simplefilter("error", LanguageWarning)
        with pytest.raises(LanguageWarning):
            pipeline("de", file)
        nlp = pipeline("en", file)
        with pytest.raises(LanguageWarning):
            list(nlp.pipe(CHINESE))
        with pytest.raises(LanguageWarning):
            nlp(CHINESE[0])


@pytest.mark.parametrize("one_by_one", [False, True])
def test_made_an_error_it_is_no_document_s_fault(files, one_by_one):
    nlp, handed_over = pipeline("en", files("en")), []
    nlp.set_error_handler(lambda name, component, docs, error: handed_over.extend(docs))
    docs = [nlp.make_doc(text) for text in CHINESE]
    if one_by_one:  # no more than half of the batch is Chinese, of which one document fails
        docs += [spoilt(nlp, "first"), nlp.make_doc(ENGLISH), nlp.make_doc(ENGLISH)]
    with warnings.catch_warnings():
        warnings.simplefilter("error", LanguageWarning)
        with pytest.raises(LanguageWarning):
            list(nlp.pipe(docs))
    assert not handed_over


SCRIPT = """
import sys, warnings, multiprocessing
import spacy
warnings.filterwarnings("ignore", "..W109")
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {"pretrained": sys.argv[2]}})
    print(len(list(nlp.pipe(["\\u0433\\u0430\\u0432\\u0430\\u043d\\u044c"] * 8, n_process=2))))
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_warn_too(files, tmp_path, method):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script), method, files("en")],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout == "8\n"
    assert 1 <= done.stderr.count("LanguageWarning: salience: expected texts in Latin letters") <= 2
    assert "гавань" not in done.stderr


def test_after_the_first_texts_none_is_looked_at():
    model = pretrained.load("en_small")
    for text, count in ((ENGLISH, ENOUGH), ("12 34", MOST_TEXTS)):
        watch, looked = Watch("here"), []
        watch.texts(model, (looked.append(text) or text for _ in range(MOST_TEXTS + 5)))
        assert watch.over
        assert len(looked) == count + 1


def test_an_encoder_that_learns_warns_of_foreign_words_when_it_starts(files, tmp_path):
    def learning(lang, words):
        nlp = spacy.blank(lang)
        model = {"@architectures": "salience.Encoder.v1", "width": 8, "words": words}
        nlp.add_pipe("salience", config={"model": model})
        return nlp

    nlp = learning("de", files("en"))
    with told(1) as found:
        nlp.initialize()
    assert "expected texts read as 'en'" in str(found[0].message)
    nlp.to_disk(tmp_path / "mine")
    with told(0):  # it has learnt what to make of these words
        spacy.load(tmp_path / "mine")("Der Hafen")
    for lang, words in (("de", None), ("en", files("en")), ("de", files(None))):
        with told(0):
            learning(lang, words).initialize()
    nlp = learning("xx", files("en"))
    examples = [Example.from_dict(nlp.make_doc(text), {}) for text in CHINESE]
    with told(1) as found:
        nlp.initialize(lambda: examples)
    assert "got most of them in Han ones" in str(found[0].message)


@pytest.mark.parametrize(
    ("lang", "text", "times"),
    [
        ("en", CHINESE[0], 1),
        ("zh", CHINESE[0], 0),
        ("zh", ENGLISH, 1),
        ("ru", RUSSIAN, 0),
        ("sr", RUSSIAN, 0),
        ("sr", "Luka se zaledila", 0),
        ("de", ENGLISH, 0),
        ("xx", RUSSIAN, 0),
        ("en", "1 2 3", 0),
    ],
)
def test_texts_to_learn_from_are_in_their_languages_script(lang, text, times):
    with told(times):
        look_at(spacy.blank(lang), ["", "42", text])


def test_finetuning_warns_of_another_language_and_of_another_script(files, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text(f"sentence1\tsentence2\n{CHINESE[0]}\t{CHINESE[1]}\n", encoding="utf-8")
    for lang in ("zh", "xx"):
        with told(1):
            finetune(
                spacy.blank(lang), [pairs], files("en"), tmp_path / lang,
                practice=Practice(epochs=1),
            )  # fmt: skip
