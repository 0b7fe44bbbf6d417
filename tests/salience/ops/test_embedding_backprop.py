import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience import ops
from salience.errors import RangeError, ShapeError
from salience.ops.embedding import cpu, reference
from salience.testing import random_floats, random_starts

from .. import helpers
from . import gradients, promises

ROWS = 50
BAGS = (1, 0, 3, 1, 65, 2, 0, 1000)
DENSE = (ops.backprop_embedding, ops.backprop_embedding_bags)
SPARSE = (ops.sparse_backprop_embedding, ops.sparse_backprop_embedding_bags)


def example(count, width=13, named=ROWS):
    ids = np.random.default_rng(0).integers(0, named, count)
    return {"d_x": random_floats(count, width, seed=1), "ids": ids}


def bags_example(sizes, width=13, named=ROWS):
    ids = example(sum(sizes), named=named)["ids"]
    starts = random_starts(sizes)
    return {"d_x": random_floats(len(sizes), width, seed=1), "ids": ids, "starts": starts}


def agree(arguments, rows=ROWS):
    """Dense with the reference, and sparse with it and to the last bit with dense."""
    bags = "starts" in arguments
    dense, sparse = DENSE[bags], SPARSE[bags]
    judges = (reference.backprop, reference.backprop_bags)[bags], (
        reference.sparse_backprop, reference.sparse_backprop_bags
    )[bags]  # fmt: skip
    promises.assert_agrees(dense, judges[0], arguments, rows=rows)
    promises.assert_agrees(sparse, judges[1], arguments, rows=rows)
    for device in ("cpu", "reference"):
        named, d_rows = sparse(**arguments, rows=rows, device=device)
        assert named.dtype == np.int64
        np.testing.assert_array_equal(named, np.unique(arguments["ids"]))
        d_table = np.zeros((rows, arguments["d_x"].shape[1]), np.float32)
        d_table[named] = d_rows
        assert helpers.same_bits(d_table, dense(**arguments, rows=rows, device=device))


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 1025])
def test_agrees_with_the_reference(count):
    agree(example(count))


@pytest.mark.parametrize("width", [0, 1, 16, 33])
def test_bags_agree_with_the_reference(width):
    agree(bags_example(BAGS, width))


@pytest.mark.parametrize("sizes", helpers.EDGES)
def test_bags_agree_at_the_edges(sizes):
    agree(bags_example(sizes))


@given(sizes=helpers.ragged, named=st.integers(1, ROWS), width=st.integers(0, 20))
def test_agrees_whatever_the_sizes(sizes, named, width):
    agree(example(sum(sizes), width, named))
    agree(bags_example(sizes, width, named))


def test_a_table_may_have_no_rows():
    agree(example(0), rows=0)
    agree(bags_example([0, 0]), rows=0)


@helpers.runs_no_kernel
@pytest.mark.parametrize("bags", [False, True])
def test_gradients_are_finite_differences(bags):
    arguments = promises.in_float64(bags_example([3, 0, 9]) if bags else example(20))
    table, d_x = random_floats(ROWS, 13).astype(np.float64), arguments.pop("d_x")
    forward = reference.forward_bags if bags else reference.forward
    backprop = reference.backprop_bags if bags else reference.backprop

    def loss(table):
        return (forward(table, **arguments) * d_x).sum()

    found = {"table": backprop(d_x, **arguments, rows=ROWS)}
    gradients.assert_gradients(loss, {"table": table}, found)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_a_repeated_id_adds_up_and_a_row_not_named_is_zeros(device):
    d_x = np.float32([[1, 2], [10, 20], [100, 200]])
    want = np.float32([[0, 0], [101, 202], [0, 0], [10, 20], [0, 0]])
    got = ops.backprop_embedding(d_x, [1, 3, 1], 5, device=device)
    np.testing.assert_array_equal(got, want)
    named, d_rows = ops.sparse_backprop_embedding(d_x, [1, 3, 1], 5, device=device)
    np.testing.assert_array_equal(named, [1, 3])
    np.testing.assert_array_equal(d_rows, want[named])


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_a_bag_shares_its_gradient_and_an_empty_one_gives_nothing(device):
    d_x = np.float32([[8], [100], [1]])
    given = d_x, [2, 0, 2, 2, 1], [0, 4, 4, 5]
    got = ops.backprop_embedding_bags(*given, 4, device=device)
    np.testing.assert_array_equal(got, [[2], [1], [6], [0]])
    named, d_rows = ops.sparse_backprop_embedding_bags(*given, 4, device=device)
    np.testing.assert_array_equal(named, [0, 1, 2])
    np.testing.assert_array_equal(d_rows, [[2], [1], [6]])


