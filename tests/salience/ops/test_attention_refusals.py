"""What every form of attention, and every gradient of it, refuses in the same words."""

import numpy as np
import pytest

from salience import ops
from salience.errors import RangeError

from . import attention

FORMS = [
    (ops.bilinear_attention, attention.example),
    (ops.backprop_bilinear_attention, attention.backprop_example),
    (ops.step_attention, attention.step_example),
    (ops.backprop_step_attention, attention.step_backprop_example),
    (
        ops.attention_weights,
        lambda lengths, **shape: of_one(attention.step_example(lengths, **shape)),
    ),
]
forms = pytest.mark.parametrize(
    ("op", "example"), FORMS, ids=[op.__name__ for op, _ in FORMS]
)  # fmt: skip


def of_one(arguments):
    return {name: value for name, value in arguments.items() if name != "starts"}


@forms
@pytest.mark.parametrize("device", ["cpu", "reference"])
@pytest.mark.parametrize("temperature", [0, -1.0, 1e-7, 1e7, np.nan, np.inf, True, "hot", None])
def test_refuses_a_temperature_out_of_range(op, example, device, temperature):
    text = rf"^{op.__name__}: temperature must be a number from 1e-06 to 1000000.0, got "
    with pytest.raises(RangeError, match=text):
        op(**example([2, 1]), temperature=temperature, device=device)


@forms
@pytest.mark.parametrize("device", ["cpu", "reference"])
@pytest.mark.parametrize("window", [-1, 1.5, True, "all"])
def test_refuses_a_window_that_is_no_number_of_tokens(op, example, device, window):
    text = f"^{op.__name__}: window must be a whole number >= 0, got {window!r}$"
    with pytest.raises(RangeError, match=text):
        op(**example([2, 1]), window=window, device=device)


@forms
def test_refuses_no_heads(op, example):
    text = f"^{op.__name__}: the number of heads must be a whole number >= 1, got 0$"
    with pytest.raises(RangeError, match=text):
        op(**example([2, 1], heads=0))


@forms
@pytest.mark.parametrize("causal", ["no", 2, None])
def test_refuses_a_causal_that_is_neither_true_nor_false(op, example, causal):
    text = f"^{op.__name__}: causal must be one of True, False; got {causal!r}$"
    with pytest.raises(RangeError, match=text):
        op(**example([2, 1]), causal=causal)


@pytest.mark.parametrize("rows", [(0, 1.5), (0, 1, 2), (), 3, "01", [1]])
def test_refuses_rows_that_are_no_pair_of_tokens(rows):
    arguments = of_one(attention.step_example([3]))
    with pytest.raises(
        RangeError, match=r"^attention_weights: rows must be a first and a last token, got "
    ):
        ops.attention_weights(**arguments, rows=rows)
