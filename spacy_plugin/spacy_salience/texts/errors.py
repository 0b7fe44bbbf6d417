"""What a file that cannot be read raises."""

from salience.errors import SalienceError


class FileError(SalienceError, ValueError):
    """A file of texts cannot be read as what its name says."""
