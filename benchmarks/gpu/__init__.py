"""What cuda_table and bench_cuda share: where rows run, what the rows are, who stands beside."""

from . import attention, encoder, lookups, recurrent, vectors

ROWS = {**recurrent.ROWS, **lookups.ROWS, **attention.ROWS, **vectors.ROWS, **encoder.ROWS}
"""By its name, what makes a row of a machine and a size."""
