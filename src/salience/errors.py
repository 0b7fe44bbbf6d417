"""Errors and warnings; each says what was expected, what was given, and what to do."""


class SalienceError(Exception):
    """Any error that salience raises on purpose."""


class ShapeError(SalienceError, ValueError):
    """An array has the wrong number of axes or the wrong length along one."""


class DtypeError(SalienceError, TypeError):
    """An array holds the wrong kind of number."""


class RangeError(SalienceError, ValueError):
    """A value is outside of its allowed range."""


class WeightsError(SalienceError, ValueError):
    """A weights file is missing, damaged or made for something else."""


class AnnotationError(SalienceError, ValueError):
    """A Doc's salience results are missing or no longer fit its tokens."""


class PipelineError(SalienceError, ValueError):
    """Components conflict with each other, or with attributes that others registered."""


class MissingPackageError(SalienceError, ImportError):
    """An optional package is not installed; an extra of salience installs it."""


class DeviceError(SalienceError, RuntimeError):
    """The GPU cannot be used, or not for what was asked for."""


class DeviceMemoryError(DeviceError):
    """The GPU has too little memory."""


class DeviceLostError(DeviceError):
    """This process can no longer use the GPU; salience does not fall back to the CPU then."""


class WorkerError(SalienceError, RuntimeError):
    """A worker process was killed or crashed."""


class LanguageWarning(UserWarning):
    """Texts are in another language or script than the model that reads them."""
