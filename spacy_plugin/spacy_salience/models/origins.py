"""The file that a model was made from, which a pipeline does without once it is saved.

spaCy builds a saved pipeline's model by its config before it loads what was
saved. So a file that is missing or damaged by then is an error of the model
that is used as it was built, and of no other.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from salience.errors import SalienceError, WeightsError
from salience.model.pretrained import load
from salience.model.weights import Weights

Made = TypeVar("Made")


def made_of(name: str, make: Callable[[Weights], Made]) -> tuple[Made | None, str]:
    """Return what is made of the weights of this name, or None and the reason there is none.

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
