"""Models to begin with that have more than the one they are made from, and the same vectors."""

from dataclasses import asdict, replace

import numpy as np

from .. import checks
from ..errors import RangeError
from ..model.parameters import WordTable, in_format_2, read_settings
from ..model.settings import LEAST_DECAY, MOST_DECAY, BlockSettings
from ..model.weights import Weights
from ..types import Floats
from .start import Recipe, glorot_normal


def extended(weights: Weights, recipe: Recipe) -> Weights:
    """Return a model with as many blocks as the recipe says, and its projection of documents.

    Blocks that are added have the recipe's states, heads, rank and window, and pass on what
    they are given until they have learnt: W_f = 0 and g = 0. The projection P is the identity.

    Raises RangeError where the model has more blocks, or another projection.
    """
    given = in_format_2(weights)
    settings = read_settings(given)
    have = len(settings.blocks)
    if have > recipe.blocks:
        raise RangeError(
            f"distil: expected at least the {have} blocks of the model to begin with, got "
            f"{recipe.blocks}; ask for {have} or more"
        )
    own = settings.document_width
    if own is not None and recipe.document_width not in (None, own):
        raise RangeError(
            f"distil: expected the model's own document width {own}, got "
            f"{recipe.document_width}; leave it"
        )
    tensors = dict(given.tensors)
    block = BlockSettings(
        recipe.states, output_gate=True, heads=recipe.heads, rank=recipe.rank, window=recipe.window
    )
    for number in range(have, recipe.blocks):
        added = _block(block, settings.width, _deviation(given), [recipe.seed, number])
        tensors |= {f"blocks.{number}.{name}": array for name, array in added.items()}
    if recipe.document_width and own is None:
        checks.between("distil", "document_width", recipe.document_width, 1, settings.width)
        tensors["document_weight"] = np.eye(recipe.document_width, settings.width, dtype=np.float32)
    blocks = (*settings.blocks, *[block] * (recipe.blocks - have))
    stated = replace(settings, blocks=blocks, document_width=own or recipe.document_width).stated()
    stated["blocks"] = [asdict(each) for each in blocks]
    return Weights(tensors, {**given.settings, **stated})


def _deviation(weights: Weights) -> float:
    """The deviation of the numbers that a block is given, which is about that of the table."""
    return max(float(np.std(WordTable(weights).table(), dtype=np.float64)), 1e-6)


def _block(
    block: BlockSettings, width: int, deviation: float, seed: list[int]
) -> dict[str, Floats]:  # fmt: skip
    """Return the arrays of a block that adds nothing yet, whose states have numbers of about 1."""
    rng, states = np.random.default_rng(seed), block.states
    inputs = [glorot_normal(rng, states, width) / np.float32(2 * deviation) for _ in range(2)]
    bias = np.zeros(states, dtype=np.float32)
    decay = np.tile(np.linspace(LEAST_DECAY, MOST_DECAY, states // 2, dtype=np.float32), 2)
    found: dict[str, Floats] = {
        "input_weight": inputs[0], "input_bias": bias, "output_weight": inputs[1],
        "output_bias": bias.copy(), "decay": decay,
        "fusion_weight": np.zeros((width, states), dtype=np.float32),
        "fusion_gate": np.zeros(width, dtype=np.float32),
    }  # fmt: skip
    for name in ("query", "key"):
        found[name] = glorot_normal(rng, block.heads, block.rank, states)
    return found
