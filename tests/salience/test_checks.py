"""The one text of each refusal: whose, what was expected, what came, what to do."""

import numpy as np
import pytest

from salience import checks
from salience.errors import DtypeError, RangeError, SalienceError, ShapeError

ROWS = np.zeros((3, 4), np.float32)


def recurrence(rows=None, starts=(0, 2, 3), initial=None, direction="forward"):
    """Check three rows of four states in two documents, or what is given instead."""
    rows = np.zeros((3, 4), np.float32) if rows is None else rows
    return checks.recurrence("op", "inputs", rows, starts, initial, direction)


@pytest.mark.parametrize(
    ("check", "error", "text"),
    [
        (
            lambda: checks.floats("op", "x", [1, 2], ("N",)),
            DtypeError,
            "op: x must hold floating-point numbers, got int64; "
            "convert it with numpy.asarray(x, dtype='float32')",
        ),
        (
            lambda: checks.floats("op", "x", ["a"], ("N",)),
            DtypeError,
            "op: x must hold floating-point numbers, got <U1; "
            "convert it with numpy.asarray(x, dtype='float32')",
        ),
        (
            lambda: checks.floats("op", "x", np.zeros((2, 3)), ("N", 4)),
            ShapeError,
            "op: x must have the shape [N, 4], got [2, 3]",
        ),
        (
            lambda: checks.floats("op", "x", 1.0, ("N",)),
            ShapeError,
            "op: x must have the shape [N], got []",
        ),
        (
            lambda: checks.ints("op", "ids", [0.5]),
            DtypeError,
            "op: ids must hold whole numbers, got float64; "
            "convert it with numpy.asarray(ids, dtype='int64')",
        ),
        (
            lambda: checks.ints("op", "ids", [True]),
            DtypeError,
            "op: ids must hold whole numbers, got bool; "
            "convert it with numpy.asarray(ids, dtype='int64')",
        ),
        (
            lambda: checks.ints("op", "ids", [[1]]),
            ShapeError,
            "op: ids must have the shape [N], got [1, 1]",
        ),
        (
            lambda: checks.starts("op", "starts", [], 3),
            RangeError,
            "op: starts must begin with 0 and end with the number of rows, 3; got nothing. "
            "For B owners of n rows each it is the running sum of n after a 0",
        ),
        (
            lambda: checks.starts("op", "starts", [1, 3], 3),
            RangeError,
            "op: starts must begin with 0 and end with the number of rows, 3; got 1 and 3. "
            "For B owners of n rows each it is the running sum of n after a 0",
        ),
        (
            lambda: checks.starts("op", "starts", [0, 2, 1, 3], 3),
            RangeError,
            "op: starts must never fall, but starts[1] = 2 and starts[2] = 1; "
            "an empty owner repeats its start",
        ),
        (
            lambda: checks.indices("op", "ids", [0, 5, -1], 5),
            RangeError,
            "op: ids must lie in 0..4, got ids[1] = 5; map unknown items to a row "
            "of the table first",
        ),
        (
            lambda: checks.at_least("op", "k", 0, 1),
            RangeError,
            "op: k must be a whole number >= 1, got 0",
        ),
        (
            lambda: checks.finite("op", "x", np.array([1, np.inf])),
            RangeError,
            "op: x holds numbers that are not finite (NaN or infinity)",
        ),
        (lambda: checks.even("op", "H", 3), ShapeError, "op: H must be even, got 3"),
        (
            lambda: checks.multiple("op", "D", 5, "heads", 2),
            ShapeError,
            "op: D must be a multiple of heads; got 5 for 2 heads",
        ),
        (
            lambda: checks.one_of("op", "device", "tpu", ("cpu", "reference")),
            RangeError,
            "op: device must be one of cpu, reference; got 'tpu'",
        ),
        (
            lambda: checks.floats("op", "x", 3, None),
            DtypeError,
            "op: x must hold floating-point numbers, got int64; "
            "convert it with numpy.asarray(x, dtype='float32')",
        ),
        (
            lambda: checks.floats_or_zeros("op", "initial", np.zeros((2, 3)), (3, 2), ROWS),
            ShapeError,
            "op: initial must have the shape [3, 2], got [2, 3]",
        ),
        (
            lambda: checks.between("op", "scale", 0, 0.5, 2),
            RangeError,
            "op: scale must be a number from 0.5 to 2, got 0",
        ),
        (
            lambda: recurrence(rows=np.zeros(3)),
            ShapeError,
            "op: inputs must have the shape [N, H], got [3]",
        ),
        (
            lambda: recurrence(starts=[0, 2]),
            RangeError,
            "op: starts must begin with 0 and end with the number of rows, 3; got 0 and 2. "
            "For B owners of n rows each it is the running sum of n after a 0",
        ),
        (
            lambda: recurrence(direction="up"),
            RangeError,
            "op: direction must be one of forward, backward, both; got 'up'",
        ),
        (
            lambda: recurrence(rows=np.zeros((3, 5)), direction="both"),
            ShapeError,
            "op: the number of states, with direction='both', must be even, got 5",
        ),
        (
            lambda: recurrence(initial=np.zeros((3, 4))),
            ShapeError,
            "op: initial must have the shape [2, 4], got [3, 4]",
        ),
    ],
)
def test_a_refusal_says_whose_what_was_expected_and_what_came(check, error, text):
    with pytest.raises(error) as caught:
        check()
    assert str(caught.value) == text
    assert isinstance(caught.value, SalienceError)


