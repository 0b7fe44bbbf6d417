"""Collect the sentences that en_small is taught: `python sentences.py DATA sentences.txt`.

DATA holds the sets below, all of them free to use; README.md says which. A
sentence that is in a set the model is judged on is left out.
"""

import gzip
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

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
JUDGED = (
    "similarity/stsb_dev.tsv", "similarity/stsb_train.tsv", "similarity/sick_dev.tsv",
    "similarity/sick_train.tsv", "similarity/sts12_train_extra.tsv", "pairs/paws_wiki_dev.tsv",
    "pairs/qnli_dev.tsv.gz", "classification/sst2_dev.tsv", "classification/subj.tsv",
    "classification/trec_test.tsv",
)  # fmt: skip
WIKI, BOOKS, FRAGMENTS, QUESTIONS = 330_000, 110_000, 45_000, 10_000
SEED = 0


def main(data: Path, out: Path) -> None:
    """Write the sentences in a random order, that of SEED."""
    rng = random.Random(SEED)  # noqa: S311
    seen = {key(field) for name in JUDGED for row in rows(data / name) for field in row}
    small = [s for name, columns in TABLES.items() for s in new(fields(data / name, columns), seen)]
    small += new(annotated(data / "pos" / "en_ewt-ud-train.conllu.gz"), seen)
    split = (part for text in fields(data / "pairs" / "wikisplit.tsv.gz", ("split_paraphrase",))
             for part in re.split(r"(?<= \.) ", text))  # fmt: skip
    small += new(split, seen)
    wiki = new(lines(data / "raw" / "wiki_en.txt.gz"), seen, 20, 180)
    books = new(lines(data / "raw" / "books_en.txt.gz"), seen, 15, 140)
    for each in (wiki, books):
        rng.shuffle(each)
    chosen = small + wiki[:WIKI] + books[:BOOKS]
    chosen += new(fragments(wiki[WIKI:], rng), seen, 8, 120)[:FRAGMENTS]
    chosen += [s for s in wiki[WIKI:] + books[BOOKS:] if s.endswith("?")][:QUESTIONS]
    rng.shuffle(chosen)
    out.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    print(f"{out}: {len(chosen)} sentences, {len(small)} of them from small sets")


def new(texts: Iterable[str], seen: set[str], least: int = 10, most: int = 220) -> list[str]:
    """Return the tidied texts of these lengths that were not seen before."""
    kept = []
    for text in texts:
        tidy = re.sub(r"\s+", " ", text.replace("``", '"').replace("''", '"')).strip()
        mark = key(tidy)
        if mark and mark not in seen and least <= len(tidy) <= most:
            seen.add(mark)
            kept.append(tidy)
    return kept


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
    """The lines of a table."""
    return (line.split("\t") for line in lines(path))


def annotated(path: Path) -> Iterator[str]:
    """The sentences of a CoNLL-U file."""
    mark = "# text = "
    return (line[len(mark) :] for line in lines(path) if line.startswith(mark))


def lines(path: Path) -> Iterator[str]:
    """The lines of a file that are not blank."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        yield from filter(str.strip, (line.rstrip("\n") for line in file))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
