"""`salience distil TEXTS --teacher ... --out FILE`: make a model of one's own."""

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated

import spacy
from spacy.attrs import NORM
from spacy.tokenizer import Tokenizer
from tqdm import tqdm
from typer import Argument, Option

from salience import weights
from salience.errors import RangeError
from salience.training.distil import Recipe, Teacher
from salience.training.distil import distil as distil_weights

from ..evaluation.peers import sentence_transformer
from ..texts import documents, fields, is_jsonl

Texts = Annotated[
    list[Path], Argument(help="Text files, plain or tab-separated, or either as .gz.")
]
TeacherName = Annotated[
    str, Option("--teacher", help="A sentence-transformers folder, or module:function.")
]
Out = Annotated[Path, Option(help="The .safetensors file to write.")]
Language = Annotated[str, Option(help="The spaCy language whose tokenizer counts the words.")]
Words = Annotated[int, Option(help="Known words.", min=1)]
Buckets = Annotated[int, Option(help="Rows for the n-grams of unknown words.", min=0)]
Width = Annotated[int, Option(help="Width of the vectors.", min=1)]


def distil(
    texts: Texts,
    teacher: TeacherName,
    out: Out,
    lang: Language = "en",
    words: Words = Recipe.words,
    buckets: Buckets = Recipe.buckets,
    width: Width = Recipe.width,
) -> None:
    """Distil a teacher's vectors of the texts' most frequent words into a small model."""
    if out.suffix != ".safetensors":
        raise RangeError(f"distil: --out must name a .safetensors file, got {out}")
    out.parent.mkdir(parents=True, exist_ok=True)  # before the work, not after it
    teach = find_teacher(teacher)
    counts = count_words(spacy.blank(lang).tokenizer, texts)
    recipe = Recipe(words=words, buckets=buckets, width=width)
    weights.save(distil_weights(counts, teach, recipe), out)
    print(
        f"{out}: {out.stat().st_size / 1e6:.1f} MB, SHA-256 of the content "
        f"{weights.load(out).digest()}"
    )


def count_words(tokenizer: Tokenizer, paths: Iterable[Path]) -> Counter[str]:
    """Count the NORM of every token in the files."""
    counts: Counter[int] = Counter()
    strings = tokenizer.vocab.strings
    for path in paths:
        for text in tqdm(_sentences(path), desc=path.name, unit=" texts", disable=None):
            doc = tokenizer(text)
            if len(doc):
                counts.update(doc.to_array([NORM]).tolist())
    return Counter({strings[norm]: count for norm, count in counts.items()})


def find_teacher(name: str) -> Teacher:
    """Return the callable that `module:function` names, or a sentence-transformers model's."""
    module, colon, function = name.partition(":")
    if colon and not Path(name).exists():
        try:
            found: Teacher = getattr(import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            raise RangeError(f"distil: the teacher {name!r} cannot be imported: {error}") from error
        if not callable(found):
            raise RangeError(f"distil: the teacher {name!r} cannot be called; name a function")
        return found
    if not Path(name).is_dir():
        raise RangeError(
            f"distil: expected a sentence-transformers folder or module:function, got {name!r}"
        )
    return sentence_transformer(name)


def _sentences(path: Path) -> Iterator[str]:
    """The texts of a file; labels and header names, which are short, are left out."""
    if is_jsonl(path):
        yield from documents(path)
        return
    for row in fields(path):
        yield from row if len(row) == 1 else (field for field in row if len(field) >= 20)
