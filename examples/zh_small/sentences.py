"""Collect the sentences that zh_small is taught: `python sentences.py DATA sentences.txt`.

DATA holds the sets below, all of them free to use; README.md says which. All are written in
simplified script, as the model reads any text. A sentence that is in a set the model is
judged on is left out. Needs opencc.
"""

import itertools
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from opencc import OpenCC

from salience.files import write_whole
from spacy_salience.texts import source_of
from spacy_salience.texts.lines import lines as lines_of

JUDGED = ("stsb_zh_dev.tsv", "lcqmc_dev.tsv", "afqmc_dev.tsv", "pawsx_zh_dev.tsv")
# Sentences of Wikipedia in the first part of the file; they are of at most so many characters.
FIRST, LONGEST_FIRST = 70_000, 40
CLAUSES_FIRST, CLAUSES = 60_000, 200_000
SEED = 0


def main(data: Path, out: Path) -> None:
    """Write the sentences, shuffled: first a varied part of short ones, then the rest."""
    rng = random.Random(SEED)  # noqa: S311
    simplified = OpenCC("t2s").convert
    seen = {key(field) for name in JUDGED for row in rows(data / "zh" / name) for field in row}

    def new(texts: Iterable[str], least: int, most: int) -> list[str]:
        """The texts of these lengths, simplified, that were not seen before, shuffled."""
        kept = []
        for text in map(simplified, texts):
            mark = key(text)
            if mark and mark not in seen and least <= len(text) <= most:
                seen.add(mark)
                kept.append(text)
        rng.shuffle(kept)
        return kept

    everyday = new((row[1] for row in rows(data / "parallel" / "tatoeba_en_zh.tsv.gz")), 4, 64)
    wiki = new(lines(data / "zh" / "wiki_zh.txt.gz"), 6, 64)
    clauses = new(itertools.islice(parts(wiki, rng), CLAUSES), 4, 24)
    short = [text for text in wiki if len(text) <= LONGEST_FIRST][:FIRST]
    taken = set(short)
    first = everyday + short + clauses[:CLAUSES_FIRST]
    rest = [text for text in wiki if text not in taken] + clauses[CLAUSES_FIRST:]
    rng.shuffle(first)
    rng.shuffle(rest)
    text = "\n".join(first + rest) + "\n"
    write_whole(out, lambda file: file.write(text.encode()))
    print(f"{out}: {len(first)} + {len(rest)} sentences")


def parts(sentences: Iterable[str], rng: random.Random) -> Iterator[str]:
    """One clause of each sentence: texts like questions, headings and captions."""
    for sentence in sentences:
        found = [part for part in re.split(r"[^\w\s]", sentence) if len(part) >= 4]
        if len(found) > 1:
            yield rng.choice(found)


def key(text: str) -> str:
    """What two spellings of a sentence share."""
    return "".join(filter(str.isalnum, text.lower()))


def rows(path: Path) -> Iterator[list[str]]:
    """The lines of a table, divided into fields."""
    return (line.split("\t") for line in lines(path))


def lines(path: Path) -> Iterator[str]:
    """The lines of a file that are not blank."""
    return filter(str.strip, lines_of(source_of(path, "txt")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
