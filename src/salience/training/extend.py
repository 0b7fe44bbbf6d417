"""Models to begin with that have more than the one they are made from, and the same vectors."""

from dataclasses import replace

import numpy as np

from ..errors import RangeError
from ..model.parameters import WordTable, in_format_2, read_settings
from ..model.settings import BlockSettings
from ..model.weights import Weights
from .start import Recipe, new_block


def extended(weights: Weights, recipe: Recipe) -> Weights:
    """Return a model with as many blocks as the recipe says, and its projection of documents.

    Blocks that are added have the recipe's states, heads, rank and window, and pass on what
    they are given until they have learnt: W_f = 0 and g = 0. The projection P is the identity.

    Raises RangeError where the model has more blocks, or another projection, and what
    Settings.check raises where a size does not fit the model.
    """
    given = in_format_2(weights)
    settings = read_settings(given)
    have = len(settings.blocks)
    if have > recipe.blocks:
        raise RangeError(
            f"distil: expected at least the {have} blocks of the model to begin with, got "
            f"{recipe.blocks}; ask for {have} or more"
        )
    width = settings.document_width
    if width is not None and recipe.document_width not in (None, width):
        raise RangeError(
            f"distil: expected the model's own document width {width}, got "
            f"{recipe.document_width}; leave it"
        )
    tensors = dict(given.tensors)
    block = BlockSettings(
        recipe.states, output_gate=True, heads=recipe.heads, rank=recipe.rank, window=recipe.window
    )
    added = range(have, recipe.blocks)
    if added:
        # So the states have numbers of about 1, like those of blocks that have learnt.
        deviation = 2 * max(float(np.std(WordTable(given).table(), dtype=np.float64)), 1e-6)
        for number in added:
            seed = [recipe.seed, number]
            own = new_block(recipe, settings.width, seed=seed, gate=0, deviation=deviation)
            tensors |= {f"blocks.{number}.{name}": array for name, array in own.items()}
    if recipe.document_width and width is None:
        recipe.check_document_width(settings.width)
        tensors["document_weight"] = np.eye(recipe.document_width, settings.width, dtype=np.float32)
    found = replace(
        settings, blocks=(*settings.blocks, *[block] * len(added)),
        document_width=width or recipe.document_width,
    )  # fmt: skip
    found.check("distil")
    return Weights(tensors, {**given.settings, **found.stated()})
