"""Word vectors learnt in a folder: the texts' words, then the epochs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from spacy.attrs import LOWER, ORTH
from spacy.language import Language
from spacy.tokens import Doc
from tqdm import tqdm

from salience.model.forms import is_blank
from salience.training.corpus import WORDS_FILE, Corpus, is_written, read_corpus, write_corpus
from salience.training.folders import claim, digest
from salience.vectors.learner import Learner
from salience.vectors.settings import Settings
from salience.vectors.training import POSITION, Result, train
from salience.vectors.vocabulary import Vocabulary, vocabulary_of

from .text_files import TextFiles, check_files

CORPUS_FOLDER = "corpus"

Read: TypeAlias = Callable[[Iterable[str]], Iterable[Doc]]
"""Reads texts as Docs, such as nlp.pipe."""


def train_vectors(
    nlp: Language, paths: Sequence[Path], folder: Path, settings: Settings, read: Read, *,
    lower: bool = True, text_files: TextFiles | None = None, every: float = 300.0,
) -> tuple[Result, Vocabulary]:  # fmt: skip
    """Learn word vectors to a folder, from where an interrupted call of the same left it.

    Words are the tokens of nlp that are not white space, `lower` in lower case. The corpus is
    kept in the folder as the numbers of its words, so that it may be larger than memory.

    Raises RangeError where a setting is out of range or the texts have too few words,
    FileError where a file cannot be read, WeightsError where the folder holds other work.
    """
    settings.check()
    check_files(paths)
    text_files = text_files or TextFiles()
    texts = {"texts": [digest(path) for path in paths], "language": nlp.lang, "lower": lower,
             "field": text_files.field}  # fmt: skip
    claim(folder, {"texts": texts, "training": asdict(settings)}, {
        "texts": folder / CORPUS_FOLDER / WORDS_FILE, "training": folder / POSITION,
    })  # fmt: skip
    corpus = _corpus_of(text_files.texts_of(paths), read, lower, folder / CORPUS_FOLDER)
    vocabulary = vocabulary_of(corpus, settings.min_count, settings.max_words)
    return train(Learner(corpus, vocabulary, settings), folder, every), vocabulary


def _corpus_of(texts: Iterator[str], read: Read, lower: bool, folder: Path) -> Corpus:
    if is_written(folder):
        return read_corpus(folder)
    bar = tqdm(texts, desc="reading", unit=" texts", disable=None)
    return write_corpus((forms_of(doc, lower) for doc in read(bar)), folder)


def forms_of(doc: Doc, lower: bool) -> list[str]:
    """Return the text of each token that is not white space, in lower case if that is asked."""
    if not len(doc):
        return []
    strings = doc.vocab.strings
    keys = doc.to_array([LOWER if lower else ORTH]).tolist()
    return [word for word in (strings[key] for key in keys) if not is_blank(word)]
