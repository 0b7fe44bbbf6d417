"""A document's result does not depend on its company, its place, threads or processes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import salience

from .conftest import TEXTS


@pytest.fixture
def alone(nlp):
    return [nlp(text).tensor for text in TEXTS]


def same(docs, expected):
    for doc, tensor in zip(docs, expected, strict=True):
        np.testing.assert_array_equal(doc.tensor, tensor)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_in_any_batch(nlp, alone, batch_size):
    same(nlp.pipe(TEXTS, batch_size=batch_size), alone)


def test_in_any_order(nlp, alone):
    same(nlp.pipe(TEXTS[::-1]), alone[::-1])


@pytest.mark.parametrize("threads", [1, 2])
def test_with_any_number_of_threads(nlp, alone, threads):
    before = salience.get_num_threads()
    salience.set_num_threads(threads)
    try:
        docs = list(nlp.pipe(TEXTS * 60, batch_size=300))
    finally:
        salience.set_num_threads(before)
    same(docs, alone * 60)


@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_in_worker_processes_after_the_parent_has_worked(nlp, alone):
    same(nlp.pipe(TEXTS * 3, n_process=2, batch_size=4), alone * 3)


@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_worker_processes_bring_back_every_result(nlp):
    here = list(nlp.pipe(TEXTS))
    there = list(nlp.pipe(TEXTS, n_process=2))
    for a, b in zip(here, there, strict=True):
        np.testing.assert_array_equal(a._.salience, b._.salience)
        np.testing.assert_array_equal(a._.attention, b._.attention)
        np.testing.assert_array_equal(a._.salience_vector, b._.salience_vector)


PROCESSORS = (
    {},
    {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1"},
    {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX"},
    {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"},
)
"""What NumPy and its BLAS take for the processor, where they know these settings."""


def test_on_any_kind_of_processor():
    script = Path(__file__).with_name("bits.py")
    printed = {
        subprocess.run(
            [sys.executable, "-W", "ignore", script],
            env={**os.environ, **processor}, check=True, capture_output=True, text=True,
        ).stdout
        for processor in PROCESSORS
    }  # fmt: skip
    assert len(printed) == 1
    assert len(printed.pop().split()) == 14
