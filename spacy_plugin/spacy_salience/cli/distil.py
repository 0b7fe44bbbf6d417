"""`salience distil TEXTS --teacher ... --out DIR`: make a model of one's own."""

from enum import Enum
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from salience.errors import RangeError
from salience.model import weights
from salience.model.weights import MODEL_FILE
from salience.training.loop import Outcome
from salience.training.objectives import Objective
from salience.training.start import Recipe

from ..learning.distillation import Course, Teachers
from ..learning.distillation import distil as distil_to
from ..learning.lexicons import read_lexicon
from ..learning.text_files import TextFiles
from ..models.languages import DEFAULT, blank
from ..pictures.labels import harmless
from .files import Field, Strict, tell_skipped


class Table(str, Enum):
    """How the table of words is stored."""

    int8 = "int8"
    float16 = "float16"
    float32 = "float32"


Texts = Annotated[
    list[Path],
    Argument(
        help="Files of texts: plain text, a text a line; .tsv, every field of 20 characters or "
        "more, or --field; .jsonl, .json, .csv and .parquet, as for `salience show`; or these as "
        ".gz."
    ),
]
TeacherName = Annotated[
    str,
    Option(
        "--teacher",
        help="module:function, a sentence-transformers folder, an .onnx file with tokenizer.json "
        "beside it, or a .npy matrix of a vector for each text.",
    ),
]
Out = Annotated[Path, Option(help="The folder to work in, and to go on in after an interruption.")]
WordTeacher = Annotated[
    str | None,
    Option(help="Who teaches single words, where --teacher is a matrix; else the texts say it."),
]
TokenVectors = Annotated[
    Path | None,
    Option(
        help="A .npy matrix of the teacher's vector of each word of the texts, or of the first "
        "texts only."
    ),
]
Begin = Annotated[
    str | None,
    Option(
        "--model",
        help="A model to begin with, by name or file, in place of a new one: its words and sizes "
        "stay; common signs, --blocks and --document-width are added.",
    ),
]
LanguageCode = Annotated[
    str, Option(help="The texts' language, whose tokenizer finds the words, and the model's.")
]
LexiconFile = Annotated[
    Path | None,
    Option(
        "--lexicon",
        help="Words of a language without spaces between them, which are found in its texts: a "
        "line each with a tab and a count. Its tokenizer is to give single characters.",
    ),
]
SpellingsFile = Annotated[
    Path | None,
    Option(
        "--spellings",
        help="Characters that are read as another: a line each with a tab and the other. With "
        "--lexicon.",
    ),
]
Words = Annotated[int, Option(help="Known words.", min=1)]
Buckets = Annotated[int, Option(help="Rows for the n-grams of unknown words.", min=0)]
Width = Annotated[int, Option(help="Width of the vectors.", min=1)]
States = Annotated[int, Option(help="Recurrent states, half of them in each direction.", min=2)]
Heads = Annotated[int, Option(help="Attention heads.", min=1)]
Rank = Annotated[int, Option(help="Rank of each head.", min=1)]
Window = Annotated[int, Option(help="Words to either side that attention sees.", min=0)]
Blocks = Annotated[int, Option(help="Blocks, one after another.", min=1)]
DocumentWidth = Annotated[
    int | None,
    Option(help="Width of document vectors that are projected to a space of their own.", min=1),
]
Epochs = Annotated[int, Option(help="How often every text is seen.", min=1)]
Batch = Annotated[int, Option(help="Texts that are learnt from at once.", min=2)]
Longest = Annotated[int, Option(help="Words of a text that are learnt from.", min=1)]
Rate = Annotated[float, Option(help="The highest rate of learning.", min=0)]
Seed = Annotated[int, Option(help="Of all random numbers.", min=0)]
Dev = Annotated[
    list[str],
    Option(metavar="TASK=FILE", help="Dev scores, as for `salience evaluate`; once for each."),
]
Every = Annotated[int, Option(help="Steps between dev scores and checkpoints.", min=1)]
Stored = Annotated[Table, Option("--table", help="How the table of words is stored.")]
Recurrence = Annotated[bool, Option(help="Whether recurrent states enter the token vectors.")]
Attention = Annotated[bool, Option(help="Whether attended context enters the token vectors.")]


def distil(
    texts: Texts,
    teacher: TeacherName,
    out: Out,
    word_teacher: WordTeacher = None,
    token_vectors: TokenVectors = None,
    model: Begin = None,
    field: Field = None,
    strict: Strict = False,
    lang: LanguageCode = DEFAULT,
    lexicon: LexiconFile = None,
    spellings: SpellingsFile = None,
    words: Words = Recipe.words,
    buckets: Buckets = Recipe.buckets,
    width: Width = Recipe.width,
    states: States = Recipe.states,
    heads: Heads = Recipe.heads,
    rank: Rank = Recipe.rank,
    window: Window = 32,
    blocks: Blocks = Recipe.blocks,
    document_width: DocumentWidth = Recipe.document_width,
    epochs: Epochs = Course.epochs,
    batch: Batch = Course.batch,
    longest: Longest = Course.longest,
    rate: Rate = Course.rate,
    seed: Seed = Recipe.seed,
    dev: Dev = [],  # noqa: B006
    every: Every = Course.every,
    table: Stored = Table.int8,
    recurrence: Recurrence = True,
    attention: Attention = True,
) -> None:
    """Teach a small model what a teacher says of texts: embeddings, recurrence, attention."""
    nlp, text_files = blank(lang), TextFiles(field, strict)
    if spellings and not lexicon:
        raise RangeError(
            "--spellings: expected --lexicon beside it, got none; give a file of words too"
        )
    outcome = distil_to(
        nlp,
        texts,
        Teachers(teacher, word_teacher, token_vectors),
        out,
        recipe=Recipe(
            words=words, buckets=buckets, width=width, states=states, heads=heads, rank=rank,
            window=window, blocks=blocks, document_width=document_width, seed=seed,
        ),
        course=Course(
            epochs=epochs, batch=batch, longest=longest, rate=rate, recurrence=recurrence,
            attention=attention, every=every, precision=table.value,
        ),
        objective=Objective(),
        dev=dev, text_files=text_files, model=model,
        lexicon=read_lexicon(lexicon, spellings) if lexicon else None,
    )  # fmt: skip
    report(out, outcome)
    tell_skipped(text_files.skipped)


def report(folder: Path, outcome: Outcome) -> None:
    """Print what came of a training."""
    path = folder / MODEL_FILE
    if not outcome.finished:
        print(f"interrupted after {outcome.steps} steps; the same command goes on from there")
    scores = "".join(f", {harmless(name)} {score:.4f}" for name, score in outcome.scores.items())
    print(
        f"{harmless(str(path))}: of step {outcome.best}{scores}, "
        f"{path.stat().st_size / 1e6:.1f} MB, SHA-256 of the content {weights.load(path).digest()}"
    )
