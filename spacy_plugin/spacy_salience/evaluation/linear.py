"""What scikit-learn gives the tasks that fit a layer to frozen vectors."""

from typing import Any

from ..packages import optional


def sklearn(task: str, module: str) -> Any:
    """Return a module that scikit-learn brings; MissingPackageError names the task without it."""
    return optional(module, f"evaluate: {task}", "pip install 'salience[evaluate]'")


def one_thread(task: str) -> Any:
    """Return a context in which products run on one thread.

    Those of these layers are so small that they are slower on many, and many times so on a
    busy machine.
    """
    return sklearn(task, "threadpoolctl").threadpool_limits(1)  # scikit-learn needs it too


def logistic_layer(task: str, **given: Any) -> Any:
    """Return softmax regression on features of mean 0 and variance 1.

    p(label | v) = softmax(W z + b), z the standardised v; given are scikit-learn's arguments.
    """
    linear = sklearn(task, "sklearn.linear_model").LogisticRegression(**given)
    scaled = sklearn(task, "sklearn.preprocessing").StandardScaler()
    return sklearn(task, "sklearn.pipeline").make_pipeline(scaled, linear)
