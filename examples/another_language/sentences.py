"""Sentences of a language to learn from, and pairs that say the same to judge by.

`python sentences.py tatoeba_en_de.tsv.gz sentences.txt dev.tsv` reads a table of English
sentences and their translations. Where one English sentence has two translations they are a
pair of dev.tsv, and none of what is taught.
"""

import random
import sys
from collections import defaultdict
from pathlib import Path

from salience.files import write_whole
from spacy_salience.texts import source_of
from spacy_salience.texts.lines import lines

PAIRS, SEED = 1000, 0


def main(table: Path, texts: Path, dev: Path) -> None:
    """Write the sentences that are taught, and the pairs that are not."""
    rows = (line.rstrip("\n").split("\t") for line in lines(source_of(table, "txt")))
    translations = defaultdict(set)
    next(rows)  # the columns' names
    for english, other in rows:
        translations[english].add(other)
    several = sorted(tuple(sorted(each)[:2]) for each in translations.values() if len(each) > 1)
    pairs = random.Random(SEED).sample(several, min(PAIRS, len(several)))  # noqa: S311
    left_out = {other for pair in pairs for other in pair}
    taught = sorted({other for each in translations.values() for other in each} - left_out)
    random.Random(SEED).shuffle(taught)  # noqa: S311
    _write(texts, taught)
    _write(dev, ["question\tsentence", *("\t".join(pair) for pair in pairs)])
    print(f"{texts}: {len(taught)} sentences; {dev}: {len(pairs)} pairs")


def _write(path: Path, rows: list[str]) -> None:
    text = "\n".join(rows) + "\n"
    write_whole(path, lambda file: file.write(text.encode()))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
