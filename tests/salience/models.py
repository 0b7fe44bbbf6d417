"""An encoder in which every part contributes, and what it should say."""

import numpy as np

from salience.encoder.encoder import Encoded, Encoder
from salience.ops.affine import reference as affine
from salience.ops.bilinear_attention import reference as bilinear_attention
from salience.ops.embedding import reference as embedding
from salience.ops.fusion import reference as fusion
from salience.ops.linear_recurrence import reference as linear_recurrence
from salience.ops.output_gate import reference as output_gate
from salience.ops.pooling import reference as pooling
from salience.testing import random_starts, random_weights
from salience.types import Ragged

WEIGHTS = random_weights([f"word{i}" for i in range(40)])
ENCODER = Encoder(WEIGHTS)


def random_bags(tokens, seed=0):
    """Bags of one to three rows, as known and unknown words have."""
    rng = np.random.default_rng(seed)
    starts = random_starts(rng.integers(1, 4, tokens))
    return Ragged(rng.integers(0, len(ENCODER.vocabulary), starts[-1]), starts)


def by_reference(weights, bags, starts):
    """The chain of the ops' references, in float64, with nothing folded."""
    w = {name: array.astype(np.float64) for name, array in weights.tensors.items()}
    view = weights.settings["window"], weights.settings["causal"]
    x = embedding.forward_bags(w["table"], *bags)
    logits = embedding.forward_bags(w["word_weights"][:, None], *bags)[:, 0]
    inputs = affine.forward(x, w["input_weight"], w["input_bias"])
    zeros = np.zeros((len(starts) - 1, len(w["decay"])))
    h, _ = linear_recurrence.forward(inputs, w["decay"], starts, zeros, "both")
    c, received, _ = bilinear_attention.forward(h, x, starts, w["query"], w["key"], *view, 1.0)
    y = output_gate.forward(h, affine.forward(x, w["output_weight"], w["output_bias"]))
    v = fusion.forward(x, y, c, w["fusion_weight"], w["fusion_gate"])
    salience, documents = pooling.forward(v, w["pool_query"], logits, starts)
    return Encoded(v, salience, received, documents)
