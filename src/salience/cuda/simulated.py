"""Whether numba's simulator stands in for a GPU (NUMBA_ENABLE_CUDASIM=1)."""

from numba import config

SIMULATED = bool(config.ENABLE_CUDASIM)  # type: ignore[attr-defined]
