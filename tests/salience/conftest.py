import pytest

from salience import threads


@pytest.fixture
def fresh_threads(monkeypatch):
    """No number of threads asked for and no pool yet; what was comes back after."""
    monkeypatch.delenv(threads.ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.setattr(threads._State, "asked", None)
    monkeypatch.setattr(threads._State, "pool", None)
    yield threads
    if threads._State.pool is not None:
        threads._State.pool.shutdown()
