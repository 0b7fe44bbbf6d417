"""A text classifier on pooled token vectors, and the reasons for its scores."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from spacy.ml.models.textcat import resize_and_set_ref
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Linear, Logistic, Model, Softmax, chain, resizable
from thinc.layers.resizable import resize_linear_weighted

from salience.errors import AnnotationError
from salience.layers import Pooling
from salience.layers.host import on_host
from salience.layers.pooling import salience_of
from salience.types import Batch, Floats, starts_of

from ..annotations.extensions import tensor_of
from ..component.listeners import watch

POOLING = "pooling"

LATER = -5.0
"""How far a class that is added later begins below the others' mean: so close that updates
reach it, with a score below 0.01. From the -5000 of spaCy's own classifiers none ever did."""


class Reasons(NamedTuple):
    """Why a classifier scored a document of T tokens as it did.

    labels of the C classes, their scores [C], each token's weight [T] (it sums
    to 1), the contributions [T, C] of the tokens to the logits, and the bias
    [C]: contributions.sum(axis=0) + bias are the logits, and the scores follow
    from them alone.
    """

    labels: tuple[str, ...]
    scores: Floats
    weights: Floats
    contributions: Floats
    bias: Floats


def build_pooled(
    tok2vec: Model[list[Doc], list[Any]], exclusive_classes: bool, nO: int | None
) -> Model[list[Doc], Any]:
    """Chain token vectors, Pooling and an output layer that spaCy may resize."""
    if isinstance(tok2vec, Tok2VecListener):
        watch(tok2vec)  # also where its upstream is excluded, and cannot
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
    model.set_ref(POOLING, pooling)
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
    """Token vectors of all documents end to end."""
    starts = starts_of([len(vectors) for vectors in X])
    data: Any = model.ops.xp.concatenate(X) if X else model.ops.alloc2f(0, model.get_dim("nO"))
    return Batch(data, starts), lambda dY: dY.documents()


def _init(model: Any, X: list[Floats] | None = None, Y: Batch | None = None) -> None:
    if X:
        model.set_dim("nO", X[0].shape[1])


def reasons(textcat: Any, doc: Doc) -> Reasons:
    """Return what each token contributed to a text classifier's scores of a document.

    logit_c = sum_t s_t W_c v_t + b_c: the contribution of token t to class c is
    s_t W_c v_t

    Args:
        textcat: the pipeline's text classifier, with a salience.Pooled.v1 model.
        doc: a Doc that the components before the classifier have processed.

    Raises AnnotationError where the classifier has another model, or the doc
    has no doc.tensor for it to listen to.
    """
    model = getattr(textcat, "model", None)
    if not isinstance(model, Model) or not model.has_ref(POOLING):
        raise AnnotationError(
            "reasons: expected a text classifier with a salience.Pooled.v1 model, got "
            f"{getattr(textcat, 'name', type(textcat).__name__)!r}; set its model's "
            '@architectures to "salience.Pooled.v1" and train it'
        )
    output: Any = model.get_ref("output_layer")
    if isinstance(model.get_ref("tok2vec"), Tok2VecListener):
        tensor_of(doc)  # a listener takes zeros in the place of what is missing
    here = partial(on_host, model.ops)
    vectors = model.get_ref("tok2vec").predict([doc])[0]
    tokens = Batch(vectors, starts_of([len(vectors)]))
    weights = here(salience_of(model.get_ref(POOLING), tokens))
    contributions = weights[:, None] * (here(vectors) @ here(output.get_param("W")).T)
    scores = np.asarray(here(model.predict([doc])[0]), dtype=np.float32)
    return Reasons(
        tuple(textcat.labels), scores, weights, contributions, np.array(here(output.get_param("b")))
    )
