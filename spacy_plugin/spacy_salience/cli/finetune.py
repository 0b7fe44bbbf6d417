"""`salience finetune PAIRS --out DIR`: train a model on pairs of one's own texts."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from ..component.pipelines import language_of
from ..learning.finetuning import Practice
from ..learning.finetuning import finetune as finetune_to
from ..models.languages import blank
from .distil import Dev, Every, Longest, Out, Rate, Seed, Stored, Table, report
from .show import Lang, ModelName

Pairs = Annotated[
    list[Path],
    Argument(
        help="Tables (.tsv, .csv, .jsonl, .json, .parquet, or these as .gz; any other name is "
        "tab-separated): two columns of texts, as sentence1 and sentence2 or question and "
        "sentence, and a score, a label (1, entailment or answer: alike), or neither, where all "
        "are alike."
    ),
]
Epochs = Annotated[int, Option(help="How often every pair is seen.", min=1)]
Batch = Annotated[int, Option(help="Pairs that are learnt from at once.", min=1)]
Temperature = Annotated[float, Option(help="Of the contrast within a batch.", min=0)]


def finetune(
    pairs: Pairs,
    out: Out,
    model: ModelName = "en_small",
    lang: Lang = None,
    epochs: Epochs = Practice.epochs,
    batch: Batch = Practice.batch,
    longest: Longest = Practice.longest,
    rate: Rate = Practice.rate,
    temperature: Temperature = Practice.temperature,
    seed: Seed = Practice.seed,
    dev: Dev = [],  # noqa: B006
    every: Every = Practice.every,
    table: Stored = Table.int8,
) -> None:
    """Train a model on pairs of texts, with scores or with labels."""
    practice = Practice(
        epochs=epochs, batch=batch, longest=longest, rate=rate, temperature=temperature,
        seed=seed, every=every, precision=table.value,
    )  # fmt: skip
    nlp = blank(language_of(model) if lang is None else lang)
    report(out, finetune_to(nlp, pairs, model, out, practice=practice, dev=dev))
