"""A pipeline whose encoder has learnt, made ready to serve."""

from spacy.language import Language

from ..models.frozen import frozen_of
from ..models.served import weights_of
from .pipelines import component_of

FROZEN_CONFIG = {"@architectures": "salience.Encoder.v2", "pretrained": None, "learns": "none"}
"""What the model is in the config of a pipeline that is saved with its weights."""


def freeze(nlp: Language) -> Language:
    """Freeze the salience component of a pipeline, the last where there are several.

    Its vectors stay as they are, to rounding; it learns no more, and is as fast as a
    model that never did. The pipeline is changed, and returned. A frozen one stays
    as it is. Where listeners are to go on learning, they learn from fixed vectors.

    Raises RangeError where the pipeline has no such component, and WeightsError
    where its encoder has nothing to freeze: it is not initialised, or its file is missing.
    """
    component = component_of(nlp)
    if component.learns:
        component.model = frozen_of(weights_of(component.model))
        nlp.get_pipe_config(_name_of(nlp, component))["model"] = dict(FROZEN_CONFIG)
    return nlp


def _name_of(nlp: Language, component: object) -> str:
    return next(name for name, pipe in nlp.pipeline if pipe is component)
