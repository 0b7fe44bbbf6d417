"""`salience show FILE`: what the component finds in each document of a file."""

import warnings
from pathlib import Path
from typing import Annotated

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from typer import Argument, Option

from ..similarity import similarity
from .texts import documents

FilePath = Annotated[
    Path, Argument(help="Plain text, a blank line between documents; or .jsonl; or either as .gz.")
]
ModelName = Annotated[str, Option(help="An embedded model, or a .safetensors file.")]
Top = Annotated[int, Option(help="How many words to show.", min=1)]
Processes = Annotated[int, Option(help="Worker processes.", min=1)]


def show(
    path: FilePath, model: ModelName = "en_small", top: Top = 5, processes: Processes = 1
) -> None:
    """Print each document's vectors' shape, salient words and similarity to the one before."""
    nlp = pipeline(model)
    warnings.filterwarnings("ignore", message=r"\[W109\]")  # nothing here needs hooks
    before: Doc | None = None
    count = words = 0
    for number, doc in enumerate(nlp.pipe(documents(path), n_process=processes), start=1):
        print(describe(number, doc, before, top))
        before, count, words = doc, number, words + len(doc)
    print(f"{count} documents, {words} tokens")


def pipeline(model: str) -> Language:
    """Return a blank English pipeline with the component, for texts of any length."""
    nlp = spacy.blank("en")
    nlp.max_length = 10**9  # spaCy's limit is for parsers; this pipeline has none
    nlp.add_pipe("salience", config={"model": {"pretrained": model}})
    return nlp


def describe(number: int, doc: Doc, before: Doc | None, top: int) -> str:
    """Return one line about a document."""
    rows, width = doc.tensor.shape
    line = f"{number}\tvectors [{rows}, {width}]\tsalient: {', '.join(salient(doc, top)) or '-'}"
    if before is not None:
        line += f"\tsimilarity to {number - 1}: {similarity(before, doc):.3f}"
    return line


def salient(doc: Doc, top: int) -> list[str]:
    """Return the words with the highest salience, each once, summed over its places."""
    totals: dict[str, float] = {}
    for token, weight in zip(doc, doc._.salience, strict=True):
        if not token.is_space:
            totals[token.lower_] = totals.get(token.lower_, 0.0) + float(weight)
    return sorted(totals, key=lambda word: (-totals[word], word))[:top]
