import json
import sys

import pytest

from salience.errors import MissingPackageError
from spacy_salience.packages import optional


def test_what_is_there_is_returned():
    assert optional("json", "this", "nothing") is json


def test_what_is_not_is_named_with_who_needs_it_and_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "absent", None)
    with pytest.raises(MissingPackageError, match=r"^this needs the package absent, .*; run that$"):
        optional("absent.part", "this", "that")
