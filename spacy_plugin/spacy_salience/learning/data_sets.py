"""Files to finetune on: pairs of texts, labelled texts and labelled words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from salience.model.forms import is_blank
from salience.training.corpus import Corpus, corpus_of
from salience.training.finetune import Judged
from salience.training.labels import Labelled

from ..evaluation.classification import TEXTS, check_labels
from ..evaluation.conll import read_conll
from ..evaluation.pairs import FIRST, SCORES, SECOND, is_positive
from ..evaluation.tables import number_in, read_rows, table_in, too_few
from ..evaluation.token_vectors import Words
from ..texts import Table
from ..texts.formats import suffix_of
from .text_files import norms_of, words_of

CONLL = (".conll", ".conllu")
"""Ends of the names of files of labelled words."""

LABELS_LEFT_OUT = ("neutral",)
"""Labels that say neither that two texts are alike nor that they are not."""


@dataclass(frozen=True)
class Pair:
    """Two texts with a score from 0 to 1, or a label: whether they are alike."""

    first: str
    second: str
    score: float = float("nan")
    alike: float = float("nan")


class Labels(NamedTuple):
    """Texts of words, with a label each, or one for each word."""

    texts: Sequence[Words]
    labels: Sequence[Words]
    of_words: bool


class DataSets(NamedTuple):
    """All that there is to learn: texts, and what people say of them.

    texts: as given, or their words with spaces between. judged: the pairs
    of all files, which may be none. labelled: a set for each file of labels.
    """

    texts: Sequence[str]
    corpus: Corpus
    judged: Judged
    labelled: Sequence[Labelled]


def read_data_sets(nlp: Language, paths: Sequence[Path], *, joined: bool = False) -> DataSets:
    """Read files of pairs, of labelled texts and of labelled words; joined as for words_of.

    What a file is of is said by its name (.conll, .conllu) or its columns. Raises
    FileError, which names the line, where it is not as expected.
    """
    pairs: list[Pair] = []
    labels: list[Labels] = []
    for path in paths:
        if has_words(path):
            labels.append(_of_words(nlp, path))
        elif _is_classified(table := table_in(path)):
            labels.append(_of_texts(nlp, path, table, joined))
        else:
            pairs += _of_pairs(path, table)
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.first, pair.second)))
    of_labels = [text for each in labels for text in each.texts]
    corpus = corpus_of([*words_of(nlp.tokenizer, texts, joined=joined), *of_labels])
    labelled, first = [], len(texts)
    for each in labels:
        labelled.append(_labelled(corpus, first, each))
        first += len(each.texts)
    return DataSets([*texts, *map(" ".join, of_labels)], corpus, _judged(pairs, texts), labelled)


def has_words(path: Path) -> bool:
    """Say whether a file's name promises labelled words."""
    return suffix_of(path.name)[0] in CONLL


def _judged(pairs: Sequence[Pair], texts: Sequence[str]) -> Judged:
    places = {text: number for number, text in enumerate(texts)}
    return Judged(
        np.array([places[pair.first] for pair in pairs], dtype=np.int64),
        np.array([places[pair.second] for pair in pairs], dtype=np.int64),
        np.array([pair.score for pair in pairs], dtype=np.float32),
        np.array([pair.alike for pair in pairs], dtype=np.float32),
    )


def _labelled(corpus: Corpus, first: int, given: Labels) -> Labelled:
    names = sorted({label for row in given.labels for label in row})
    numbers = {name: number for number, name in enumerate(names)}
    found = [numbers[label] for row in given.labels for label in row]
    size, begin = len(corpus), first
    if given.of_words:
        size, begin = len(corpus.tokens), int(corpus.starts[first])
    labels = np.zeros(size, dtype=np.int64)
    labels[begin : begin + len(found)] = found
    texts = np.arange(first, first + len(given.texts))
    return Labelled(texts, labels, len(names), given.of_words)


def _is_classified(table: Table) -> bool:
    columns = set(table.columns)
    return not columns & set(FIRST) and all(columns & set(names) for names in TEXTS)


def _of_texts(nlp: Language, path: Path, table: Table, joined: bool) -> Labels:
    rows = read_rows(path, TEXTS, table)
    check_labels(path, (row.fields[1] for row in rows), least=1)
    read = words_of(nlp.tokenizer, (row.fields[0] for row in rows), joined=joined)
    texts = [tuple(words) for words in read]
    return Labels(texts, [(row.fields[1],) for row in rows], of_words=False)


def _of_words(nlp: Language, path: Path) -> Labels:
    """Words by their NORM, as words_of has them; white space and its label are left out."""
    texts, labels = [], []
    for sentence in read_conll(path):
        words = norms_of(Doc(nlp.vocab, words=list(sentence.words)))
        kept = [number for number, word in enumerate(words) if not is_blank(word)]
        texts.append(tuple(words[number] for number in kept))
        labels.append(tuple(sentence.labels[number] for number in kept))
    check_labels(path, (label for row in labels for label in row), least=1)
    return Labels(texts, labels, of_words=True)


def _of_pairs(path: Path, table: Table) -> list[Pair]:
    """Read pairs with a score, a label, or neither: then they are questions and their answers.

    A score becomes a cosine from 0, the file's lowest, to 1, its highest. Of
    labels those of POSITIVE are alike; neutral pairs are left out.
    """
    scores = [name for name in SCORES if name in table.columns]
    extra = [scores] if scores else [["label"]] if "label" in table.columns else []
    rows = read_rows(path, [FIRST, SECOND, *extra], table)
    if scores:
        numbers = [number_in(path, row, 2) for row in rows]
        if len(set(numbers)) < 2:
            raise too_few(path, "at least two scores that differ", f"{len(set(numbers))}")
        low, high = min(numbers), max(numbers)
        return [
            Pair(row.fields[0], row.fields[1], score=(number - low) / (high - low))
            for row, number in zip(rows, numbers, strict=True)
        ]
    pairs = []
    for line, (first, second, *label) in rows:
        if label and label[0] in LABELS_LEFT_OUT:
            continue
        alike = not label or is_positive(path, line, label[0])
        pairs.append(Pair(first, second, alike=float(alike)))
    if not pairs:
        raise too_few(path, "at least one pair", "none")
    return pairs
