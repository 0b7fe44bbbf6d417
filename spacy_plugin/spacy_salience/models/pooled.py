"""A text classifier on pooled token vectors."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from spacy.ml.models.textcat import resize_and_set_ref
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Linear, Logistic, Model, Softmax, chain, resizable
from thinc.layers.resizable import resize_linear_weighted

from salience.layers import Pooling
from salience.layers.host import on_host
from salience.types import Batch, Floats, starts_of

from ..listeners.listen import watch

POOLING_REF = "pooling"

LATER = -5.0
"""How far the logit of a class that is added later starts below the others' mean. Its score is
below 0.01, and its gradient large enough to learn, which it is not at the -5000 of spaCy's own."""


def build_pooled(
    tok2vec: Model[list[Doc], list[Any]], exclusive_classes: bool, nO: int | None
) -> Model[list[Doc], Any]:
    """Chain token vectors, Pooling and an output layer that spaCy may resize."""
    if isinstance(tok2vec, Tok2VecListener):
        watch(tok2vec)  # its upstream does so too, but may be excluded from the pipeline
    width = tok2vec.maybe_get_dim("nO")
    pooling = Pooling(width)
    output = (Softmax if exclusive_classes else Linear)(nO, width)
    resized: Model[Any, Any] = resizable(
        output, resize_layer=_resize_exclusive if exclusive_classes else resize_linear_weighted
    )
    layers: list[Model[Any, Any]] = [tok2vec, _join(), pooling, resized]
    if not exclusive_classes:
        layers.append(Logistic())
    model: Any = chain(*layers)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref(POOLING_REF, pooling)
    model.set_ref("output_layer", output)
    if nO is not None:
        model.set_dim("nO", nO)
    model.attrs["multi_label"] = not exclusive_classes
    model.attrs["resize_output"] = partial(resize_and_set_ref, resizable_layer=resized)
    built: Model[list[Doc], Any] = model
    return built


def _resize_exclusive(layer: Model[Any, Any], classes: int) -> Model[Any, Any]:
    """Return the output layer with more classes: b = log(mean_c exp(b_c)) + LATER, W = 0."""
    bias = on_host(layer.ops, layer.get_param("b")) if layer.has_param("b") else np.zeros(1)
    below = float(np.logaddexp.reduce(bias) - np.log(len(bias))) + LATER
    return resize_linear_weighted(layer, classes, fill_defaults={"b": below})


def _join() -> Model[list[Floats], Batch]:
    return Model("join", _forward, init=_init, dims={"nO": None})


def _forward(
    model: Any,
    X: list[Floats],
    is_train: bool,
) -> tuple[Batch, Callable[[Batch], list[Floats]]]:
    """Return the token vectors of all documents end to end."""
    starts = starts_of([len(vectors) for vectors in X])
    data: Any = model.ops.xp.concatenate(X) if X else model.ops.alloc2f(0, model.get_dim("nO"))
    return Batch(data, starts), lambda dY: dY.documents()


def _init(model: Any, X: list[Floats] | None = None, Y: Batch | None = None) -> None:
    if X:
        model.set_dim("nO", X[0].shape[1])
