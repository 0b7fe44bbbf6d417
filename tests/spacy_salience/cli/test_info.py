"""`salience info` and `salience warmup`."""

import ast
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import salience
from salience import threads
from salience.cpu.jit import kernels
from salience.cuda import faults
from salience.errors import DeviceError
from salience.model import pretrained
from salience.model.weights import load, save
from salience.testing import random_weights
from spacy_salience.cli import app, warmup
from spacy_salience.cli.warmup import all_kernels

from ...salience.helpers import needs_speed, run_python
from ...salience.test_hostile_places import HITS, READ_ONLY

RUN = "from spacy_salience.cli import app\napp(['{}'])"


def count_of_kernels():
    """How many kernels the package has; other tests of this process make some of their own."""
    return sum(kernel.name.startswith("salience.") for kernel in all_kernels())


ALL = """
from importlib import import_module
from pkgutil import walk_packages
import salience
from salience.cpu.jit import kernels
from spacy_salience.cli.warmup import all_kernels
known = {kernel.name for kernel in all_kernels()}
for module in walk_packages(salience.__path__, "salience."):
    if ".cuda" not in module.name:
        import_module(module.name)
print(sorted(kernel.name for kernel in kernels() if kernel.name not in known))
"""


def test_every_kernel_of_salience_is_known_without_its_module_being_imported():
    assert run_python(ALL) == "[]"


def output(*args):
    result = CliRunner().invoke(app, list(args))
    assert result.exit_code == 0, result.output
    return result.output


def test_info_names_versions_device_threads_cache_and_models():
    found = json.loads(output("info", "--json"))
    assert list(found) == ["versions", "device", "gpu", "threads", "cache", "models"]
    assert found["versions"]["numpy"] == np.__version__
    assert set(found["versions"]) >= {"salience", "spacy", "thinc", "numba", "llvmlite", "python"}
    assert found["device"]["kind"] == "cpu"
    assert found["cache"]["kernels"] == len(kernels()) >= 20
    assert 0 <= found["cache"]["entries"] <= len(kernels())
    assert [model["name"] for model in found["models"]] == pretrained.names()
    for model in found["models"]:
        assert model["sha256"] == pretrained.load(model["name"]).digest()
        assert model["language"] == pretrained.load(model["name"]).language
        assert model["bytes"] == pretrained.file_of(model["name"]).stat().st_size


def test_info_says_the_same_to_people():
    found, text = json.loads(output("info", "--json")), output("info")
    for name, version in found["versions"].items():
        assert re.search(rf"^{name} +{re.escape(version)}$", text, re.MULTILINE)
    for said in (found["device"]["name"], found["cache"]["folder"], found["models"][0]["sha256"]):
        assert said in text


def test_info_says_each_models_language(tmp_path, monkeypatch):
    def named(language):
        monkeypatch.setattr(pretrained, "names", lambda: ["mine"])
        weights = random_weights(["the", "cat"])
        path = tmp_path / f"{language}.safetensors"
        save(weights.made_for(language) if language else weights, path)
        monkeypatch.setattr(pretrained, "file_of", lambda _: path)
        monkeypatch.setattr(pretrained, "load", lambda _: load(path))
        return output("info")

    assert re.search(r"^model +mine, language zh, ", named("zh"), re.MULTILINE)
    assert re.search(r"^model +mine, language not stated, ", named(None), re.MULTILINE)


def test_info_says_whether_there_is_a_gpu_and_why_not(monkeypatch):
    monkeypatch.setattr(faults, "why_not", lambda: "there is none; look for it")
    assert json.loads(output("info", "--json"))["gpu"] == {
        "usable": False,
        "detail": "there is none; look for it",
    }
    assert re.search(r"^gpu +none: there is none; look for it$", output("info"), re.MULTILINE)
    monkeypatch.setattr(faults, "why_not", lambda: None)
    monkeypatch.setattr(faults, "describe", lambda: "A Card (its driver is for CUDA 12.4)")
    assert re.search(r"^gpu +A Card \(its driver is for CUDA 12.4\)$", output("info"), re.MULTILINE)


def test_info_says_where_the_number_of_threads_is_from(fresh_count, monkeypatch):
    assert json.loads(output("info", "--json"))["threads"]["from"] == "usable cores"
    monkeypatch.setenv(threads.ENVIRONMENT_VARIABLE, "3")
    assert json.loads(output("info", "--json"))["threads"] == {
        "count": 3,
        "from": threads.ENVIRONMENT_VARIABLE,
    }


