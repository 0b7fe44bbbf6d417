import numpy as np
import pytest
from hypothesis import given

from salience.errors import RangeError
from salience.ops import embedding, embedding_bags
from salience.ops.embedding import cpu, reference
from salience.testing import random_floats, random_starts

from .. import helpers
from . import promises

ROWS = 50
BAGS = (1, 0, 3, 1, 65, 2, 0, 1000)


def example(count, width=13):
    ids = np.random.default_rng(0).integers(0, ROWS, count)
    return {"table": random_floats(ROWS, width), "ids": ids}


def bags_example(sizes, width=13):
    return {**example(sum(sizes), width), "starts": random_starts(sizes)}


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 1000])
def test_agrees_with_the_reference(count):
    promises.assert_agrees(embedding, reference.forward, example(count))


@pytest.mark.parametrize("width", [0, 1, 16, 33])
def test_bags_agree_with_the_reference(width):
    promises.assert_agrees(embedding_bags, reference.forward_bags, bags_example(BAGS, width))


@pytest.mark.parametrize("sizes", helpers.EDGES)
def test_bags_agree_at_the_edges(sizes):
    promises.assert_agrees(embedding_bags, reference.forward_bags, bags_example(sizes))


@given(sizes=helpers.ragged)
def test_bags_agree_whatever_the_sizes(sizes):
    promises.assert_agrees(embedding_bags, reference.forward_bags, bags_example(sizes))


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(embedding, form, example(11))
    promises.assert_takes_any_form(embedding_bags, form, bags_example(BAGS))


def test_writes_everything():
    promises.assert_writes_everything(embedding_bags, bags_example(BAGS))


def test_a_bag_of_one_is_the_row_and_an_empty_bag_is_zeros():
    table = random_floats(ROWS, 13)
    x = embedding_bags(table, [7], [0, 1, 1])
    assert np.array_equal(x[0], embedding(table, [7])[0])
    assert np.array_equal(x[0], table[7])
    assert not x[1].any()


def test_a_bag_alone_has_the_bits_it_has_among_others():
    arguments = bags_example(BAGS)
    whole, starts = embedding_bags(**arguments), arguments["starts"]
    for bag, size in enumerate(BAGS):
        ids = arguments["ids"][starts[bag] : starts[bag + 1]]
        alone = embedding_bags(arguments["table"], ids, [0, size])
        assert helpers.same_bits(alone[0], whole[bag])


def test_no_ids_may_come_as_an_empty_list():
    assert embedding(random_floats(ROWS, 13), []).shape == (0, 13)
    assert embedding_bags(random_floats(ROWS, 13), [], [0, 0]).shape == (1, 13)


def test_the_result_is_a_copy_of_the_table():
    arguments = example(4)
    embedding(**arguments)[:] = np.nan
    assert np.isfinite(arguments["table"]).all()


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(embedding, example(3))
    promises.assert_refuses_bad_arrays(embedding_bags, bags_example([2, 1]))


@pytest.mark.parametrize(
    ("ids", "came"),
    [
        ([0, -1], r"ids\[1\] = -1;"),
        ([ROWS, 3], rf"ids\[0\] = {ROWS};"),
        ([2**62], r"ids\[0\] = "),
        (np.array([2**64 - 1], dtype=np.uint64), r"ids\[0\] = "),
    ],
)
def test_a_bad_id_never_reaches_a_kernel(monkeypatch, ids, came):
    def reached(*args):
        pytest.fail("the kernel was called")

    monkeypatch.setattr(cpu, "forward", reached)
    monkeypatch.setattr(cpu, "bag_means", reached)
    with pytest.raises(RangeError, match=rf"embedding: ids must lie in 0\.\.49, got {came}"):
        embedding(random_floats(ROWS, 13), ids)
    with pytest.raises(RangeError, match=rf"embedding_bags: ids must lie in 0\.\.49, got {came}"):
        embedding_bags(random_floats(ROWS, 13), ids, [0, len(ids)])


def test_any_id_is_refused_where_the_table_has_no_rows():
    with pytest.raises(RangeError, match="embedding: ids"):
        embedding(np.zeros((0, 4), np.float32), [0])
