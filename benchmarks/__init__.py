"""Benchmarks for asv; see README.md."""

import os

# A peer that quietly uses every core is no peer of an op on one thread. BLAS
# reads these once, when NumPy is imported, and asv's runner imports NumPy
# before any benchmark. So asv.conf.json names this package as a plugin: asv
# itself imports it first, and its runners inherit the environment.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
