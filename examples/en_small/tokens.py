"""A vector for each word of the sentences: the states of a middle layer of all-MiniLM-L6-v2.

`python tokens.py sentences.txt tokens.npy [LAYER]` writes what `salience distil
--token-vectors tokens.npy` takes: the mean state of each word's pieces, in float16. Words are
those of spaCy's English tokenizer, white space left out, as distil reads them. Needs what
teacher.py needs.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import spacy
import torch
from numpy.typing import NDArray
from shares import of_one_length
from teacher import LONGEST, PIECES, WIDTH, loaded

from salience.model.forms import is_blank

LAYER, SENTENCES_AT_ONCE = 4, 4096


def words_of(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the words of each sentence."""
    nlp = spacy.blank("en")
    for text in texts:
        yield [token.text for token in nlp.make_doc(text) if not is_blank(token.norm_)]


def encode(sentences: Sequence[Sequence[str]], layer: int = LAYER) -> NDArray[np.float32]:
    """Return the mean state of the pieces of each word [N, 384]; zeros beyond LONGEST pieces."""
    tokenizer, model = loaded()
    given = tokenizer(
        [list(each) for each in sentences], is_split_into_words=True, truncation=True,
        max_length=LONGEST,
    )  # fmt: skip
    starts = np.cumsum([0, *map(len, sentences)])
    sums, counts = np.zeros((starts[-1], WIDTH), np.float32), np.zeros((starts[-1], 1), np.float32)
    for part in of_one_length(given["input_ids"], PIECES):
        ids = torch.tensor([given["input_ids"][number] for number in part])
        with torch.inference_mode():
            found = model(input_ids=ids, output_hidden_states=True).hidden_states[layer]
        for number, states in zip(part, found.float().numpy(), strict=True):
            words = given.word_ids(number)
            pieces = [place for place, word in enumerate(words) if word is not None]
            rows = starts[number] + np.array([words[place] for place in pieces], dtype=int)
            np.add.at(sums, rows, states[pieces])
            np.add.at(counts, rows, 1)
    return sums / np.maximum(counts, 1)


def main(source: Path, target: Path, layer: int = LAYER) -> None:
    """Write the vectors of all words of a file of sentences, one a line."""
    sentences = list(words_of(source.read_text(encoding="utf-8").splitlines()))
    count = sum(map(len, sentences))
    matrix = np.lib.format.open_memmap(target, "w+", np.float16, (count, WIDTH))
    end = 0
    for first in range(0, len(sentences), SENTENCES_AT_ONCE):
        vectors = encode(sentences[first : first + SENTENCES_AT_ONCE], layer)
        begin, end = end, end + len(vectors)
        matrix[begin:end] = vectors
        print(f"{end} of {count} words", flush=True)
    matrix.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
