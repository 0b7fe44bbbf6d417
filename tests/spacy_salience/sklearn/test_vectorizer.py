"""SalienceVectorizer is a transformer of scikit-learn, with the numbers of the Docs."""

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from salience.errors import DtypeError, MissingPackageError, RangeError, ShapeError
from spacy_salience import TextEncoder, keywords
from spacy_salience.sklearn import SalienceVectorizer

from ...salience.helpers import run_python
from ..conftest import TEXTS

SHIPS = [
    "The boats left the harbour.",
    "A ship in the port.",
    "Sailors mend the nets.",
    "The ferry crossed the bay.",
    "An anchor lay on the quay.",
    "The captain left the ship.",
]
CAKES = [
    "Bake the cake for an hour.",
    "Beat eggs with sugar.",
    "Bread needs flour and salt.",
    "The oven is hot.",
    "She ate two loaves of bread.",
    "Butter and jam on toast.",
]
LABELS = [0] * len(SHIPS) + [1] * len(CAKES)

OUTPUTS = pytest.mark.parametrize("output", ["vectors", "terms", "keywords"])


def rows_of(found):
    return found.toarray() if hasattr(found, "toarray") else found


def test_vectors_are_those_of_the_encoder():
    found = SalienceVectorizer().fit_transform(TEXTS)
    assert_array_equal(found, TextEncoder().encode(TEXTS))
    assert found.dtype == np.float32


def test_terms_are_words_with_their_salience(en_small):
    texts = ["The cat sat, and the other Cat slept.", "A dog slept.", "The the the."]
    vectorizer = SalienceVectorizer(output="terms")
    found = vectorizer.fit_transform(texts)
    assert vectorizer.get_feature_names_out().tolist() == ["cat", "dog", "sat", "slept"]
    salience = en_small(texts[0])._.salience
    assert found.toarray()[0] == pytest.approx([salience[1] + salience[7], 0, salience[2],
                                                salience[8]])  # fmt: skip
    assert found[2].nnz == 0
    assert vectorizer.transform(["An unknown zebra slept."]).nnz == 1


def test_keywords_are_those_of_documents(en_small):
    vectorizer = SalienceVectorizer(output="keywords", n_keywords=3).fit(SHIPS)
    found = vectorizer.transform(SHIPS[:1])
    names = vectorizer.get_feature_names_out()
    wanted = dict(keywords(en_small(SHIPS[0]), 3))
    assert dict(zip(names[found.indices], found.data, strict=True)) == pytest.approx(wanted)


def test_terms_are_few_where_it_is_asked_for():
    texts = ["cat dog", "cat bird", "cat dog fish"]
    some = SalienceVectorizer(output="terms", min_df=2).fit(texts)
    assert some.get_feature_names_out().tolist() == ["cat", "dog"]
    few = SalienceVectorizer(output="terms", max_features=1).fit(texts)
    assert few.get_feature_names_out().tolist() == ["cat"]


def test_terms_of_chinese_are_words():
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    vectorizer = SalienceVectorizer("zh_small", output="terms").fit(
        ["\u6211\u4eec\u7814\u7a76\u81ea\u7136\u8bed\u8a00\u5904\u7406\u3002"]
    )
    assert set(vectorizer.vocabulary_) == {"\u7814\u7a76", "\u81ea\u7136\u8bed\u8a00"}


@OUTPUTS
def test_it_is_cloned_and_pickled(output):
    vectorizer = SalienceVectorizer(output=output, batch_size=2)
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    with pytest.raises(NotFittedError):
        vectorizer.transform(SHIPS)
    wanted = rows_of(vectorizer.fit_transform(SHIPS))
    again = pickle.loads(pickle.dumps(vectorizer))
    assert_array_equal(rows_of(again.transform(SHIPS)), wanted)
    assert_array_equal(rows_of(vectorizer.fit(SHIPS).transform(SHIPS)), wanted)
    assert len(pickle.dumps(vectorizer)) < 5000
    assert wanted.shape[1] == len(again.get_feature_names_out())
    with pytest.raises(NotFittedError):
        clone(vectorizer).get_feature_names_out()


def test_parameters_that_change_after_fitting_wait_for_the_next():
    vectorizer = SalienceVectorizer().fit(SHIPS).set_params(output="terms")
    assert vectorizer.transform(SHIPS).shape == (6, 256)
    assert vectorizer.fit(SHIPS).transform(SHIPS).shape[1] == len(vectorizer.vocabulary_)


