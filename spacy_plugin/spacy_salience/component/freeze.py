"""Turning an encoder that has learnt into a frozen one, the fast form."""

from spacy.language import Language

from ..models.frozen import frozen_of
from ..models.served import weights_of
from .pipelines import component_of

FROZEN_CONFIG = {"@architectures": "salience.Encoder.v2", "pretrained": None, "learns": "none"}
"""The model's config after freezing: its weights come from the saved pipeline."""


def freeze(nlp: Language) -> Language:
    """Freeze the salience component of a pipeline, the last where there are several.

    Its vectors stay the same up to rounding; it learns no more, and is as fast as a
    pretrained model. Listeners that are trained further learn from fixed vectors. The
    pipeline is changed in place and returned; where it is frozen already, nothing changes.

    Raises RangeError where the pipeline has no such component, and WeightsError where its
    encoder has no weights yet: it is not initialised, or its file is missing.
    """
    component = component_of(nlp)
    if component.learns:
        component.model = frozen_of(weights_of(component.model))
        name = next(name for name, pipe in nlp.pipeline if pipe is component)
        nlp.get_pipe_config(name)["model"] = dict(FROZEN_CONFIG)
    return nlp
