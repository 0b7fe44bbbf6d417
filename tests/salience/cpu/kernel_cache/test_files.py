"""Files of cached kernels are checked before they are unpickled."""

import os
import pickle
import shutil

import numba
import pytest

from salience.cpu.kernel_cache import trust as kernel_trust
from salience.cpu.kernel_cache.files import DIGEST_SIZE, CheckedFiles

from ...helpers import needs_speed, run_python
from ..test_jit import RESULT, cache, fresh_means  # noqa: F401  (a fixture)

KEY, DATA = ("a signature", "a processor"), {"machine": b"code" * 50}


class Bomb:
    """Whoever unpickles it is told."""

    def __reduce__(self):
        return pytest.fail, ("a file was unpickled unchecked",)


def files(folder, name="kernel-1.py311", owner="module.kernel"):
    return CheckedFiles(str(folder), name, owner)


@pytest.fixture
def kept(tmp_path):
    """A folder with an entry."""
    files(tmp_path).save(KEY, DATA)
    return tmp_path


def test_what_was_kept_is_found_by_its_key_and_by_no_other(kept):
    assert files(kept).load(KEY) == DATA
    assert files(kept).load(("a signature", "another processor")) is None
    assert files(kept, name="other-1.py311").load(KEY) is None
    assert sorted(path.suffix for path in kept.iterdir()) == [".nbc", ".nbi"]


def test_two_processors_have_an_entry_each(kept):
    files(kept).save("another", 2)
    files(kept).save("another", 3)
    assert (files(kept).load(KEY), files(kept).load("another")) == (DATA, 3)
    assert len(list(kept.iterdir())) == 3


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_no_flipped_bit_is_read(kept, suffix):
    (path,) = kept.glob(f"*{suffix}")
    content = path.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        assert files(kept).load(KEY) is None
    path.write_bytes(content)
    assert files(kept).load(KEY) == DATA


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("length", [0, 1, DIGEST_SIZE - 1, DIGEST_SIZE, DIGEST_SIZE + 1, -1])
def test_a_file_that_was_cut_is_written_anew(kept, suffix, length):
    (path,) = kept.glob(f"*{suffix}")
    path.write_bytes(path.read_bytes()[:length])
    assert files(kept).load(KEY) is None
    files(kept).save(KEY, DATA)
    assert files(kept).load(KEY) == DATA


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("before", [b"", bytes(DIGEST_SIZE), pickle.dumps(numba.__version__)])
def test_nothing_is_unpickled_before_it_was_checked(kept, suffix, before):
    (path,) = kept.glob(f"*{suffix}")
    path.write_bytes(before + pickle.dumps(Bomb()))
    assert files(kept).load(KEY) is None


@pytest.mark.parametrize("suffixes", [[".nbi"], [".nbc"], [".nbi", ".nbc"]])
@pytest.mark.parametrize(
    "other",
    [{"name": "other-1.py311"}, {"owner": "module.other"}, {"owner": "sources of yesterday"}],
    ids=str,
)
def test_files_of_another_kernel_are_not_read(tmp_path, suffixes, other):
    for folder, named in (("own", {}), ("other", other)):
        (tmp_path / folder).mkdir()
        files(tmp_path / folder, **named).save(KEY, folder)
    for suffix in suffixes:
        (own,), (theirs,) = ((tmp_path / f).glob(f"*{suffix}") for f in ("own", "other"))
        shutil.copy(theirs, own)
    assert files(tmp_path / "own").load(KEY) is None


def test_the_code_of_another_processor_is_not_read(kept):
    files(kept).save("another", "other code")
    one, two = (kept / f"kernel-1.py311.{number}.nbc" for number in (1, 2))
    shutil.copy(two, one)
    assert files(kept).load(KEY) is None
    files(kept).save(KEY, DATA)
    assert (files(kept).load(KEY), files(kept).load("another")) == (DATA, "other code")


