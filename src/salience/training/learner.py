"""A student with its optimiser: what a checkpoint holds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from thinc.api import Adam, warmup_linear

from .. import checks
from ..errors import WeightsError
from ..layers.rows import Rows
from ..model.weights import Weights
from .student import Gradients, Learnt, Student

WARMUP = 0.05
"""The share of steps in which the learning rate rises; afterwards it falls to 0."""


class Learner:
    """Takes steps of Adam on a student, and on arrays that learn beside it, such as a readout.

    Source: Kingma and Ba, Adam, 2015, by thinc, with the rates of its warmup_linear.
    """

    def __init__(self, student: Student, beside: Gradients, *, steps: int, rate: float) -> None:
        """Start at step 0 of `steps`; the rate is the highest one.

        Raises RangeError where the rate is not above 0, or far too high.
        """
        checks.between("training", "the rate", rate, 1e-12, 1e3)
        self.student, self.beside, self.step = student, beside, 0
        # Of thinc's rates the first and the last are 0, and are left out.
        schedule: Any = warmup_linear(rate, max(1, int(WARMUP * steps)), steps + 1)
        self._optimizer: Any = Adam(schedule, L2=0.0, grad_clip=0.0, use_averages=False)
        self._optimizer.step_schedules()

    @property
    def _dense(self) -> list[Gradients]:
        return [self.student.dense, self.beside]

    @property
    def _rows(self) -> dict[str, Rows]:
        words = self.student.words
        return {"table": words.table, "logits": words.logits}

    def update(self, learnt: Learnt, beside: Gradients) -> None:
        """Take one step along these gradients."""
        for number, (own, gradients) in enumerate(
            zip(self._dense, (learnt.dense, beside), strict=True)
        ):
            for name in sorted(gradients):
                own[name], _ = self._optimizer((number, name), own[name], gradients[name])
        for name, (named, gradient) in learnt.rows.items():
            self._rows[name].update(self._optimizer, (2, name), named, gradient)
        self.student.hold()
        self._optimizer.step_schedules()
        self.step += 1

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that later steps depend on, but for the step's number."""
        arrays: dict[str, NDArray[Any]] = {}
        for number, own in enumerate(self._dense):
            arrays.update({f"{number}/{name}": array for name, array in own.items()})
        for order, moments in enumerate((self._optimizer.mom1, self._optimizer.mom2), start=1):
            arrays.update({f"moment {order}/{n}/{name}": m for (n, name), m in moments.items()})
        for name, rows in self._rows.items():
            arrays[f"2/{name}"] = rows.table
            arrays[f"moment 1/2/{name}"], arrays[f"moment 2/2/{name}"] = rows.moments
        return arrays

    def restore(self, arrays: Weights, step: int) -> None:
        """Restore what `state` returned; WeightsError where it is of another student."""
        own = self.state()
        self._check(arrays, own)
        for name, array in own.items():
            array[...] = arrays.tensors[name]
        for name, array in arrays.tensors.items():
            kind, *key = name.split("/")
            if kind.startswith("moment") and key[0] != "2":
                moments = self._optimizer.mom1 if kind == "moment 1" else self._optimizer.mom2
                moments[int(key[0]), key[1]] = np.array(array)
                self._optimizer.nr_update[int(key[0]), key[1]] = step
        for name in self._rows:
            self._optimizer.nr_update[2, name] = step
        for _ in range(step):
            self._optimizer.step_schedules()
        self.step = step

    def _check(self, arrays: Weights, own: dict[str, NDArray[Any]]) -> None:
        """Refuse arrays of other names or shapes than own; moments are flat."""
        moments = {
            f"moment {order}/{number}/{name}": array.size
            for order in (1, 2)
            for number, part in enumerate(self._dense)
            for name, array in part.items()
        }
        for name in (*own, *arrays.tensors):
            found = arrays.tensors.get(name)
            want: Any = own[name].shape if name in own else moments.get(name)
            has = found is not None and found.dtype.kind == "f" and (found.shape, found.size)
            if want is None or not has or want not in has:
                raise WeightsError(
                    f"checkpoint: expected {name} of shape {want}, found "
                    f"{'nothing' if found is None else found.shape}; start in another folder"
                )
