"""Two teachers as one, whose similarities are the weighted mean of theirs.

`python blend.py sentences.txt bge.npy teacher.npy [WEIGHT [MODEL]]` sets a teacher's vectors,
centred, beside those of a model, an embedded one or a file of `salience distil` (`en_small`):
t = (sqrt(w) a, sqrt(1 - w) b) of directions a and b, so that
t . t' = w a . a' + (1 - w) b . b'. So what the model to begin with knows is not unlearnt.
"""

import sys
from pathlib import Path

import numpy as np

from salience.training.objectives import directions
from spacy_salience.component.pipelines import pipeline

WEIGHT, SENTENCES_AT_ONCE, SAMPLE = 0.75, 16_384, 10


def main(
    source: Path, first: Path, target: Path, weight: float | str = WEIGHT, model: str = "en_small"
) -> None:
    """Write the vectors of both, side by side, in float16."""
    texts = source.read_text(encoding="utf-8").splitlines()
    nlp, weight = pipeline(model), float(weight)
    given = np.load(first, mmap_mode="r")
    mean = np.asarray(given[::SAMPLE], dtype=np.float32).mean(axis=0)
    width = given.shape[1]
    total = width + nlp.get_pipe("salience").model.get_dim("nO")
    matrix = np.lib.format.open_memmap(target, "w+", np.float16, (len(texts), total))
    for begin in range(0, len(texts), SENTENCES_AT_ONCE):
        rows = slice(begin, begin + SENTENCES_AT_ONCE)
        own = np.array([doc.vector for doc in nlp.pipe(texts[rows])], dtype=np.float32)
        centred = np.asarray(given[rows], dtype=np.float32) - mean
        matrix[rows, :width] = directions(centred)[0] * np.sqrt(weight)
        matrix[rows, width:] = directions(own)[0] * np.sqrt(1 - weight)
        print(f"{min(rows.stop, len(texts))} of {len(texts)}", flush=True)
    matrix.flush()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *sys.argv[4:])
