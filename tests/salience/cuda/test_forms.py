"""The GPU's form of every kind of encoder says what its layers say, which define it."""

import pytest

from salience.encoder import Encoder
from salience.errors import DeviceError

from ..encoder.test_forms import ENCODERS, batch_of, by_encoder, check, weights_of

REFUSED = [
    name for name, settings in ENCODERS.items() if any(b.normalised for b in settings.blocks)
]


@pytest.mark.parametrize("name", [name for name in ENCODERS if name not in REFUSED])
def test_the_gpu_s_form_says_what_the_layers_say(name):
    check(name, "cuda")


@pytest.mark.parametrize("name", REFUSED)
def test_normalised_blocks_are_refused_and_run_on_the_cpu(name):
    weights, batch = weights_of(ENCODERS[name]), batch_of(ENCODERS[name])
    with pytest.raises(DeviceError, match="expected blocks without normalisation on the GPU"):
        by_encoder(weights, batch, "cuda")
    assert Encoder(weights).settings.blocks[0].normalised
    check(name, "cpu")
