"""Runs peers.py for a data set, and keeps what came out."""

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections import ChainMap

import numpy as np

import data

HERE = data.ROOT / "bench"


@contextlib.contextmanager
def turn():
    """One timed job at a time on a machine that others use: they lock the file that BENCH_LOCK names."""
    path = os.environ.get("BENCH_LOCK")
    with open(path, "w") if path else contextlib.nullcontext() as f:
        if path:
            fcntl.flock(f, fcntl.LOCK_EX)
        yield


def files(name, jitter=None):
    """Paths of a data set's rows and of its PCA start, for programs that read files."""
    d, stem = data.BUILD / "bench" / "input", name.replace("/", "-")
    x, y0 = d / f"{stem}.npy", d / (f"{stem}-start.npy" if jitter is None else f"{stem}-start-{jitter}.npy")
    if not y0.exists():
        d.mkdir(parents=True, exist_ok=True)
        X, _ = data.load(name)
        np.save(x, X)
        np.save(y0, data.pca_start(X, jitter))
    return x, y0


def command(peer, name, out, start="pca", jitter=None, **options):
    x, y0 = files(name, jitter)
    cmd = [sys.executable, str(HERE / "peers.py"), peer, "--x", str(x), "--out", str(out)]
    if start == "pca":
        cmd += ["--init", str(y0)]
    for k, v in options.items():
        flag = "--" + k.replace("_", "-")
        if v is False and k == "stamps":
            cmd.append("--no-stamps")
        elif v is True:
            cmd.append(flag)
        elif isinstance(v, (list, tuple)):
            cmd += [flag, *map(str, v)]
        else:
            cmd += [flag, str(v)]
    return cmd


def run(peer, name, out, timeout=None, **options):
    """One job; returns the peer's report, or {'peer', 'error'}."""
    return report(peer, command(peer, name, out, **options), timeout)


def report(peer, cmd, timeout=None):
    """What a command prints, lines of JSON, as one; or {'peer', 'error'}."""
    try:
        with turn():
            p = subprocess.run(cmd, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"peer": peer, "error": f"over {timeout:.0f} s"}
    if p.returncode:
        return {"peer": peer, "error": (p.stderr.strip().splitlines() or ["exit %d" % p.returncode])[-1]}
    return dict(ChainMap(*(json.loads(line) for line in p.stdout.splitlines() if line.startswith("{"))))


def cached(peer, name, folder, **options):
    """As run, but keeps the map and the report in folder. Returns map, report."""
    key = hashlib.sha256(json.dumps([name, options], sort_keys=True).encode()).hexdigest()[:10]
    stem = folder / f"{peer}-{name.replace('/', '-')}-{key}"
    if not stem.with_suffix(".json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        r = run(peer, name, stem.with_suffix(".npy"), **options)
        if "error" in r:
            raise RuntimeError(f"{peer} on {name}: {r['error']}")
        tmp = stem.with_suffix(f".{os.getpid()}.tmp")
        tmp.write_text(json.dumps({**r, "data": name, "options": options}))
        tmp.rename(stem.with_suffix(".json"))
    return np.load(stem.with_suffix(".npy")), json.loads(stem.with_suffix(".json").read_text())
