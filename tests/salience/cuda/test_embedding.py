from itertools import pairwise

import numpy as np
import pytest

from salience import ops
from salience.cuda import arrays, owner_sums
from salience.ops.embedding import reference
from salience.testing import random_floats, random_starts

from .. import helpers
from .promises import assert_agrees, here, there

ROWS = 16
BAGS = (1, 0, 3, 1, 1, 1, 1, 1, 9, 1, 0, 1)
widths = pytest.mark.parametrize("width", [0, 1, 6])
SPARSE = {
    ops.backprop_embedding: ops.sparse_backprop_embedding,
    ops.backprop_embedding_bags: ops.sparse_backprop_embedding_bags,
}


@pytest.fixture
def groups(monkeypatch):
    """Sorted ids in short groups, so that many rows lie in several."""
    monkeypatch.setattr(owner_sums, "GROUP", 4)


def example(count, width=6, rows=ROWS):
    ids = np.random.default_rng(0).integers(0, rows, count)
    return {"table": random_floats(rows, width), "ids": ids}


def bags_example(sizes, width=6, rows=ROWS):
    return {**example(sum(sizes), width, rows), "starts": random_starts(sizes)}


def gradients(arguments):
    """What backprop is given instead of a table."""
    starts = arguments.get("starts")
    count = len(arguments["ids"]) if starts is None else len(starts) - 1
    d_x = random_floats(count, arguments["table"].shape[1], seed=1)
    return {"d_x": d_x, **{name: arguments[name] for name in arguments if name != "table"}}


def agree(arguments, rows=ROWS):
    """Dense and sparse with the reference."""
    bags = "starts" in arguments
    dense = ops.backprop_embedding_bags if bags else ops.backprop_embedding
    judge = reference.backprop_bags if bags else reference.backprop
    judge_sparse = reference.sparse_backprop_bags if bags else reference.sparse_backprop
    assert_agrees(dense, judge, arguments, rows=rows)
    assert_agrees(SPARSE[dense], judge_sparse, arguments, rows=rows)


@widths
@pytest.mark.parametrize("count", [0, 1, 5, 259])
def test_agrees_with_the_reference(count, width):
    assert_agrees(ops.embedding, reference.forward, example(count, width))


def test_rows_that_begin_with_no_whole_word():
    arguments = there(example(9))
    numbers = arrays.to_device(np.arange(ROWS * 6 + 1, dtype=np.float32))
    table = numbers[1:].reshape(ROWS, 6)
    assert arrays.address(table) % 8
    (got,) = here(ops.embedding(table, arguments["ids"]))
    np.testing.assert_array_equal(got, arrays.to_host(table)[example(9)["ids"]])


@widths
@pytest.mark.parametrize("sizes", [(), (0,), (1,), BAGS, (1, 1, 0, 1) * 30], ids=len)
def test_bags_agree_with_the_reference(sizes, width):
    assert_agrees(ops.embedding_bags, reference.forward_bags, bags_example(sizes, width))


def test_starts_may_be_on_the_gpu():
    arguments = bags_example(BAGS)
    given = {**there(arguments), "starts": arrays.to_device(arguments["starts"])}
    want = ops.embedding_bags(**arguments, device="cuda")
    np.testing.assert_array_equal(here(ops.embedding_bags(**given))[0], want)


def test_a_bag_alone_has_the_bits_it_has_among_others():
    arguments = bags_example((*BAGS, *BAGS))
    arguments["table"][0] = -0.0
    whole = ops.embedding_bags(**arguments, device="cuda")
    starts = arguments["starts"]
    for bag, (first, last) in enumerate(pairwise(starts)):
        ids = arguments["ids"][first:last]
        alone = ops.embedding_bags(arguments["table"], ids, [0, len(ids)], device="cuda")
        assert helpers.same_bits(alone[0], whole[bag])


@pytest.mark.parametrize(("count", "width"), [(0, 2), (1, 2), (45, 0), (45, 1), (45, 6)])
def test_gradients_agree_with_the_reference(count, width, groups):
    agree(gradients(example(count, width)))


@pytest.mark.parametrize("rows", [1, 5, 300])
def test_gradients_of_few_rows_and_of_many(rows, groups):
    agree(gradients(example(45, 2, rows)), rows)


@pytest.mark.parametrize("sizes", [BAGS, (0, 0)], ids=len)
def test_gradients_of_bags_agree_with_the_reference(sizes, groups):
    agree(gradients(bags_example(sizes)))


def test_gradients_in_chunks_of_the_real_size():
    agree(gradients(example(2 * owner_sums.GROUP + 1, 1, rows=3)), rows=3)


def test_sparse_and_dense_gradients_and_those_of_bags_of_one_have_the_same_bits(groups):
    arguments = gradients(example(33))
    dense = ops.backprop_embedding(**arguments, rows=ROWS, device="cuda")
    named, d_rows = ops.sparse_backprop_embedding(**arguments, rows=ROWS, device="cuda")
    d_table = np.zeros_like(dense)
    d_table[named] = d_rows
    assert helpers.same_bits(d_table, dense)
    one = ops.backprop_embedding_bags(**arguments, starts=np.arange(34), rows=ROWS, device="cuda")
    assert helpers.same_bits(one, dense)


def test_a_table_may_have_no_rows():
    agree(gradients(example(0, rows=0)), rows=0)
    agree(gradients(bags_example([0, 0], rows=0)), rows=0)


def test_an_extreme_gradient_leaves_everything_finite():
    arguments = bags_example(BAGS)
    arguments["table"] = np.float32(1e30) * np.sign(arguments["table"])
    assert np.isfinite(ops.embedding_bags(**arguments, device="cuda")).all()
    back = gradients(arguments)
    back["d_x"] = np.float32(1e30) * np.sign(back["d_x"])
    assert np.isfinite(ops.backprop_embedding_bags(**back, rows=ROWS, device="cuda")).all()
