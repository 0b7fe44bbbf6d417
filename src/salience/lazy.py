"""An attribute that is made when it is first asked for."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801  (it decorates)
    """functools.cached_property as it is from Python 3.12, without a lock.

    Two threads may both make the value. Before 3.12 all instances share a lock: a
    process that is forked while another thread holds it waits for ever.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, kind: type) -> Value:
        made: Value = owner.__dict__.setdefault(self._name, self._make(owner))
        return made