def test_the_errors_are_python_s_own_kinds_too():
    assert issubclass(ShapeError, ValueError)
    assert issubclass(RangeError, ValueError)
    assert issubclass(DtypeError, TypeError)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
def test_floats_come_back_as_contiguous_float32(dtype):
    given = np.arange(12, dtype=dtype).reshape(3, 4)[:, ::2]
    array = checks.floats("op", "x", given, ("N", 2))
    assert array.dtype == np.float32
    assert array.dtype.isnative
    assert array.flags.c_contiguous
    np.testing.assert_array_equal(array, given)


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.uint64, ">i8"])
def test_indices_come_back_as_contiguous_int64(dtype):
    array = checks.indices("op", "ids", np.arange(6, dtype=dtype)[::2], 5)
    assert array.dtype == np.int64
    assert array.dtype.isnative
    assert array.tolist() == [0, 2, 4]


def test_fitting_arrays_are_passed_on_uncopied():
    floats, ints = np.zeros((2, 3), np.float32), np.arange(3)
    assert checks.floats("op", "x", floats, ("N", "D")) is floats
    assert checks.indices("op", "ids", ints, 3) is ints
    checks.at_least("op", "window", 0, 0)


def test_starts_whose_differences_overflow_are_refused():
    starts = np.array([0, 2**63 - 1, -2, 4])
    with pytest.raises(RangeError, match="never fall"):
        checks.starts("op", "starts", starts, 4)


def test_a_whole_number_comes_back_as_one_that_cannot_overflow():
    assert type(checks.at_least("op", "window", np.uint8(200), 0)) is int


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3, 4)])
def test_floats_may_have_any_shape_where_none_is_asked_for(shape):
    array = checks.floats("op", "x", np.array(np.ones(shape), order="F"), None)
    assert array.shape == shape
    assert array.dtype == np.float32
    assert array.flags.c_contiguous


def test_a_bare_number_becomes_an_array_without_a_length():
    array = checks.floats("op", "x", 0.5, None)
    assert (type(array), array.shape, float(array)) == (np.ndarray, (), 0.5)


def test_floats_or_zeros_are_zeros_where_nothing_is_given():
    zeros = checks.floats_or_zeros("op", "initial", None, (2, 3), ROWS)
    assert zeros.dtype == np.float32
    np.testing.assert_array_equal(zeros, np.zeros((2, 3)))
    given = np.ones((2, 3), np.float32)
    assert checks.floats_or_zeros("op", "initial", given, (2, 3), ROWS) is given


@pytest.mark.parametrize("value", [1, 0.5, 2.0, 1e0, np.float32(2), np.int8(1)])
def test_a_number_between_two_comes_back_as_a_float(value):
    number = checks.between("op", "scale", value, 0.5, 2)
    assert type(number) is float
    assert number == value


@pytest.mark.parametrize(
    "value", [0, -1, 0.4999, 2.001, np.nan, np.inf, -np.inf, True, "1", None, [1.0], 1j]
)
def test_what_is_no_number_between_two_is_refused(value):
    with pytest.raises(RangeError, match=r"^op: scale must be a number from 0\.5 to 2, got "):
        checks.between("op", "scale", value, 0.5, 2)


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
def test_a_recurrence_gets_rows_starts_and_an_initial_state(direction):
    rows, starts, initial = recurrence(np.ones((3, 4)), direction=direction)
    assert (rows.dtype, starts.dtype, initial.dtype) == (np.float32, np.int64, np.float32)
    assert (rows.shape, starts.tolist()) == ((3, 4), [0, 2, 3])
    np.testing.assert_array_equal(initial, np.zeros((2, 4)))
    given = np.ones((2, 4), np.float32)
    assert recurrence(initial=given)[2] is given


def test_an_odd_number_of_states_will_do_one_way():
    assert recurrence(np.zeros((3, 5)), direction="backward")[2].shape == (2, 5)


class Tensor:
    """As PyTorch's, whose gradient is recorded: it cannot be read as an array."""

    requires_grad = True

    @property
    def __cuda_array_interface__(self):
        raise RuntimeError("Can't get __cuda_array_interface__ on Variable that requires grad.")

    def __array__(self, *given, **named):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


@pytest.mark.parametrize(
    ("check", "rest"),
    [
        (checks.floats, (("N",),)), (checks.ints, ()), (checks.starts, (3,)),
        (checks.bag_starts, (3,)), (checks.indices, (3,)), (checks.floats_or_zeros, ((1,), None)),
    ],
)  # fmt: skip
def test_a_tensor_whose_gradient_is_recorded_is_told_what_to_do(check, rest):
    with pytest.raises(DtypeError, match=r"^op: x must be .* got a Tensor .*; give x\.detach\(\)"):
        check("op", "x", Tensor(), *rest)


class OnlyToNumpy:
    def to_numpy(self):
        return ROWS


class OnlyDlpack:
    def __dlpack__(self, **options):
        return ROWS.__dlpack__(**options)

    def __dlpack_device__(self):
        return ROWS.__dlpack_device__()


@pytest.mark.parametrize("kind", [OnlyToNumpy, OnlyDlpack, lambda: memoryview(ROWS), ROWS.tolist])
def test_an_array_of_any_library_is_read_by_what_it_offers(kind):
    np.testing.assert_array_equal(checks.as_array("op", "x", kind()), ROWS)
    assert checks.floats("op", "x", kind(), ("N", 4)).dtype == np.float32


def test_an_array_of_numpy_is_read_without_a_copy():
    assert checks.as_array("op", "x", ROWS) is ROWS