@pytest.fixture
def fresh_count(monkeypatch):
    monkeypatch.delenv(threads.ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.setattr(threads._State, "asked", None)


def test_info_without_fma():
    script = RUN.replace("'{}'", "'info', '--json'")
    device = json.loads(run_python(script, NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES=""))
    assert device["device"]["name"] == "generic"


def test_info_where_nothing_can_be_cached():
    found = json.loads(run_python(READ_ONLY + RUN.replace("'{}'", "'info', '--json'")))
    assert found["cache"] == {
        "folder": None,
        "writable": False,
        "entries": 0,
        "kernels": count_of_kernels(),
    }


@needs_speed
def test_kernels_beside_a_package_that_cannot_be_written_are_counted(tmp_path):
    leave = shutil.ignore_patterns("__pycache__", "en_small")
    shutil.copytree(Path(salience.__file__).parent, tmp_path / "salience", ignore=leave)
    where = {"NUMBA_CACHE_DIR": "", "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path / "home")}
    run_python(HITS, **where)
    script = READ_ONLY + "from spacy_salience.cli.info import cache\nprint(cache())"
    found = ast.literal_eval(run_python(script, **where))
    assert found["entries"] == 1
    assert not found["writable"]
    assert found["folder"] == str(tmp_path / "salience" / "ops" / "embedding" / "__pycache__")


def test_commands_print_in_any_locale():
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONWARNINGS": ""}
    assert "kernel cache" in run_python(RUN.format("info"), **plain)


ONE = """
import sys
from salience.ops.embedding.cpu import bag_means
from spacy_salience.cli import warmup, app
warmup.all_kernels = lambda: [bag_means]  # all of them would need half a minute
sys.stderr, sys.argv = sys.stdout, ["salience", "warmup"]
try:
    app()
except SystemExit as end:
    print("status", end.code)
"""


@needs_speed
def test_warmup_says_that_the_cache_cannot_be_written(tmp_path):
    compiled, count, lost, status = run_python(READ_ONLY + ONE).split("\n")
    assert compiled == "compiled salience.ops.embedding.cpu.bag_means"
    assert count.startswith("1 kernels compiled, 0 were in the cache already")
    assert lost.startswith("salience: warmup: 1 of 1 compiled kernels could not be kept")
    assert status == "status 1"


@needs_speed
def test_warmup_compiles_once(tmp_path):
    for count in (1, 0):
        *_, said, status = run_python(ONE, NUMBA_CACHE_DIR=str(tmp_path)).split("\n")
        assert said.startswith(f"{count} kernels compiled, {1 - count} were in the cache already")
        assert status == "status 0"


AFTER = """
import numpy as np, spacy
from salience import ops
from salience.errors import DeviceError
from salience.cpu.jit import kernels
from salience.testing import random_weights
from salience.model.weights import load, save
from spacy.tokens import Doc
nlp = spacy.blank("en")
nlp.add_pipe("salience", name="frozen")
doc = nlp("The harbour froze, and no ship could leave.")
doc.similarity(doc)
ops.cosine_matrix(doc.tensor, doc.tensor), ops.cosine_top_k(doc.tensor, doc.tensor, 3)
nlp.add_pipe("salience", config={"model": {"@architectures": "salience.Encoder.v1"}})
nlp.initialize()
model = nlp.get_pipe("salience").model
vectors, backprop = model.begin_update([nlp.make_doc("The harbour froze.")])
backprop([np.ones_like(each) for each in vectors])
nlp("No ship could leave.")
used = [kernel for kernel in kernels() if kernel._compiled is not None]
new = [kernel.name for kernel in used if not sum(kernel.compile().stats.cache_hits.values())]
print(len(used), new)
"""


@needs_speed
@pytest.mark.timeout(600)
def test_after_warmup_no_process_compiles():
    said = run_python(RUN.format("warmup"), timeout=500).split("\n")[-1]
    count = count_of_kernels()
    compiled, cached = map(int, re.findall(r"(\d+) (?:kernels|were)", said))
    assert compiled + cached == count
    assert run_python(RUN.format("warmup")).startswith(f"0 kernels compiled, {count} were in")
    used, new = run_python(AFTER).split(" ", 1)
    assert int(used) > 12
    assert new == "[]"


GPU = """
import sys
from types import SimpleNamespace
from salience.cuda import faults
from spacy_salience.cli import warmup, app
faults.require = lambda: None
done = []
class Known:
    name = "known"
    def compile(self):
        done.append(self.name)
        return SimpleNamespace(stats=SimpleNamespace(cache_hits={"": HITS}, cache_path=PATH))
from salience.cuda import jit
names = [kernel.name for kernel in warmup.all_for_gpu()]
assert any(name.startswith("salience.ops.cosine.cuda") for name in names), names
assert any(name.startswith("salience.cuda.products") for name in names), names
jit.kernels = lambda: [Known()]
sys.stderr, sys.argv = sys.stdout, ["salience", "warmup", "--device", "cuda"]
try:
    app()
except SystemExit as end:
    print("status", end.code)
"""


def gpu_warmup(hits, path):
    script = GPU.replace("HITS", str(hits)).replace("PATH", repr(path))
    return run_python(script).split("\n")


def test_warmup_compiles_for_the_gpu_too():
    pytest.importorskip("numba_cuda", reason="the extra salience[cuda] is not installed")
    compiled, said, status = gpu_warmup(0, "somewhere")
    assert compiled == "compiled known"
    assert said.startswith("1 kernels compiled, 0 were in the cache already")
    assert status == "status 0"
    assert gpu_warmup(1, "somewhere")[0].startswith("0 kernels compiled, 1 were in the cache")
    assert "1 of 1 compiled kernels could not be kept" in gpu_warmup(0, None)[2]


def test_warmup_for_a_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(faults._State, "owner", None)
    monkeypatch.setattr(faults, "why_not", lambda: "there is none; look for it")
    with pytest.raises(DeviceError, match="there is none; look for it"):
        warmup.warmup("cuda")
    assert CliRunner().invoke(app, ["warmup", "--device", "cuda"]).exit_code == 1
