"""What `benchmarks.learning` trains: a task's configuration with the encoder in question."""

import json
import random
from pathlib import Path

import spacy
from spacy.tokens import DocBin
from spacy.util import load_config, registry

CONFIGS = Path(__file__).parent.parent / "examples" / "project" / "configs"

TASKS = ("pos", "ner", "sentiment", "questions", "zh", "zh_ner")

PEER = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 96, "depth": 4, "embed_size": 2000,
    "window_size": 1, "maxout_pieces": 3, "subword_features": True,
}  # fmt: skip
"""The default of spaCy's own tok2vec component."""

PEER_POOLED = {
    "@architectures": "spacy.TextCatReduce.v1", "use_reduce_first": False,
    "use_reduce_last": False, "use_reduce_max": False, "use_reduce_mean": True,
}  # fmt: skip

PRETRAINED = {
    lang: {"@architectures": "salience.Encoder.v2", "pretrained": name}
    for lang, name in (("en", "en_small"), ("zh", "zh_small"))
}
"""Our encoder's start, by the pipeline's language."""

OURS = ("fresh", "pretrained")
ENCODERS = (*OURS, "spacy", "spacy-openblas", "vectors")
"""fresh: as the task's configuration has it, untrained; pretrained: started from the model
of the language; vectors: spaCy's with static vectors besides; spacy-openblas: thinc's products by
NumPy's library in the place of its own."""

SCHEDULES = {1: (300, 100, 200), 10: (400, 100, 500)}
"""For a share of the examples, in percent: steps, steps between evaluations, words a
batch. Few examples are seen more often, in smaller batches. The whole set has the
configuration's."""


def configuration(given, task, encoder, train):
    """Return the task's configuration for an encoder, with these training examples."""
    config = load_config(CONFIGS / f"{task}.cfg")
    config["paths"] = {"train": str(train), "dev": str(given.corpus / task / "dev")}
    if encoder in OURS:
        learner = config["components"]["salience"]["model"]
        if "pretrained" in learner:
            learner |= {"pretrained": None, "words": None}
        if encoder == "pretrained":
            learner = dict(PRETRAINED[config["nlp"]["lang"]])
            config["components"]["salience"]["model"] = learner
        learner.update(map(setting, given.set))
    else:
        with_vectors = encoder == "vectors"
        learner = {**PEER, "pretrained_vectors": with_vectors}
        config["components"]["salience"] = {"factory": "tok2vec", "model": learner}
        config["initialize"] = {"vectors": str(given.vectors) if with_vectors else None}
        if "textcat" in config["components"]:
            config["components"]["textcat"]["model"].update(PEER_POOLED)
    if "width" not in learner:
        listen(config, registry.resolve({"model": learner})["model"].get_dim("nO"))
    return config


def setting(text):
    """Return the name and the value of name=value; a value that is no JSON is a string."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def listen(config, width):
    """Tell the listeners the width of the encoder, whose configuration does not say it."""
    for component in config["components"].values():
        if "tok2vec" in component["model"]:
            component["model"]["tok2vec"]["width"] = width


def schedule(training, share, steps):
    """Set how long to learn from so many percent of the examples."""
    if share in SCHEDULES:
        training["max_steps"], training["eval_frequency"], words = SCHEDULES[share]
        training["batcher"]["size"] = words
    training["max_steps"] = steps or training["max_steps"]
    training["eval_frequency"] = min(training["eval_frequency"], training["max_steps"])


def write_share(folder, percent, path):
    """Write the first of a shuffle of the folder's examples, for all encoders the same."""
    vocab = spacy.blank("xx").vocab
    files = sorted(folder.glob("*.spacy"))
    docs = [doc for file in files for doc in DocBin().from_disk(file).get_docs(vocab)]
    random.Random(0).shuffle(docs)
    DocBin(docs=docs[: max(1, len(docs) * percent // 100)]).to_disk(path)
