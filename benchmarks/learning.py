"""Our encoder beside spaCy's, trained alike: `python -m benchmarks.learning CORPUS [TASK ...]`.

CORPUS is what examples/project/convert.py wrote, a task a configuration there.
Both encoders see the same batches for the same number of steps, on one thread;
the score is the best of the dev set on the way, as `spacy train` keeps it.
After all seeds, medians. One line of JSON for each run goes to standard error.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

from spacy.schemas import ConfigSchemaTraining
from spacy.training.initialize import init_nlp
from spacy.training.loop import create_train_batches, train_while_improving
from spacy.util import load_config, minibatch, registry, resolve_dot_names
from thinc.api import NumpyOps, set_current_ops

from .common import pin

CONFIGS = Path(__file__).parent.parent / "examples" / "project" / "configs"

TASKS = ("pos", "ner", "sentiment", "questions")

PEER = {
    "@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 96,
    "depth": 4, "embed_size": 2000, "window_size": 1, "maxout_pieces": 3, "subword_features": True,
}  # fmt: skip
"""The default of spaCy's own tok2vec component."""

PEER_POOLED = {
    "@architectures": "spacy.TextCatReduce.v1", "use_reduce_first": False,
    "use_reduce_last": False, "use_reduce_max": False, "use_reduce_mean": True,
}  # fmt: skip

ENCODERS = ("salience", "spacy", "spacy-openblas")
"""spacy-openblas: thinc's products by NumPy's library in the place of its own."""

ROUNDS = 5
BATCH = 256


def main() -> None:
    pin()
    given = arguments()
    for task in given.tasks:
        for encoder in given.encoders:
            runs = []
            for seed in given.seeds:
                config = configuration(given, task, encoder, seed)
                set_current_ops(NumpyOps(use_blis=encoder != "spacy-openblas"))
                runs.append(run(config))
                line = {"task": task, "encoder": encoder, "seed": seed, **runs[-1]}
                print(json.dumps({**line, "set": given.set}), file=sys.stderr, flush=True)
            middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
            print(f"{task:10} {encoder:15} score {middle['score']:.4f}", end="  ")
            for name in ("training", "encoding", "pipeline"):
                print(f"{name} {middle[name]:,.0f}", end="  ")
            print("words/s", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("tasks", nargs="*", default=TASKS)
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=ENCODERS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--steps", type=int, help="in the place of the configuration's")
    parser.add_argument("--set", nargs="*", default=[], help="of our encoder: name=value")
    return parser.parse_args()


def configuration(given, task, encoder, seed):
    """The task's configuration, with the encoder in question."""
    config = load_config(CONFIGS / f"{task}.cfg")
    for part in ("train", "dev"):
        config["paths"][part] = str(given.corpus / task / part)
    config["training"]["seed"] = seed
    if given.steps:
        config["training"]["max_steps"] = given.steps
    ours = config["components"]["salience"]["model"]
    ours.update((name, json.loads(value)) for name, value in (s.split("=") for s in given.set))
    if encoder != "salience":
        config["components"]["salience"] = {"factory": "tok2vec", "model": PEER}
        if "textcat" in config["components"]:
            config["components"]["textcat"]["model"].update(PEER_POOLED)
    return config


def run(config):
    """Train and measure: the best score, and words a second in training and prediction."""
    nlp = init_nlp(config)
    settings = registry.resolve(nlp.config.interpolate()["training"], schema=ConfigSchemaTraining)
    train, dev = resolve_dot_names(
        nlp.config.interpolate(), [settings["train_corpus"], settings["dev_corpus"]]
    )
    weights, evaluating = settings["score_weights"], [0.0]

    def evaluate():
        begin = time.perf_counter()
        scores = nlp.evaluate(list(dev(nlp)))
        evaluating[0] += time.perf_counter() - begin
        return sum(scores[name] * weight for name, weight in weights.items() if weight), scores

    steps = train_while_improving(
        nlp, settings["optimizer"], create_train_batches(nlp, train, settings["batcher"], 0),
        evaluate, dropout=settings["dropout"], eval_frequency=settings["eval_frequency"],
        accumulate_gradient=1, patience=0, max_steps=settings["max_steps"], exclude=[],
        annotating_components=[], before_update=None,
    )  # fmt: skip
    info = next(steps)[1]  # the first step compiles
    first, evaluating[0], begin = info["words"], 0.0, time.perf_counter()
    for _, info, _ in steps:  # noqa: B007
        pass
    seconds = time.perf_counter() - begin - evaluating[0]
    encode = nlp.get_pipe("salience").model.predict
    docs = [example.predicted for example in dev(nlp)]
    texts, words = [doc.text for doc in docs], sum(map(len, docs))
    return {
        "score": max(score for score, _ in info["checkpoints"]),
        "training": (info["words"] - first) / seconds,
        "encoding": words / fastest(lambda: [encode(batch) for batch in minibatch(docs, BATCH)]),
        "pipeline": words / fastest(lambda: list(nlp.pipe(texts, batch_size=BATCH))),
    }


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
