"""Collect the sentences that en_small is taught: `python sentences.py DATA sentences.txt`.

DATA holds the sets below, all of them free to use; README.md says which. A
sentence that is in a set the model is judged on is left out.
"""

import itertools
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from salience.files import write_whole
from spacy_salience.texts import source_of
from spacy_salience.texts.lines import lines as lines_of

# Files of pairs or of labelled texts, and their columns of texts.
TABLES = {
    "pairs/snli_devtest.tsv.gz": ("premise", "hypothesis"),
    "pairs/mnli_dev.tsv.gz": ("premise", "hypothesis"),
    "pairs/mnli_train_sample.tsv.gz": ("premise", "hypothesis"),
    "pairs/paws_wiki_test.tsv": ("sentence1", "sentence2"),
    "classification/banking77_train.tsv": ("text",),
    "classification/clinc150_train.tsv": ("text",),
    "classification/mr.tsv": ("text",),
    "pairs/scitail_dev.tsv": ("premise", "hypothesis"),
}
# Characters that a text has at least, where it is not 10.
LEAST = dict.fromkeys(
    ("classification/banking77_train.tsv", "classification/clinc150_train.tsv"), 8
)
JUDGED = (
    "similarity/stsb_dev.tsv", "similarity/stsb_train.tsv", "similarity/sick_dev.tsv",
    "similarity/sick_train.tsv", "similarity/sts12_train_extra.tsv", "pairs/paws_wiki_dev.tsv",
    "pairs/qnli_dev.tsv.gz", "classification/sst2_dev.tsv", "classification/subj.tsv",
    "classification/trec_test.tsv",
)  # fmt: skip
# Sentences of Wikipedia and of books: in the first part of the file, and in all of it.
WIKI, BOOKS = (130_000, 330_000), (40_000, 110_000)
FRAGMENTS, FRAGMENTED_FROM = 45_000, 400_000
SEED = 0


def main(data: Path, out: Path) -> None:
    """Write the sentences, shuffled: first a varied part that would do by itself, then the rest."""
    rng = random.Random(SEED)  # noqa: S311
    seen = {key(field) for name in JUDGED for row in rows(data / name) for field in row}

    def new(texts: Iterable[str], least: int = 10, most: int = 220) -> list[str]:
        """The tidied texts of these lengths that were not seen before, shuffled."""
        kept = []
        for text in map(tidied, texts):
            mark = key(text)
            if mark and mark not in seen and least <= len(text) <= most:
                seen.add(mark)
                kept.append(text)
        rng.shuffle(kept)
        return kept

    small = [
        text for name, columns in TABLES.items()
        for text in new(fields(data / name, columns), LEAST.get(name, 10))
    ]  # fmt: skip
    small += new(annotated(data / "pos" / "en_ewt-ud-train.conllu.gz"))
    small += new(split_rewrites(data / "pairs" / "wikisplit.tsv.gz"))
    wiki = new(lines(data / "raw" / "wiki_en.txt.gz"), 20, 180)
    books = new(lines(data / "raw" / "books_en.txt.gz"), 15, 140)
    clauses = itertools.islice(fragments(wiki[FRAGMENTED_FROM:], rng), FRAGMENTS)
    first = small + wiki[: WIKI[0]] + books[: BOOKS[0]] + new(clauses, 8, 120)
    rest = wiki[slice(*WIKI)] + books[slice(*BOOKS)]
    rng.shuffle(first)
    rng.shuffle(rest)
    text = "\n".join(first + rest) + "\n"
    write_whole(out, lambda file: file.write(text.encode()))
    print(f"{out}: {len(first)} + {len(rest)} sentences, {len(small)} of them from small sets")


def tidied(text: str) -> str:
    """One space between words, and one kind of quotation mark."""
    return re.sub(r"\s+", " ", text.replace("``", '"').replace("''", '"')).strip()


def split_rewrites(path: Path) -> Iterator[str]:
    """The sentences of WikiSplit's rewrites, which are two in one field."""
    for text in fields(path, ("split_paraphrase",)):
        yield from re.split(r"(?<= \.) ", text)


def fragments(sentences: Iterable[str], rng: random.Random) -> Iterator[str]:
    """One clause of three to nine words of each sentence: texts like headings and captions."""
    for sentence in sentences:
        parts = re.split(r"[,;:\u2013\u2014]| - | and | but | which | who | that ", sentence)
        parts = [part.strip(" .;:") for part in parts if 3 <= len(part.split()) <= 9]
        if parts:
            yield rng.choice(parts)


def key(text: str) -> str:
    """What two spellings of a sentence share."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def fields(path: Path, columns: tuple[str, ...]) -> Iterator[str]:
    """The fields of these columns."""
    header, *table = rows(path)
    places = [header.index(name) for name in columns]
    for row in table:
        yield from (row[place] for place in places)


def rows(path: Path) -> Iterator[list[str]]:
    """The lines of a table, divided into fields."""
    return (line.split("\t") for line in lines(path))


def annotated(path: Path) -> Iterator[str]:
    """The sentences of a CoNLL-U file."""
    mark = "# text = "
    return (line[len(mark) :] for line in lines(path) if line.startswith(mark))


def lines(path: Path) -> Iterator[str]:
    """The lines of a file that are not blank."""
    return filter(str.strip, lines_of(source_of(path, "txt")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
