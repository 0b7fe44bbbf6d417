"""The engine on Dask: two workers, one of which is killed on the way."""

import os

import pytest

from salience.errors import MissingPackageError, RangeError
from spacy_salience.tables import add_columns

distributed = pytest.importorskip("distributed", reason="the extra salience[dask] is not installed")
pytest.importorskip("pyarrow", reason="the extra salience[tables] is not installed")


def test_a_cluster_of_its_own_whose_worker_dies(same_as_here):
    assert same_as_here(engine="dask", jobs=2), "Ctrl-C reaches the workers"


@pytest.fixture
def cluster():
    """Two workers in this process."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster


def test_a_cluster_by_its_address_and_by_the_client_of_the_process(run, rows, cluster):
    run(rows, "here")
    outcome = run(rows, "by_address", engine="dask", address=cluster.scheduler_address)
    assert outcome == (5, 1, 0, 0, 5, True)
    with distributed.Client(cluster) as client:
        assert run(rows, "by_client", engine="dask", chunk_size=1).now == 5
        assert client.status == "running", "the client of others was closed"


def test_the_partitions_of_a_data_frame(model_file, cluster, nlp):
    dataframe = pytest.importorskip("dask.dataframe")
    pandas = pytest.importorskip("pandas")
    texts = ["the cat", "a dog", None, "a warm house"]
    frame = dataframe.from_pandas(pandas.DataFrame({"text": texts}), npartitions=2)
    options = {"columns": "vector", "pipeline": str(model_file)}
    meta = add_columns(frame.head(0), **options)
    with distributed.Client(cluster):
        found = frame.map_partitions(add_columns, meta=meta, **options).compute()
    assert list(found.columns) == ["text", "vector"]
    assert [each is None for each in found["vector"]] == [False, False, True, False]
    assert found["vector"].iloc[3].tolist() == nlp("a warm house").vector.tolist()


def test_a_scheduler_that_is_not_there(run, rows):
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "200ms"}),
        pytest.raises(RangeError, match=r"address: .* tcp://127.0.0.1:9 cannot be reached"),
    ):
        run(rows, engine="dask", address="tcp://127.0.0.1:9")
    assert run(rows).now == 5, f"the folder is left as it can be gone on with ({os.listdir()})"


def test_it_needs_its_package(run, rows, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingPackageError, match=r"the engine dask needs .*salience\[dask\]"):
        run(rows, engine="dask")
