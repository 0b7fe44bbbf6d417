"""The engine on Ray: two workers, one of which is killed on the way."""

import pytest

from salience.errors import MissingPackageError, RangeError
from spacy_salience.tables import add_columns

pytest.importorskip("pyarrow", reason="the extra salience[tables] is not installed")


@pytest.fixture(scope="module")
def ray():
    return pytest.importorskip("ray", reason="the extra salience[ray] is not installed")


def test_a_cluster_of_its_own_whose_worker_dies(ray, same_as_here):
    same_as_here(engine="ray", jobs=2)
    assert not ray.is_initialized()


def test_the_cluster_of_the_process_and_the_batches_of_a_data_set(
    ray, run, rows, model_file, monkeypatch, nlp
):
    data = pytest.importorskip("ray.data")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        assert run(rows, engine="ray", chunk_size=1).now == 5
        assert ray.is_initialized(), "the cluster of others was left"
        options = {"pipeline": str(model_file)}
        for form in ("pyarrow", "pandas"):
            texts = data.from_items([{"text": "the cat"}, {"text": "a warm house"}])
            found = texts.map_batches(add_columns, batch_format=form, fn_kwargs=options).take_all()
            assert [row["text"] for row in found] == ["the cat", "a warm house"]
            assert list(found[0]["vector"]) == nlp("the cat").vector.tolist()
    finally:
        ray.shutdown()


def test_a_cluster_that_is_not_there(ray, run, rows):
    with pytest.raises(RangeError, match=r"address: expected that of a Ray cluster, .*127.0.0.1:9"):
        run(rows, engine="ray", address="127.0.0.1:9")


def test_it_needs_its_package(run, rows, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingPackageError, match=r"the engine ray needs .*salience\[ray\]"):
        run(rows, engine="ray")
