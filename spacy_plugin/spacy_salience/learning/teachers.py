"""Teachers of sentence vectors, by what a person names them: a function, a folder, a file."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salience.errors import RangeError
from salience.training.lessons import Teacher

from ..evaluation.peers import sentence_transformer
from ..packages import optional

ADVICE = (
    "expected module:function, a sentence-transformers folder, or an .onnx file with "
    "tokenizer.json beside it"
)
MOST_PIECES = 256
"""Word pieces of a text that an ONNX teacher is shown."""

TEXTS_AT_ONCE = 64


def find_teacher(name: str) -> Teacher:
    """Return the callable that `module:function` names, or what runs a model on disk.

    Raises RangeError where there is none of this name, and MissingPackageError
    where its package is not installed.
    """
    module, colon, function = name.partition(":")
    path = Path(name)
    if colon and not path.exists():
        return _function(name, module, function)
    if path.is_dir():
        return sentence_transformer(name)
    if path.suffix == ".onnx" and path.is_file():
        return _onnx(path)
    raise RangeError(f"distil: {ADVICE}; got {name!r}")


def _function(name: str, module: str, function: str) -> Teacher:
    try:
        found: Teacher = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise RangeError(
            f"distil: the teacher {name!r} cannot be imported: {error}; for a module of this "
            "folder set PYTHONPATH=."
        ) from error
    if not callable(found):
        raise RangeError(f"distil: the teacher {name!r} cannot be called; name a function")
    return found


def _onnx(path: Path) -> Teacher:
    """The mean of last_hidden_state over a text's pieces, or an output [B, K] as it is."""
    what, install = "distil: an .onnx file as the teacher", "pip install 'salience[distil]'"
    onnx, tokenizers = optional("onnxruntime", what, install), optional("tokenizers", what, install)
    written = path.with_name("tokenizer.json")
    if not written.is_file():
        raise RangeError(f"distil: expected the teacher's tokenizer beside it, found no {written}")
    tokenizer = tokenizers.Tokenizer.from_file(str(written))
    tokenizer.enable_truncation(MOST_PIECES)
    tokenizer.enable_padding()
    session = onnx.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    takes = {given.name for given in session.get_inputs()}

    def batch(texts: Sequence[str]) -> NDArray[Any]:
        pieces = tokenizer.encode_batch(list(texts))
        given = {
            "input_ids": np.array([piece.ids for piece in pieces], dtype=np.int64),
            "attention_mask": np.array([piece.attention_mask for piece in pieces], dtype=np.int64),
            "token_type_ids": np.array([piece.type_ids for piece in pieces], dtype=np.int64),
        }
        output = session.run(None, {name: given[name] for name in takes})[0]
        if output.ndim == 2:
            return np.asarray(output)
        mask = given["attention_mask"][..., None]
        return np.asarray((output * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1))

    def teach(texts: Sequence[str]) -> NDArray[Any]:
        # Texts of like length together, as the shorter ones of a batch are padded.
        order = np.argsort([len(text) for text in texts], kind="stable")
        parts = [
            order[first : first + TEXTS_AT_ONCE] for first in range(0, len(order), TEXTS_AT_ONCE)
        ]
        rows = np.concatenate([batch([texts[i] for i in part]) for part in parts])
        vectors = np.empty_like(rows)
        vectors[order] = rows
        return vectors

    return teach
