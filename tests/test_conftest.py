from pathlib import Path
from types import SimpleNamespace

import pytest

from .conftest import LONGEST, longest_first


def items(long, others):
    names = [LONGEST[0]] * long + ["test_short.py"] * others
    return [SimpleNamespace(path=Path(name), place=place) for place, name in enumerate(names)]


def is_long(item):
    return item.path.name in LONGEST


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize(("long", "others"), [(0, 0), (0, 5), (3, 0), (4, 1), (5, 2), (6, 50)])
def test_each_item_is_there_once(long, others, workers):
    ordered = longest_first(items(long, others), workers)
    assert sorted(item.place for item in ordered) == list(range(long + others))


def test_one_worker_begins_with_all_that_are_long():
    assert list(map(is_long, longest_first(items(2, 3)[::-1], 1))) == [True] * 2 + [False] * 3


def test_each_of_two_workers_begins_with_half_of_them():
    ordered = longest_first(items(6, 51), 2)
    assert [place for place, item in enumerate(ordered) if is_long(item)] == [0, 1, 2, 28, 29, 30]