def test_bags_of_one_are_the_rows_themselves():
    arguments = example(65)
    starts = np.arange(66)
    for plain, bags in zip((DENSE[0], SPARSE[0]), (DENSE[1], SPARSE[1]), strict=True):
        want = plain(**arguments, rows=ROWS)
        assert helpers.same_bits(bags(**arguments, starts=starts, rows=ROWS), want)


@pytest.mark.parametrize("size", [1e-45, 1e-40, 1e30])
def test_an_extreme_gradient_leaves_everything_finite(size):
    table = np.float32(size) * np.sign(random_floats(ROWS, 13))
    arguments = bags_example(BAGS)
    assert np.isfinite(ops.embedding_bags(table, arguments["ids"], arguments["starts"])).all()
    arguments["d_x"] = np.float32(size) * np.sign(arguments["d_x"])
    assert np.isfinite(ops.backprop_embedding_bags(**arguments, rows=ROWS)).all()


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    for op in (DENSE, SPARSE):
        promises.assert_takes_any_form(op[0], form, example(11), rows=ROWS)
        promises.assert_takes_any_form(op[1], form, bags_example(BAGS), rows=ROWS)


def test_writes_everything():
    for op in (DENSE, SPARSE):
        promises.assert_writes_everything(op[0], example(11), rows=ROWS)
        promises.assert_writes_everything(op[1], bags_example(BAGS), rows=ROWS)


def test_refuses_bad_arrays():
    for op in (DENSE, SPARSE):
        promises.assert_refuses_bad_arrays(op[0], example(3), rows=ROWS)
        promises.assert_refuses_bad_arrays(op[1], bags_example([2, 1]), rows=ROWS)


@pytest.mark.parametrize("op", [*DENSE, *SPARSE])
@pytest.mark.parametrize("ids", [[0, -1], [ROWS, 3], [2**62], np.array([2**64 - 1], np.uint64)])
def test_a_bad_id_never_reaches_a_kernel(monkeypatch, op, ids):
    monkeypatch.setattr(cpu, "add_to_rows", lambda *args: pytest.fail("the kernel was called"))
    arguments = {"d_x": random_floats(len(ids), 13), "ids": ids, "rows": ROWS}
    if "bags" in op.__name__:
        arguments["starts"] = np.arange(len(ids) + 1)
    with pytest.raises(RangeError, match=rf"^{op.__name__}: ids must lie in 0\.\.49, got ids\["):
        op(**arguments)


@pytest.mark.parametrize("op", [*DENSE, *SPARSE])
@pytest.mark.parametrize("rows", [-1, 1.5, True, None, "many"])
def test_refuses_rows_that_are_no_number(op, rows):
    arguments = bags_example([2, 1]) if "bags" in op.__name__ else example(3)
    text = f"^{op.__name__}: rows must be a whole number >= 0, got {rows!r}"
    with pytest.raises(RangeError, match=text):
        op(**arguments, rows=rows)


@pytest.mark.parametrize("op", [DENSE, SPARSE])
def test_refuses_gradients_of_another_number(op):
    with pytest.raises(
        ShapeError, match=rf"^{op[0].__name__}: d_x must .* \[3, D\], got \[2, 13\]"
    ):
        op[0](random_floats(2, 13), [1, 2, 3], ROWS)
    with pytest.raises(
        ShapeError, match=rf"^{op[1].__name__}: d_x must .* \[1, D\], got \[2, 13\]"
    ):
        op[1](random_floats(2, 13), [1, 2, 3], [0, 3], ROWS)
    with pytest.raises(RangeError, match=rf"^{op[1].__name__}: starts must begin .*; got 0 and 2"):
        op[1](random_floats(1, 13), [1, 2, 3], [0, 2], ROWS)
