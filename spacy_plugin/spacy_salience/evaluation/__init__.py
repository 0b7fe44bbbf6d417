"""How good a model is: many tasks, for our models and for others beside them."""

from .models import Model, model_of
from .peers import peer_of
from .tasks import evaluate_tasks, read_tasks

__all__ = ["Model", "evaluate_tasks", "model_of", "peer_of", "read_tasks"]
