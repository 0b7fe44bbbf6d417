"""`salience info`: versions, processor, threads, kernel cache and models, for a report."""

import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import llvmlite.binding as llvm
from numba import config
from typer import Option

from salience import __version__, get_num_threads
from salience.cpu.jit import Kernel
from salience.cuda import faults
from salience.model import pretrained
from salience.threads import decided_by

from ..pictures.labels import harmless
from .warmup import all_kernels

DEPENDENCIES = ("spacy", "thinc", "numba", "llvmlite", "numpy")

AsJson = Annotated[bool, Option("--json", help="Print one JSON object.")]


def info(as_json: AsJson = False) -> None:
    """Print versions, processor, threads, the state of the kernel cache and the models."""
    found = {
        "versions": versions(),
        "device": device(),
        "gpu": gpu(),
        "threads": threads(),
        "cache": cache(),
        "models": [model(name) for name in pretrained.names()],
    }
    print(json.dumps(found, indent=2) if as_json else "\n".join(lines(found)))


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    others = {name: metadata.version(name) for name in DEPENDENCIES}
    return {"salience": __version__, **others, "python": platform.python_version()}


def device() -> dict[str, Any]:
    """Return the processor that kernels are compiled for."""
    features = llvm.get_host_cpu_features()
    if config.CPU_NAME is not None:  # type: ignore[attr-defined]
        asked = (config.CPU_FEATURES or "").split(",")  # type: ignore[attr-defined]
        features = {name[1:]: name.startswith("+") for name in asked}
    arm = platform.machine().lower() in ("aarch64", "arm64")  # where it is never missing
    name = config.CPU_NAME or llvm.get_host_cpu_name()  # type: ignore[attr-defined]
    return {"kind": "cpu", "name": name, "fma": arm or bool(features.get("fma"))}


def gpu() -> dict[str, Any]:
    """Return whether a GPU can be used, and what it is or why not."""
    reason = faults.why_not()
    return {"usable": reason is None, "detail": reason or faults.describe()}


def threads() -> dict[str, Any]:
    """Return how many threads share a batch, and what decided it."""
    return {"count": get_num_threads(), "from": decided_by()}


def cache() -> dict[str, Any]:
    """Return the folder of compiled kernels, whether it is writable, and how many it has."""
    kernels = all_kernels()
    caches = [kernel.cache() for kernel in kernels]
    written = [None if cache is None else str(cache.cache_path) for cache in caches]
    kept = [
        [folder for folder in places if folder and has_entry(kernel, folder)]
        for kernel, *places in zip(kernels, written, map(Kernel.beside, kernels), strict=True)
    ]
    folders = [folder for folder in written if folder] or [
        folder for found in kept for folder in found
    ]
    return {
        "folder": os.path.commonpath(folders) if folders else None,
        "writable": all(written),
        "entries": sum(map(bool, kept)),
        "kernels": len(kernels),
    }


def has_entry(kernel: Kernel, folder: str) -> bool:
    """Say whether this folder has a cache entry of the kernel, up to date or stale."""
    name = ".".join(kernel.name.split(".")[-2:])  # the file's and the function's
    return any(Path(folder).glob(f"{name}-*.nbi"))


def model(name: str) -> dict[str, Any]:
    """Return an embedded model's name, language, size and digest."""
    weights, size = pretrained.load(name), pretrained.file_of(name).stat().st_size
    return {
        "name": name, "language": weights.language, "bytes": size, "sha256": weights.digest(),
    }  # fmt: skip


def lines(found: dict[str, Any]) -> list[str]:
    """Return the report as lines of text."""
    device, threads, cache = found["device"], found["threads"], found["cache"]
    kept = cache["folder"] or "nowhere"
    rows = [
        *found["versions"].items(),
        ("device", f"{device['kind']}, {device['name']}, {'with' if device['fma'] else 'no'} FMA"),
        ("gpu", ("" if found["gpu"]["usable"] else "none: ") + found["gpu"]["detail"]),
        ("threads", f"{threads['count']} ({threads['from']})"),
        ("kernel cache", f"{kept}, {'' if cache['writable'] else 'not '}writable"),
        ("cached kernels", f"{cache['entries']} of {cache['kernels']}"),
        *(
            (
                "model",
                f"{each['name']}, language {each['language'] or 'not stated'}, "
                f"{each['bytes'] / 1e6:.1f} MB, SHA-256 {each['sha256']}",
            )
            for each in found["models"]
        ),
    ]
    return [f"{name:<16}{harmless(value)}" for name, value in rows]
