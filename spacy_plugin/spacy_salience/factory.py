"""The factory behind `nlp.add_pipe("salience")`."""

from typing import TYPE_CHECKING, Any

from spacy.language import Language

if TYPE_CHECKING:
    from .component.component import Salience


@Language.factory(
    "salience",
    assigns=[
        "doc.tensor",
        "doc._.salience",
        "doc._.salience_vector",
        "doc._.attention",
        "token._.salience",
    ],
    default_config={
        "model": {"@architectures": "salience.Pretrained.v1", "pretrained": None},
        "num_threads": None,
        "device": "cpu",
    },
)
def make_salience(
    nlp: Language, name: str, model: Any, num_threads: int | None, device: Any
) -> "Salience":
    """Make the component; spaCy calls this with the config's settings.

    A model without a name is the one of the pipeline's language.
    """
    # spaCy imports this module for every pipeline, so numba and the kernels are imported
    # here, where the component is used.
    from .component.component import Salience
    from .listeners.order import known
    from .models.frozen import of_language

    model = of_language(model, nlp.lang)
    component = Salience(nlp.vocab, model, name, num_threads=num_threads, device=device)
    known(component, nlp)
    return component
