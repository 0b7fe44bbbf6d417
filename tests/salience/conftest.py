import pytest
from hypothesis import settings

from salience import threads

# A first example may compile a kernel, so no deadline; no database, so that
# a run leaves nothing behind and depends on nothing.
settings.register_profile("salience", max_examples=25, deadline=None, database=None)
settings.load_profile("salience")


@pytest.fixture
def fresh_threads(monkeypatch):
    """No number of threads asked for and no pool yet; what was comes back after."""
    monkeypatch.delenv(threads.ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.setattr(threads._State, "asked", None)
    monkeypatch.setattr(threads._State, "pool", None)
    yield threads
    if threads._State.pool is not None:
        threads._State.pool.shutdown()
