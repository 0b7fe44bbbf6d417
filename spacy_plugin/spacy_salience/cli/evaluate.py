"""`salience evaluate TASK=FILE...`: how good a model is, beside others."""

import json
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from salience.errors import RangeError
from salience.files import write_whole

from ..component.pipelines import chosen
from ..evaluation import evaluate_tasks, model_of, peer_of, read_tasks
from ..evaluation.report import as_object, as_text, lines_of
from .files import check_place
from .show import Lang, ModelName

Tasks = Annotated[
    list[str],
    Argument(
        metavar="TASK=FILE",
        help="sts: columns sentence1, sentence2, score or a label that is a number. "
        "words: word1, word2, score. pairs: sentence1, sentence2, label "
        "(1, entailment or answer are positive). "
        "classify=TRAIN,TEST or classify=FILE, which is cross-validated: text, label. "
        "retrieve: question, sentence, and a label where not all pairs belong together; or "
        "retrieve=FOLDER with tables documents (id, text), queries (id, text) and qrels (query, "
        "document, grade). "
        "context=TRAIN,DEV or context=FILE: sentence1, index1, sentence2, index2 of two words, "
        "and a label or a score. probe=TRAIN,DEV: labelled words, as CoNLL-U or CoNLL. "
        'keyphrases: .jsonl, a "text" and its "keys" a line. The others are tables: .tsv '
        "or .csv with the columns' names in the first line, .jsonl, .json or .parquet; any may be "
        "a .gz, and any other name is tab-separated.",
    ),
]
Peers = Annotated[
    list[str],
    Option(
        "--peer",
        help="A model to compare with: wordllama, sentence-transformers:DIR or spacy:NAME; "
        "give --peer once for each.",
    ),
]
JsonFile = Annotated[
    str | None,
    Option("--json", help="Write the table as JSON to this file as well; or print it alone: -"),
]
K = Annotated[int, Option("--k", help="Of recall and precision at k.", min=1)]


def evaluate(
    tasks: Tasks,
    model: ModelName = None,
    lang: Lang = None,
    peers: Peers = [],  # noqa: B006
    json_file: JsonFile = None,
    k: K = 10,
) -> None:
    """Print how good a model is in one or more tasks, and its peers beside it.

    Spearman's correlation with people's scores for sts and words, average
    precision for pairs, accuracy of a logistic layer on frozen document vectors
    for classify, recall at k and mean reciprocal rank for retrieve, with nDCG at k where
    there are grades, each also of words alone (BM25) and of both, the area under the
    ROC curve for context, what a linear layer reads from token vectors for probe (F1 of
    entities, accuracy of other labels), precision at k for keyphrases.
    """
    read = read_tasks(tasks, k)
    models = [model_of(chosen(model, lang), lang), *map(peer_of, peers)]
    if len({each.name for each in models}) < len(models):
        raise RangeError("evaluate: expected models that differ, got one twice; remove it")
    if json_file not in (None, "-"):
        check_place("--json", Path(json_file))  # before the work, not after it
    found = {
        each.name: evaluate_tasks(each.encode, read, each.nlp, each.name, each.kinds)
        for each in models
    }
    lines = lines_of(read, found)
    written = json.dumps(as_object(lines, models), indent=2)
    if json_file == "-":
        print(written)
        return
    print(as_text(lines, models))
    if json_file:
        write_whole(Path(json_file), lambda file: file.write(f"{written}\n".encode()))
