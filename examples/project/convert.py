"""Turn labelled text into spaCy's training format: `python convert.py [FOLDER] [OUT]`.

FOLDER holds the files that TASKS or KNOWN names, any of them, packed (.gz) or
not; `sample`, beside this script, has a little of each.
"""

import csv
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin
from spacy.training.converters import conll_ner_to_docs, conllu_to_docs

from salience.files import write_whole

HERE = Path(__file__).parent

TASKS = {
    "pos": ("pos/train.conllu", "pos/dev.conllu"),
    "ner": ("ner/train.conll", "ner/dev.conll"),
    "sentiment": ("sentiment/train.tsv", "sentiment/dev.tsv"),
    "questions": ("questions/train.tsv", "questions/dev.tsv"),
    "zh": ("zh/train.tsv", "zh/dev.tsv"),
    "zh_ner": ("zh_ner/train.conll", "zh_ner/dev.conll"),
}
KNOWN = {
    "pos/train.conllu": "pos/en_ewt-ud-train.conllu",
    "pos/dev.conllu": "pos/en_ewt-ud-dev.conllu",
    "ner/train.conll": "ner/conll2003_train.conll",
    "ner/dev.conll": "ner/conll2003_dev.conll",
    "sentiment/train.tsv": "classification/sst2_train.tsv",
    "sentiment/dev.tsv": "classification/sst2_dev.tsv",
    "questions/train.tsv": "classification/trec_train.tsv",
    "questions/dev.tsv": "classification/trec_test.tsv",
    "zh/train.tsv": "classification/zh_waimai10k_train.tsv",
    "zh/dev.tsv": "classification/zh_waimai10k_test.tsv",
    "zh_ner/train.conll": "zh/weibo_ner.train.conll",
    "zh_ner/dev.conll": "zh/weibo_ner.dev.conll",
}
"""Names under which well-known sets may be there instead."""

LABELS = ("label", "coarse")
"""The column of a table that has the label, by one name or the other."""

LANGUAGES = {"zh": "zh"}
TOGETHER = ("ner", "sentiment")
"""What the configuration `multi` learns from; a sentence need not have labels of each."""


def main(folder: str = str(HERE / "sample"), out: str = "corpus") -> None:
    """Convert all files there are, and say how many documents each has."""
    converted = 0
    for task, files in TASKS.items():
        for part, file in zip(("train", "dev"), files, strict=True):
            path = find(Path(folder), file)
            if path is None:
                print(f"{task} {part}: no {file} in {folder}, left out")
                continue
            docs = list(read(path, task))
            for use in (task, "multi") if task in TOGETHER else (task,):
                write(docs, Path(out) / use / part / f"{task}.spacy")
            print(f"{task} {part}: {len(docs)} documents")
            converted += 1
    if not converted:
        sys.exit(f"{folder}: expected one of the files that the README lists, found none")


def find(folder: Path, file: str) -> Path | None:
    """The file, or the one of a known set, or the packed form of either."""
    names = [file, f"{file}.gz", KNOWN[file], f"{KNOWN[file]}.gz"]
    return next((folder / name for name in names if (folder / name).exists()), None)


def read(path: Path, task: str) -> Iterator[Doc]:
    """The documents of a file, with their labels."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        if task == "pos":
            yield from conllu_to_docs(file.read(), n_sents=1, no_print=True)
        elif task in ("ner", "zh_ner"):
            yield from conll_ner_to_docs(file.read(), n_sents=1, no_print=True)
        else:
            yield from labelled_texts(file, task)


def labelled_texts(lines: Iterator[str], task: str) -> Iterator[Doc]:
    """One document a row: tabs between the columns, no quoting."""
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    column = next((name for name in LABELS if rows and name in rows[0]), LABELS[0])
    for number, row in enumerate(rows or [{}], start=2):
        if not row.get("text") or not row.get(column):
            sys.exit(
                f"{task}, line {number}: expected text in the columns text and {column}, "
                f"got the columns {', '.join(map(str, row)) or 'of an empty file'}"
            )
    nlp = spacy.blank(LANGUAGES.get(task, "en"))
    labels = sorted({row[column] for row in rows})
    for row in rows:
        doc = nlp.make_doc(row["text"])
        doc.cats = {label: float(label == row[column]) for label in labels}
        yield doc


def write(docs: list[Doc], path: Path) -> None:
    """Save documents where spaCy's corpus reader finds them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda file: file.write(DocBin(docs=docs).to_bytes()))


if __name__ == "__main__":
    main(*sys.argv[1:])
