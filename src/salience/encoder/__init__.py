"""Running a frozen encoder fast, on the CPU and on the GPU."""

from .encoder import Encoder

__all__ = ["Encoder"]
