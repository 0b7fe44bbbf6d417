import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from salience.errors import MissingPackageError
from salience.testing import random_floats
from spacy_salience.evaluation import linear


def test_features_are_standardised_before_the_layer():
    x, y = 50 + 9 * random_floats(40, 3, seed=1), np.arange(40) % 2
    scaler = StandardScaler().fit(x)
    expected = LogisticRegression(C=0.5).fit(scaler.transform(x), y)
    found = linear.logistic_layer("probe", C=0.5).fit(x, y)
    np.testing.assert_allclose(found.predict_proba(x), expected.predict_proba(scaler.transform(x)))


@pytest.mark.parametrize("task", ["classify", "probe"])
def test_without_scikit_learn_the_task_is_named(task, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.pipeline", None)
    with pytest.raises(MissingPackageError, match=rf"evaluate: {task}.*salience\[evaluate\]"):
        linear.logistic_layer(task)
