"""What salience raises and warns of: what was expected, what came, and what to do."""


class SalienceError(Exception):
    """Any error that salience raises on purpose."""


class ShapeError(SalienceError, ValueError):
    """An array has the wrong number of axes or the wrong length along one."""


class DtypeError(SalienceError, TypeError):
    """An array holds the wrong kind of number."""


class RangeError(SalienceError, ValueError):
    """A number lies outside the range it must keep."""


class WeightsError(SalienceError, ValueError):
    """A weights file is missing, damaged or made for something else."""


class AnnotationError(SalienceError, ValueError):
    """A Doc's salience results are missing or no longer fit its tokens."""


class PipelineError(SalienceError, ValueError):
    """Components, or attributes that others registered, stand in each other's way."""


class MissingPackageError(SalienceError, ImportError):
    """A package that an extra of salience installs is not there."""


class DeviceError(SalienceError, RuntimeError):
    """The GPU cannot be used, or not for this."""


class DeviceMemoryError(DeviceError):
    """The GPU's memory does not suffice."""


class DeviceLostError(DeviceError):
    """The GPU answers no more in this process; fatal, and never a reason to fall back."""


class WorkerError(SalienceError, RuntimeError):
    """A worker process ended without a word: it was killed, or crashed."""


class LanguageWarning(UserWarning):
    """Texts are in another language or script than the model that reads them."""
