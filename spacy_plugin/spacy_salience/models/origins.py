"""The file that a model is made from, which a saved pipeline does not need any more.

spaCy builds the model of a saved pipeline by its config, then loads the saved weights
into it. So a missing or damaged file is an error only where the model is used without
other weights being loaded.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from salience.errors import SalienceError, WeightsError
from salience.model.pretrained import load
from salience.model.weights import Weights

Made = TypeVar("Made")


def made_of(name: str, make: Callable[[Weights], Made]) -> tuple[Made | None, str]:
    """Return what `make` makes of the weights of this name and "", or None and what went wrong.

    Raises RangeError where the name is neither a model's nor a file's.
    """
    is_file = name.endswith(".safetensors")
    if is_file and not Path(name).exists():
        return None, (
            f"{name}: expected a file of salience weights, found none; check the path in the "
            "component's config, or load a saved pipeline, which has its own copy"
        )
    try:
        return make(load(name)), ""
    except SalienceError as error:
        if not is_file and not isinstance(error, WeightsError):
            raise
        told = str(error)
        return None, told if name in told else f"{name}: {told}"
