"""Tables in, the same kind of table out: pandas, polars, pyarrow, and dicts of lists.

`add_columns` is what `salience run` does to files, as a function on a table. Dask, Ray,
Hugging Face's datasets and Spark call such a function on the pieces of theirs.
"""

from .add_columns import add_columns

__all__ = ["add_columns"]
