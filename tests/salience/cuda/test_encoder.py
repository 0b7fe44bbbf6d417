"""The frozen encoder on the GPU."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from salience.cuda import arrays, faults, places
from salience.encoder import cuda as encoder_cuda
from salience.encoder.encoder import Encoder
from salience.errors import DeviceLostError, DeviceMemoryError, RangeError
from salience.testing import random_starts
from salience.types import Ragged

from ..encoder.test_encoder import part
from ..helpers import parts, same_bits
from ..models import ENCODER, WEIGHTS, by_reference, random_bags

LENGTHS = [0, 5, 1, 0, 9, 3]


def encode(encoder, lengths, seed=0):
    starts = random_starts(lengths)
    return encoder.encode(random_bags(starts[-1], seed), starts, device="cuda")


@pytest.mark.parametrize("lengths", [LENGTHS, [], [0], [0, 0]], ids=str)
def test_agrees_with_the_references_and_the_cpu(lengths):
    bags, starts = random_bags(sum(lengths)), random_starts(lengths)
    got = ENCODER.encode(bags, starts, device="cuda")
    for others in (by_reference(WEIGHTS, bags, starts), ENCODER.encode(bags, starts)):
        for a, b in zip(got, others, strict=True):
            assert type(a) is np.ndarray
            assert a.dtype == np.float32
            np.testing.assert_allclose(a, b, rtol=3e-5, atol=3e-5)


def test_a_document_has_the_bits_it_has_alone_in_any_batch(monkeypatch):
    bags, starts = random_bags(sum(LENGTHS)), random_starts(LENGTHS)
    batch = ENCODER.encode(bags, starts, device="cuda")
    for b, (first, last) in enumerate(pairwise(starts)):
        alone = ENCODER.encode(part(bags, starts, b), starts[[b, b + 1]] - first, device="cuda")
        own = [array[first:last] for array in batch[:3]]
        assert same_bits(tuple(alone), (*own, batch.documents[b : b + 1]))
    monkeypatch.setattr(encoder_cuda, "TOKENS_AT_ONCE", 6)
    assert same_bits(tuple(ENCODER.encode(bags, starts, device="cuda")), tuple(batch))


def test_a_batch_goes_over_in_one_copy_and_comes_back_in_one(monkeypatch):
    encode(ENCODER, LENGTHS)
    copies = []
    for name in ("to_device", "to_host"):
        copy = getattr(arrays, name)
        monkeypatch.setattr(
            arrays, name, lambda *given, copy=copy, name=name: copies.append(name) or copy(*given)
        )
    encode(ENCODER, LENGTHS)
    assert copies == ["to_device", "to_host"]


def test_memory_is_taken_once(monkeypatch):
    encoder, made = Encoder(WEIGHTS), []
    want = encode(encoder, LENGTHS)
    empty = places.Place.empty
    monkeypatch.setattr(
        places.Place, "empty", lambda *given, **named: made.append(given) or empty(*given, **named)
    )
    assert same_bits(tuple(encode(encoder, LENGTHS)), tuple(want))
    assert not [shape for _, shape, *_ in made if 0 not in shape]


@pytest.fixture
def full(monkeypatch):
    """Memory that holds batches of so many tokens and no more; says how large those were."""
    chain = encoder_cuda.CudaEncoder._chain
    state = {"most": 10**9, "seen": []}

    def limited(self, tables, ids, bag_starts, starts):
        state["seen"].append(int(starts[-1]))
        with faults.named("memory"):
            if starts[-1] > state["most"]:
                raise RuntimeError("[2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY")
        return chain(self, tables, ids, bag_starts, starts)

    monkeypatch.setattr(encoder_cuda.CudaEncoder, "_chain", limited)
    return state


def test_a_batch_that_does_not_fit_is_halved_once(full):
    want = encode(ENCODER, LENGTHS)
    full.update(most=12, seen=[])
    assert same_bits(tuple(encode(ENCODER, LENGTHS)), tuple(want))
    assert full["seen"] == [18, 6, 12]
    full.update(most=7, seen=[])
    with pytest.raises(DeviceMemoryError, match="memory is full; give fewer or shorter documents"):
        encode(ENCODER, LENGTHS)
    assert full["seen"] == [18, 6, 12]
    full.update(most=10**9)
    assert same_bits(tuple(encode(ENCODER, LENGTHS)), tuple(want))


def test_one_document_that_does_not_fit_is_refused(full):
    full["most"] = 3
    with pytest.raises(DeviceMemoryError):
        encode(ENCODER, [4])
    assert full["seen"] == [4]


def test_a_lost_context_is_fatal(full, monkeypatch):
    monkeypatch.setattr(faults._State, "lost", None)
    monkeypatch.setattr(encoder_cuda.CudaEncoder, "_chain", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        encode(ENCODER, LENGTHS)
    monkeypatch.setattr(faults._State, "lost", "CUDA_ERROR_LAUNCH_FAILED")
    with pytest.raises(DeviceLostError):
        encode(ENCODER, LENGTHS)


def test_many_callers_at_once_get_the_same_bits():
    want = [encode(ENCODER, [2, 3], seed) for seed in range(3)]
    with ThreadPoolExecutor(3) as callers:
        got = list(callers.map(lambda seed: encode(ENCODER, [2, 3], seed), range(3)))
    for a, b in zip(got, want, strict=True):
        assert same_bits(parts(tuple(a)), parts(tuple(b)))


def test_refuses_what_the_cpu_refuses():
    with pytest.raises(RangeError, match=r"^encode: bags\.data must lie in"):
        ENCODER.encode(Ragged(np.array([-1]), np.array([0, 1])), np.array([0, 1]), device="cuda")
    with pytest.raises(RangeError, match=r"^encode: device must be one of cpu, cuda; got 'gpu'"):
        ENCODER.encode(random_bags(1), np.array([0, 1]), device="gpu")


def test_no_tables_of_the_cpu_are_kept_where_only_the_gpu_is_used():
    encoder, used = Encoder(WEIGHTS), Encoder(WEIGHTS)
    got = encode(encoder, LENGTHS)
    assert not {"_on_cpu", "_tables", "_embedding"} & set(encoder.__dict__)
    used.encode(random_bags(3), random_starts([3]))
    tables = used._tables
    assert same_bits(tuple(encode(used, LENGTHS)), tuple(got))
    assert used._tables is tables