def test_the_code_of_another_processor_under_the_same_name_is_not_read(kept):
    """As two processes leave it that save at once: both find the first name free."""
    (index,) = kept.glob("*.nbi")
    of_ours = index.read_bytes()
    for path in list(kept.iterdir()):
        path.unlink()
    files(kept).save("another", "other code")
    index.write_bytes(of_ours)
    assert files(kept).load(KEY) is None


def test_files_of_another_numba_are_not_read(kept, monkeypatch):
    monkeypatch.setattr(numba, "__version__", "0.0")
    assert files(kept).load(KEY) is None


def test_files_of_an_earlier_release_are_not_read(tmp_path):
    numba.core.caching.IndexDataCacheFile(str(tmp_path), "kernel-1.py311", None).save(KEY, Bomb())
    assert files(tmp_path).load(KEY) is None
    files(tmp_path).save(KEY, DATA)
    assert files(tmp_path).load(KEY) == DATA


def test_what_cannot_be_written_leaves_nothing_behind(kept):
    with pytest.raises(TypeError):
        files(kept).save(KEY, (each for each in ()))
    assert files(kept).load(KEY) == DATA
    assert len(list(kept.iterdir())) == 2


needs_rights = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such rights")


@needs_rights
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("mode", [0o666, 0o646])
def test_a_file_that_others_may_write_is_not_read(kept, suffix, mode, monkeypatch, caplog):
    monkeypatch.setattr(kernel_trust._State, "told", False)
    (path,) = kept.glob(f"*{suffix}")
    path.chmod(mode)
    for _ in range(2):
        assert files(kept).load(KEY) is None
    (said,) = [record.getMessage() for record in caplog.records]
    assert str(path) in said
    assert "can be written by every user" in said
    assert "NUMBA_CACHE_DIR" in said
    files(kept).save(KEY, DATA)
    assert files(kept).load(KEY) == DATA


@needs_rights
@pytest.mark.parametrize("umask", [0, 0o002, 0o077])
def test_what_we_write_we_read_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        files(tmp_path).save(KEY, DATA)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o022 for path in tmp_path.iterdir()} == {0}
    assert files(tmp_path).load(KEY) == DATA


@needs_speed
def test_a_kernel_with_a_flipped_bit_is_compiled_and_written_anew(cache):  # noqa: F811
    fresh_means()
    (path,) = cache.rglob("*.nbc")
    good = path.read_bytes()
    path.write_bytes(good[:-1000] + bytes([good[-1000] ^ 4]) + good[-999:])
    hits = []
    for _ in range(2):
        kernel, result = fresh_means()
        assert result == RESULT
        hits.append(sum(kernel._compiled.stats.cache_hits.values()))
    assert hits == [0, 1]


@needs_speed
def test_kernels_of_one_signature_that_were_exchanged_are_noticed(tmp_path):
    """Both entries are whole, and each is the other's: nothing but their names tells."""
    both = (
        "import numpy as np\n"
        "from salience.cpu.jit import F1, OUT1, kernel\n"
        "@kernel(F1, OUT1)\ndef one(x, y):\n    y[0] = 1\n"
        "@kernel(F1, OUT1)\ndef two(x, y):\n    y[0] = 2\n"
        "y = np.zeros(1, np.float32)\n"
        "one(y, y); print(int(y[0])); two(y, y); print(int(y[0]))\n"
        "print([sum(k.compile().stats.cache_hits.values()) for k in (one, two)])\n"
    )
    (tmp_path / "both.py").write_text(both)
    use = {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    use["NUMBA_CACHE_DIR"] = str(tmp_path / "cache")
    assert run_python("import both", **use).split("\n") == ["1", "2", "[0, 0]"]
    one, two = (list(tmp_path.rglob(f"both.{name}-*.nb*")) for name in ("one", "two"))
    for mine, theirs in zip(sorted(one), sorted(two), strict=True):
        assert mine.suffix == theirs.suffix
        mine.rename(tmp_path / "kept")
        theirs.rename(mine)
        (tmp_path / "kept").rename(theirs)
    for hits in ("[0, 0]", "[1, 1]"):
        assert run_python("import both", **use).split("\n") == ["1", "2", hits]
