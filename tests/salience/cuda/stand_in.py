"""A stand-in for CuPy where there is no GPU: its arrays mix with NumPy's no more than CuPy's do.

Numbers are in the host's memory, where numba's simulator computes. There is what
thinc's CupyOps and salience call, and no more. Where CuPy would answer a function
of NumPy (numpy.zeros_like), this refuses: code should ask the ops for their own.
"""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
from numba import cuda
from thinc.api import NumpyOps

OPERATORS = "add sub mul truediv floordiv mod pow matmul and or xor".split()
COMPARISONS = "lt le gt ge eq ne".split()
METHODS = (
    "sum mean var std max min argmax argmin all any reshape ravel transpose squeeze dot astype"
).split()
PROPERTIES = "shape dtype size ndim strides nbytes flags itemsize".split()
FUNCTIONS = (
    "zeros ones full eye fill_diagonal zeros_like ones_like arange linspace concatenate stack "
    "vstack hstack repeat exp log sqrt tanh abs sum mean max min maximum minimum clip where dot "
    "isnan isfinite ascontiguousarray any all argmax nonzero flatnonzero tile cumsum"
).split()


class ndarray:  # noqa: N801 (its name in CuPy)
    """An array on a GPU that is not there."""

    __module__ = "cupy"
    __array_ufunc__ = None

    def __init__(self, held):
        self._held = held

    @property
    def __cuda_array_interface__(self):
        held = self._held
        return {
            "shape": held.shape, "typestr": held.dtype.str, "descr": held.dtype.descr,
            "data": (held.ctypes.data if held.size else 0, False), "version": 3,
            "strides": None if held.flags.c_contiguous else held.strides,
        }  # fmt: skip

    def __array__(self, *given, **named):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to "
            "construct a NumPy array explicitly."
        )

    def get(self):
        return self._held.copy()

    def item(self):
        return self._held.item()

    def tolist(self):
        return self._held.tolist()

    def copy(self):
        return ndarray(self._held.copy())

    def fill(self, value):
        self._held.fill(bare(value))

    @property
    def T(self):
        return ndarray(self._held.T)

    def __getitem__(self, place):
        return kept(self._held[bare(place)])

    def __setitem__(self, place, value):
        self._held[bare(place)] = bare(value)

    def __len__(self):
        return len(self._held)

    def __iter__(self):
        return map(kept, self._held)

    def __repr__(self):
        return f"stand_in.{self._held!r}"

    def __neg__(self):
        return ndarray(-self._held)

    def __invert__(self):
        return ndarray(~self._held)

    def __bool__(self):
        return bool(self._held)

    def __float__(self):
        return float(self._held)

    def __int__(self):
        return int(self._held)

    __hash__ = None


def bare(value):
    """What NumPy computes with in an array's place; NumPy's own arrays are refused."""
    if isinstance(value, ndarray):
        return value._held
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, (list, tuple)):
        return type(value)(map(bare, value))
    return value


def kept(result):
    """A result of NumPy as the stand-in's: a single number too is an array."""
    if isinstance(result, (list, tuple)):
        return type(result)(map(kept, result))
    return ndarray(np.asarray(result))


def _calling(function):
    def call(*given, **named):
        return kept(function(*bare(given), **{name: bare(value) for name, value in named.items()}))

    return call


def _in_place(name):
    def change(self, other):
        getattr(self._held, name)(bare(other))
        return self

    return change


for _name in [*OPERATORS, *COMPARISONS]:
    setattr(ndarray, f"__{_name}__", _calling(getattr(np.ndarray, f"__{_name}__")))
for _name in OPERATORS:
    setattr(ndarray, f"__r{_name}__", _calling(getattr(np.ndarray, f"__r{_name}__")))
    setattr(ndarray, f"__i{_name}__", _in_place(f"__i{_name}__"))
for _name in METHODS:
    setattr(ndarray, _name, _calling(getattr(np.ndarray, _name)))
