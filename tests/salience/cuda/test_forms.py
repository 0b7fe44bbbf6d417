"""The GPU's form of every kind of encoder says what its layers say, which define it."""

from ..encoder.test_forms import check, every_encoder


@every_encoder
def test_the_gpu_s_form_says_what_the_layers_say(name):
    check(name, "cuda")
