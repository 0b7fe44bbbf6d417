"""A file that is whole, but something else, is told apart from a damaged one."""

import gzip
import io
import json
import pickle
import zipfile

import numpy as np
import pytest
import safetensors.numpy

from salience.errors import WeightsError
from salience.model import interchange, weights
from salience.testing import random_weights

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
OURS = random_weights(["the", "cat"]).to_bytes()


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    return file.getvalue()


def array():
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def safetensors_file(header, size):
    content = json.dumps(header).encode()
    return len(content).to_bytes(8, "little") + content + bytes(size)


KINDS = {
    "pointer": (POINTER, "a pointer of git-lfs in the place of the file: fetch it with: git lfs"),
    "zip": (zipped(), "a zip archive, such as torch.save"),
    "pickle": (pickle.dumps({"a": 1}), "a pickle, which is never read"),
    "old torch": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "a pickle, which is never read"),
    "npy": (array(), "an array of NumPy"),
    "gzip": (gzip.compress(OURS), "a compressed file: unpack it"),
    "page": (b"\n<!DOCTYPE html><html>404</html>", "a web page: download the file itself"),
    "gguf": (b"GGUF\x03\0\0\0", "a GGUF file"),
}
kinds = pytest.mark.parametrize("kind", KINDS)

EMBEDDINGS = {"weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
BFLOATS = {f"layer.{n}.weight": {"dtype": "BF16", "shape": [1], "data_offsets": [2 * n, 2 * n + 2]}
           for n in range(9)}  # fmt: skip
OTHERS = {
    "of PyTorch": (safetensors_file(EMBEDDINGS, 8), "its tensors: weight"),
    "with metadata": (
        safetensors_file({**EMBEDDINGS, "__metadata__": {"format": "pt"}}, 8),
        "its tensors: weight",
    ),
    "of bfloat16": (safetensors_file(BFLOATS, 18), "layer.2.weight, ..."),
    "of nothing": (safetensors_file({}, 0), "its tensors: none"),
}


@kinds
def test_a_file_of_another_kind_is_told(kind, tmp_path):
    content, what = KINDS[kind]
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    for read in (weights.load, interchange.read_state_dict):
        with pytest.raises(WeightsError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: expected a safetensors file")
        assert what in str(caught.value)
        assert "damaged" not in str(caught.value)


@pytest.mark.parametrize("other", OTHERS)
def test_a_file_of_another_program_is_told(other):
    content, names = OTHERS[other]
    with pytest.raises(WeightsError, match="but another program made it") as caught:
        weights.from_bytes(content)
    assert names in str(caught.value)
    assert "salience distil" in str(caught.value)
    assert "damaged" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 9, OURS[:-1], OURS[:40], b"\x80\x02" + OURS[2:], b"P" + OURS[1:]]
)
def test_what_is_damaged_is_called_so(content):
    with pytest.raises(WeightsError, match="it is truncated or damaged: restore it"):
        weights.from_bytes(content)


def test_tied_weights_are_read_under_each_of_their_names(tmp_path):
    table = np.float32([[1, 2], [3, 4]])
    names = {"decoder.weight": "encoder.weight", "format": "pt"}  # as save_model states them
    safetensors.numpy.save_file({"encoder.weight": table}, tmp_path / "m", metadata=names)
    tensors = interchange.read_state_dict(tmp_path / "m")
    assert sorted(tensors) == ["decoder.weight", "encoder.weight"]
    for prefix in ("decoder.", "encoder."):
        read = interchange.embedding_from_state_dict(tensors, prefix)
        np.testing.assert_array_equal(read, table)