for _name in PROPERTIES:
    setattr(ndarray, _name, property(lambda self, name=_name: getattr(self._held, name)))


def array(data, dtype=None, copy=True):
    """From anywhere: copied, as to a GPU."""
    return ndarray(np.array(asarray(data)._held, dtype=dtype))


def asarray(data, dtype=None):
    """The array as it is, numba's over the same memory, and all else copied."""
    if isinstance(data, (list, tuple)) and any(isinstance(part, ndarray) for part in data):
        data = [bare(part) for part in data]
    if isinstance(data, ndarray):
        return data if dtype in (None, data.dtype) else data.astype(dtype)
    if hasattr(data, "__cuda_ndarray__"):
        return ndarray(data._ary)
    return ndarray(np.array(data, dtype=dtype))


def empty(shape, dtype=np.float32):
    """Memory as it comes: NaN, or a huge index."""
    held = np.empty(shape, dtype)
    held.fill(np.nan if held.dtype.kind == "f" else 2**40 if held.dtype.itemsize == 8 else 1)
    return ndarray(held)


def empty_like(of):
    return empty(of.shape, of.dtype)


def as_cuda_array(given, sync=True):
    """numba's view of an array, by its address alone, which the simulator does not know."""
    told = given.__cuda_array_interface__
    if 0 in told["shape"]:
        return cuda.device_array(told["shape"], np.dtype(told["typestr"]))
    owner = SimpleNamespace(__array_interface__=told, of=given)
    return cuda.cudadrv.devicearray.FakeCUDAArray(np.asarray(owner))


def split(array, ends, axis=0):
    """The ends may be NumPy's: they are read on the host."""
    return kept(np.split(bare(array), list(ends), axis))


class Device:
    """The only one."""

    def __init__(self, number):
        self.id = number

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None


def _adam(gradient, rate, one_minus_b1, one_minus_b2, eps, weights, mom1, mom2):
    mom1 += one_minus_b1 * (gradient - mom1)
    mom2 += one_minus_b2 * (gradient * gradient - mom2)
    weights -= rate * mom1 / (cupy.sqrt(mom2) + eps)


def _reduce_mean(x, lengths):
    return ndarray(NumpyOps().reduce_mean(bare(x), bare(lengths)))


def _norm(x):
    return kept(np.linalg.norm(bare(x)))


_KERNELS = SimpleNamespace(reduce_mean=_reduce_mean)

cupy = ModuleType("cupy")
for _name in FUNCTIONS:
    setattr(cupy, _name, _calling(getattr(np, _name)))
for _each in (ndarray, array, asarray, empty, empty_like, split):
    setattr(cupy, _each.__name__, _each)
cupy.float32, cupy.int64 = np.float32, np.int64
cupy.random = SimpleNamespace(
    uniform=_calling(np.random.uniform), normal=_calling(np.random.normal)
)
cupy.linalg = SimpleNamespace(norm=_norm)
cupy.cublas = SimpleNamespace(nrm2=_norm)
cupy.cuda = ModuleType("cupy.cuda")
cupy.cuda.get_current_stream = lambda: SimpleNamespace(ptr=0)
cupy.cuda.device = ModuleType("cupy.cuda.device")
cupy.cuda.device.Device = Device


def install(monkeypatch):
    """Let thinc, numba and salience find this in CuPy's place, until the patch is undone."""
    from thinc import util
    from thinc.backends import CupyOps, cupy_ops

    for module in (cupy, cupy.cuda, cupy.cuda.device):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for place, name, value in (
        (util, "cupy", cupy), (util, "has_cupy", True),
        (cupy_ops, "cupy", cupy), (cupy_ops, "cublas", cupy.cublas),
        (cupy_ops, "adam_kernel", _adam), (cupy_ops, "_custom_kernels", _KERNELS),
        (CupyOps, "xp", cupy), (cuda, "as_cuda_array", as_cuda_array),
    ):  # fmt: skip
        monkeypatch.setattr(place, name, value, raising=False)
