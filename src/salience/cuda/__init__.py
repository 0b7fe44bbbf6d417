"""The GPU: what is compiled for it, where arrays live, and what can go wrong.

Nothing here is imported before a GPU is asked for, or an array that lives on
one is given. Under NUMBA_ENABLE_CUDASIM=1, numba's simulator runs the same
kernels as plain Python.
"""
