"""Encoders trained alike: `python -m benchmarks.learning CORPUS [TASK ...]`.

CORPUS is what examples/project/convert.py wrote, a task a configuration there.
All encoders see the same batches for the same number of steps, on one thread;
the score is the best of the dev set on the way, as `spacy train` keeps it.
After all seeds, medians. One line of JSON for each run goes to standard error.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from spacy.schemas import ConfigSchemaTraining
from spacy.training.initialize import init_nlp
from spacy.training.loop import create_train_batches, train_while_improving
from spacy.util import minibatch, registry, resolve_dot_names
from thinc.api import NumpyOps, set_current_ops

from .common import pin
from .learners import ENCODERS, TASKS, configuration, schedule, write_share

ROUNDS = 5
BATCH = 256


def main() -> None:
    pin()
    given = arguments()
    for share, task in product(given.share, given.tasks):
        with tempfile.TemporaryDirectory() as folder:
            train = Path(folder, "train.spacy")
            write_share(given.corpus / task / "train", share, train)
            for encoder in given.encoders:
                runs = [learn(given, share, task, encoder, seed, train) for seed in given.seeds]
                middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
                print(f"{share:3} % {task:10} {encoder:15} {show(middle)}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("tasks", nargs="*", default=TASKS)
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS)
    parser.add_argument("--share", nargs="+", type=int, default=[100], help="percent to learn from")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--steps", type=int, help="in the place of the schedule's")
    parser.add_argument("--vectors", type=Path, help="a pipeline's folder, for its static vectors")
    parser.add_argument("--set", nargs="*", default=[], help="of our encoders: name=value")
    parser.add_argument("--scores", action="store_true", help="and no words/s of prediction")
    given = parser.parse_args()
    given.encoders = given.encoders or [name for name in ENCODERS if name != "vectors"]
    if "vectors" in given.encoders and not given.vectors:
        parser.error("the encoder vectors needs --vectors FOLDER, a pipeline that has some")
    return given


def learn(given, share, task, encoder, seed, train):
    """Train an encoder once, tell of it, and return its figures."""
    set_current_ops(NumpyOps(use_blis=encoder != "spacy-openblas"))
    config = configuration(given, task, encoder, train)
    config["training"]["seed"] = seed
    schedule(config["training"], share, given.steps)
    begin = time.perf_counter()
    nlp, dev, checkpoints, figures = run(config)
    if not given.scores:
        figures |= rates(nlp, dev)
    told = {"share": share, "task": task, "encoder": encoder, "seed": seed, **figures}
    told |= {"seconds": round(time.perf_counter() - begin, 1), "set": given.set}
    told["on the way"] = [round(score, 4) for score, _ in checkpoints[1:]]
    print(json.dumps(told), file=sys.stderr, flush=True)
    return figures


def run(config):
    """Train; return the pipeline, the dev set, all scores, and the best with its words/s."""
    nlp = init_nlp(config)
    settings = registry.resolve(nlp.config.interpolate()["training"], schema=ConfigSchemaTraining)
    train, dev = resolve_dot_names(
        nlp.config.interpolate(), [settings["train_corpus"], settings["dev_corpus"]]
    )
    weights, spent = settings["score_weights"], []

    def evaluate():
        if not spent:  # after the first step, when nothing is learnt yet
            spent.append(0.0)
            return 0.0, {}
        begin = time.perf_counter()
        scores = nlp.evaluate(list(dev(nlp)))
        spent.append(time.perf_counter() - begin)
        return sum(scores[name] * weight for name, weight in weights.items() if weight), scores

    steps = train_while_improving(
        nlp, settings["optimizer"], create_train_batches(nlp, train, settings["batcher"], 0),
        evaluate, dropout=settings["dropout"], eval_frequency=settings["eval_frequency"],
        accumulate_gradient=1, patience=0, max_steps=settings["max_steps"], exclude=[],
        annotating_components=[], before_update=None,
    )  # fmt: skip
    info = next(steps)[1]  # the first step compiles
    first, begin = info["words"], time.perf_counter()
    for _, info, _ in steps:  # noqa: B007
        pass
    seconds = time.perf_counter() - begin - sum(spent)
    best = max(score for score, _ in info["checkpoints"])
    figures = {"score": best, "training": (info["words"] - first) / seconds}
    return nlp, dev, info["checkpoints"], figures


def rates(nlp, dev):
    """Return the words a second of the encoder alone, and from texts to finished Docs."""
    encode = nlp.get_pipe("salience").model.predict
    docs = [example.predicted for example in dev(nlp)]
    texts, words = [doc.text for doc in docs], sum(map(len, docs))
    return {
        "encoding": words / fastest(lambda: [encode(batch) for batch in minibatch(docs, BATCH)]),
        "pipeline": words / fastest(lambda: list(nlp.pipe(texts, batch_size=BATCH))),
    }


def show(figures):
    """Return a line of the score, and of the rates there are."""
    rest = (f"{name} {rate:,.0f}" for name, rate in figures.items() if name != "score")
    return f"score {figures['score']:.4f}  {'  '.join(rest)} words/s"


def fastest(call):
    """The fewest seconds a call took, after one that does not count."""
    call()
    seconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


if __name__ == "__main__":
    main()