def test_parameters_that_change_after_fitting_wait_in_a_pickle_too():
    vectorizer = SalienceVectorizer(output="keywords", n_keywords=1).fit(SHIPS)
    wanted = vectorizer.transform(SHIPS).toarray()
    vectorizer.set_params(n_keywords=9, model="en_base")
    for each in (vectorizer, pickle.loads(pickle.dumps(vectorizer))):
        assert_array_equal(each.transform(SHIPS).toarray(), wanted)


def test_a_fit_that_fails_changes_nothing():
    vectorizer = SalienceVectorizer().fit(SHIPS).set_params(output="terms")
    with pytest.raises(RangeError, match="found none"):
        vectorizer.fit(["the"])
    assert vectorizer.transform(SHIPS).shape == (6, 256)
    with pytest.raises(RangeError, match="found none"):
        (fresh := SalienceVectorizer(output="terms")).fit(["the"])
    with pytest.raises(NotFittedError):
        fresh.transform(SHIPS)


def test_threads_are_those_that_were_asked_for():
    vectorizer = SalienceVectorizer(output="terms", num_threads=1).fit(SHIPS)
    assert vectorizer._loaded._nlp.get_pipe("salience").num_threads == 1


def test_threads_share_one():
    vectorizer = SalienceVectorizer(output="terms").fit(SHIPS)
    wanted = vectorizer.transform(SHIPS).toarray()
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(vectorizer.transform, [SHIPS] * 8):
            assert_array_equal(found.toarray(), wanted)


@pytest.mark.usefixtures("joblib_ends")
def test_a_grid_is_searched_in_processes():
    search = GridSearchCV(
        make_pipeline(SalienceVectorizer(), LogisticRegression()),
        {"saliencevectorizer__output": ["vectors", "terms"]},
        cv=2, n_jobs=2, error_score="raise",
    )  # fmt: skip
    search.fit(SHIPS + CAKES, LABELS)
    assert search.best_score_ > 0.6
    assert search.predict(["The boat is in the harbour."]) == [0]


@OUTPUTS
@pytest.mark.parametrize(
    "check",
    ["check_estimator_cloneable",
     "check_estimator_repr",
     "check_estimator_tags_renamed", "check_estimators_unfitted", "check_get_params_invariance",
     "check_mixin_order", "check_no_attributes_set_in_init",
     "check_parameters_default_constructible", "check_set_params",
     "check_valid_tag_types"],
)  # fmt: skip
def test_the_checks_of_scikit_learn_that_suit_texts(check, output):
    function = getattr(estimator_checks, check, None)
    if function is None:
        pytest.skip("not in this version of scikit-learn")
    function("SalienceVectorizer", SalienceVectorizer(output=output))


def test_it_gives_pandas_where_that_is_installed():
    pandas = pytest.importorskip("pandas")
    texts = pandas.Series(SHIPS, index=list("abcdef"))
    vectorizer = SalienceVectorizer().set_output(transform="pandas")
    for found in (vectorizer.fit_transform(texts), vectorizer.transform(texts)):
        assert isinstance(found, pandas.DataFrame)
        assert found.columns.tolist() == vectorizer.get_feature_names_out().tolist()
        assert len(found) == len(texts)  # the index is scikit-learn's, and 1.5 drops it


@pytest.mark.parametrize(
    ("parameters", "texts", "error", "message"),
    [
        ({"output": "words"}, SHIPS, RangeError, "output"),
        ({"model": "en_smal"}, SHIPS, RangeError, "en_small"),
        ({"min_df": 0}, SHIPS, RangeError, "min_df"),
        ({"output": "terms", "num_threads": 0}, SHIPS, RangeError, "num_threads"),
        ({"max_features": 0}, SHIPS, RangeError, "max_features"),
        ({"output": "terms"}, ["the", "..."], RangeError, "found none"),
        ({"output": "terms", "min_df": 2}, ["cat", "dog"], RangeError, "at least 2"),
        ({}, "one text", DtypeError, "got str"),
        ({}, ["a", None], DtypeError, "NoneType at place 1"),
        ({}, np.array([["a"], ["b"]]), ShapeError, "one column of texts, got 2 axes"),
    ],
)
def test_errors_say_what_was_expected(parameters, texts, error, message):
    with pytest.raises(error, match=message):
        SalienceVectorizer(**parameters).fit(texts)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    for name in [each for each in sys.modules if each.startswith("spacy_salience.sklearn")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'salience\[sklearn\]'"):
        import spacy_salience.sklearn  # noqa: F401


def test_the_plugin_alone_does_not_import_scikit_learn():
    script = "import sys, spacy_salience as s; s.TextEncoder; print('sklearn' in sys.modules)"
    assert run_python(script) == "False"
