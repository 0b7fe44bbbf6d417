"""The judge of a gradient: central finite differences, in float64."""

import numpy as np

STEP = 1e-5
DIRECTIONS = 4


def assert_gradients(loss, arguments, gradients, tolerance=1e-6):
    """The gradients are those of loss(**arguments), a number, in random directions.

    arguments are float64 (others pass through); gradients are by the names of
    the arguments that they belong to.
    """
    rng = np.random.default_rng(0)
    for name, gradient in gradients.items():
        value = arguments[name]
        assert gradient.shape == value.shape, name
        for _ in range(DIRECTIONS):
            along = rng.standard_normal(value.shape)
            up, down = (
                loss(**{**arguments, name: value + way * STEP * along}) for way in (1, -1)
            )  # fmt: skip
            slope = (gradient * along).sum()
            np.testing.assert_allclose(
                (up - down) / (2 * STEP), slope, rtol=tolerance, atol=tolerance, err_msg=name
            )


def weighted_sum(outputs, d_outputs):
    """A loss whose gradients with respect to the outputs are d_outputs."""
    return sum((output * d).sum() for output, d in zip(outputs, d_outputs, strict=True))
