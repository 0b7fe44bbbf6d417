"""The reasons for a text classifier's scores: what each token added to them."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from thinc.api import Model

from salience.errors import AnnotationError
from salience.layers.host import on_host
from salience.layers.pooling import salience_of
from salience.types import Batch, Floats, starts_of

from ..annotations.extensions import tensor_of
from ..models.pooled import POOLING_REF


class Reasons(NamedTuple):
    """Why a classifier scored a document of T tokens as it did.

    labels and scores [C] are of the C classes; weights [T] are the tokens' salience, which
    sums to 1; contributions [T, C] are what each token adds to the logits, and bias [C]
    what no token does: the logits are contributions.sum(axis=0) + bias.
    """

    labels: tuple[str, ...]
    scores: Floats
    weights: Floats
    contributions: Floats
    bias: Floats


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
    if not isinstance(model, Model) or not model.has_ref(POOLING_REF):
        raise AnnotationError(
            "reasons: expected a text classifier with a salience.Pooled.v1 model, got "
            f"{getattr(textcat, 'name', type(textcat).__name__)!r}; set its model's "
            '@architectures to "salience.Pooled.v1" and train it'
        )
    output: Any = model.get_ref("output_layer")
    if isinstance(model.get_ref("tok2vec"), Tok2VecListener):
        tensor_of(doc)  # raises where it is missing: a listener would read zeros
    here = partial(on_host, model.ops)
    vectors = model.get_ref("tok2vec").predict([doc])[0]
    tokens = Batch(vectors, starts_of([len(vectors)]))
    weights = here(salience_of(model.get_ref(POOLING_REF), tokens))
    contributions = weights[:, None] * (here(vectors) @ here(output.get_param("W")).T)
    scores = np.asarray(here(model.predict([doc])[0]), dtype=np.float32)
    return Reasons(
        tuple(textcat.labels), scores, weights, contributions, np.array(here(output.get_param("b")))
    )
