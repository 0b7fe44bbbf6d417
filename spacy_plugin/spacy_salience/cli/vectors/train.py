"""`salience vectors train CORPUS... --out DIR`: learn word vectors from texts."""

import re
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from salience import threads as salience_threads
from salience.errors import RangeError
from salience.vectors.settings import Settings

from ...learning.text_files import TextFiles
from ...learning.word_vectors import train_vectors
from ...models.languages import DEFAULT, blank
from ...pictures.labels import harmless
from ..files import Field, Strict, tell_skipped
from ..workers import piped


class FormName(str, Enum):
    """What the vectors are made of."""

    word2vec = "word2vec"
    fasttext = "fasttext"
    floret = "floret"


Corpora = Annotated[
    list[Path],
    Argument(
        help="Files of texts: plain text, a text a line; .tsv, .jsonl, .json, .csv and .parquet, "
        "as for `salience distil`; or these as .gz."
    ),
]
Out = Annotated[Path, Option(help="The folder to work in, and to go on in after an interruption.")]
Lang = Annotated[str, Option(help="The texts' language, whose tokenizer finds the words.")]
Lower = Annotated[bool, Option(help="Whether words are read in lower case.")]
Form = Annotated[
    FormName,
    Option(
        help="word2vec: a vector for each word; fasttext: and for character n-grams, so that "
        "unknown words have one too; floret: for hashed words and n-grams alone."
    ),
]
SkipGram = Annotated[bool, Option("--sg/--cbow", help="Skip-gram, or a continuous bag of words.")]
Dimensions = Annotated[int, Option(help="Of the vectors.", min=1)]
Window = Annotated[int, Option(help="Words to either side, at most.", min=1)]
Negatives = Annotated[int, Option(help="Words that are drawn against each one.", min=1)]
Epochs = Annotated[int, Option(help="How often every text is seen.", min=1)]
Sample = Annotated[
    float, Option(help="The share of all words above which one is often left out; 0: never.", min=0)
]
MinCount = Annotated[int, Option(help="Rarer words get no vector.", min=1)]
MaxWords = Annotated[int, Option(help="Words with a vector, the most frequent.", min=2)]
Ngrams = Annotated[str, Option(metavar="MIN-MAX", help="Characters of n-grams.")]
Buckets = Annotated[int, Option(help="Rows of n-grams.", min=1)]
Hashes = Annotated[int, Option(help="Rows of each n-gram, of floret.", min=1, max=4)]
Rate = Annotated[float, Option(help="Of learning at the start; it falls linearly.", min=0)]
Threads = Annotated[
    int | None,
    Option(help="Threads that learn; the usable cores by default. One gives the same bits again; "
           "several do not.", min=1),
]  # fmt: skip
Processes = Annotated[int, Option(help="Worker processes that find the words.", min=1)]
Seed = Annotated[int, Option(help="Of all random numbers.", min=0)]
Every = Annotated[float, Option(help="Seconds between checkpoints.", min=0)]


def train(
    corpus: Corpora,
    out: Out,
    field: Field = None,
    strict: Strict = False,
    lang: Lang = DEFAULT,
    lower: Lower = True,
    form: Form = FormName.word2vec,
    skip_gram: SkipGram = Settings.skip_gram,
    dimensions: Dimensions = Settings.dimensions,
    window: Window = Settings.window,
    negatives: Negatives = Settings.negatives,
    epochs: Epochs = Settings.epochs,
    sample: Sample = Settings.sample,
    min_count: MinCount = Settings.min_count,
    max_words: MaxWords = Settings.max_words,
    ngrams: Ngrams = f"{Settings.shortest}-{Settings.longest}",
    buckets: Buckets = Settings.buckets,
    hashes: Hashes = Settings.hashes,
    rate: Rate = Settings.rate,
    threads: Threads = None,
    processes: Processes = 1,
    seed: Seed = Settings.seed,
    every: Every = 300.0,
) -> None:
    """Learn word vectors from texts: skip-gram or CBOW with negative sampling."""
    shortest, longest = lengths(ngrams)
    settings = Settings(
        form=form.value, dimensions=dimensions, skip_gram=skip_gram, window=window,
        negatives=negatives, epochs=epochs, sample=sample, rate=rate, min_count=min_count,
        max_words=max_words, shortest=shortest, longest=longest, buckets=buckets, hashes=hashes,
        seed=seed,
    )  # fmt: skip
    nlp, text_files = blank(lang), TextFiles(field, strict)
    with salience_threads.limited_to(threads):
        result, vocabulary = train_vectors(
            nlp, corpus, out, settings, partial(piped, nlp, processes=processes),
            lower=lower, text_files=text_files, every=every,
        )  # fmt: skip
    if not result.finished:
        share = result.done / result.all
        print(f"interrupted after {share:.0%}; the same command goes on from there")
    if vocabulary.spaced:
        print(f"left out {vocabulary.spaced} words with white space in them")
    print(f"{harmless(str(out))}: {len(vocabulary.words)} words, {dimensions} dimensions")
    tell_skipped(text_files.skipped)


def lengths(ngrams: str) -> tuple[int, int]:
    """Return the lengths that MIN-MAX names; RangeError where it does not."""
    found = re.fullmatch(r"([0-9]{1,3})-([0-9]{1,3})", ngrams)
    if not found:
        raise RangeError(
            f"--ngrams: expected the fewest and the most characters, such as 3-6, got {ngrams!r}"
        )
    return int(found[1]), int(found[2])
