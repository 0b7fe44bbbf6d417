"""`salience vectors model VECTORS --lang xx --out FILE`: a salience model without training."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Option

from salience.errors import RangeError
from salience.model import weights
from salience.model.weights import MODEL_FILE
from salience.training.precision import stored
from salience.vectors.model import RECIPE, frequencies, model_of

from ...models.languages import code_of
from ...pictures.labels import harmless
from ...word_vectors.files import read_any, read_counts
from ..distil import Buckets, Seed, Stored, Table, Words
from .options import FormatName, SkipBad, VectorsName, bad_words_of

Out = Annotated[
    Path, Option(help=f"The .safetensors file to write, or a folder, for {MODEL_FILE} in it.")
]
Lang = Annotated[str, Option(help="The words' language, by its code.")]
Counts = Annotated[
    Path | None,
    Option(
        help="How often words occur, a word and its count a line; else what the vectors state, "
        "or Zipf's law of their order."
    ),
]
Width = Annotated[int | None, Option(help="Width of the model; else 256 at most.", min=1)]
Rarity = Annotated[float, Option(help="a of the weights a / (a + p) of words.", min=0)]
Components = Annotated[int, Option(help="First components that are removed.", min=0)]


def model(
    vectors: VectorsName,
    lang: Lang,
    out: Out,
    counts: Counts = None,
    words: Words = RECIPE.words,
    buckets: Buckets = RECIPE.buckets,
    width: Width = None,
    rarity: Rarity = RECIPE.rarity,
    components: Components = 1,
    seed: Seed = RECIPE.seed,
    table: Stored = Table.int8,
    format: FormatName = None,  # noqa: A002
    skip_bad_words: SkipBad = False,
) -> None:
    """Make a salience model of word vectors: a pooling by inverse frequency, no training.

    `nlp.add_pipe("salience", config={"model": {"pretrained": FILE}})` uses it, and `salience
    distil --model FILE` goes on from it.
    """
    language = code_of(lang)
    if not rarity > 0:
        raise RangeError(f"--rarity: expected a number above 0, got {rarity}")
    counted = None if counts is None else read_counts(counts)
    found = read_any(vectors, format, bad_words=bad_words_of(skip_bad_words))
    given = frequencies(found, counted)
    recipe = replace(
        RECIPE, words=words, buckets=buckets, rarity=rarity, seed=seed,
        width=min(width or RECIPE.width, found.width),
    )  # fmt: skip
    made = stored(
        model_of(found, language, counts=given, recipe=recipe, components=components),
        table.value,
    )
    path = out if out.suffix == ".safetensors" else out / MODEL_FILE
    weights.save(made, path)
    print(
        f"{harmless(str(path))}: {min(words, len(given))} words of width "
        f"{recipe.width}, language {language}, {path.stat().st_size / 1e6:.1f} MB, SHA-256 of "
        f"the content {made.digest()}"
    )
