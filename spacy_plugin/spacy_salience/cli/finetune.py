"""`salience finetune FILES --out DIR`: train a model on one's own pairs and labels."""

from enum import Enum
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from ..component.pipelines import chosen, language_of
from ..learning.finetuning import Practice
from ..learning.finetuning import finetune as finetune_to
from ..models.languages import blank
from .distil import Dev, Every, Longest, Out, Rate, Seed, Stored, Table, report
from .show import Lang, ModelName


class Learns(str, Enum):
    """What of a model learns."""

    all = "all"
    blocks = "blocks"
    table = "table"


Files = Annotated[
    list[Path],
    Argument(
        help="Pairs, labelled texts, labelled words, each also as .gz; several are learnt from "
        "together. Tables (.tsv, .csv, .jsonl, .json, .parquet; any other name is tab-separated) "
        "have two columns of texts, as sentence1 and sentence2 or question and sentence, and a "
        "score, a label (1, entailment or answer: alike), or neither, where all are alike; or a "
        "column text or sentence, and its label. Files named .conll or .conllu have a word and "
        "its label a line."
    ),
]
Epochs = Annotated[int, Option(help="How often every pair and text is seen.", min=1)]
Batch = Annotated[
    int,
    Option(
        help="Pairs, or texts with labels, that are learnt from at once, of the largest file.",
        min=1,
    ),
]
Learning = Annotated[
    Learns,
    Option("--learns", help="What learns: all, or the table of words alone, or all but the table."),
]
Temperature = Annotated[float, Option(help="Of the contrast within a batch.", min=0)]


def finetune(
    files: Files,
    out: Out,
    model: ModelName = None,
    lang: Lang = None,
    epochs: Epochs = Practice.epochs,
    batch: Batch = Practice.batch,
    longest: Longest = Practice.longest,
    rate: Rate = Practice.rate,
    temperature: Temperature = Practice.temperature,
    learns: Learning = Learns.all,
    seed: Seed = Practice.seed,
    dev: Dev = [],  # noqa: B006
    every: Every = Practice.every,
    table: Stored = Table.int8,
) -> None:
    """Train a model on pairs, labelled texts and labelled words, on several files at once."""
    practice = Practice(
        epochs=epochs, batch=batch, longest=longest, rate=rate, temperature=temperature,
        learns=learns.value, seed=seed, every=every, precision=table.value,
    )  # fmt: skip
    model = chosen(model, lang)
    nlp = blank(language_of(model) if lang is None else lang)
    report(out, finetune_to(nlp, files, model, out, practice=practice, dev=dev))
