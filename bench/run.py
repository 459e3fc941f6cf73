"""Measures libtsne and the other programs interleaved in one run: ./build.sh bench [ARGS]

Every program gets the same float32 rows, PCA start (where it takes one), perplexity, iterations, learning rate n/12
and momentum, runs in a process of its own, and is judged by one evaluator (evaluate.py). libtsne runs after
every other program, at its defaults and with what they are given, so that a change in the machine's mood shows; medians are reported. What is not installed is left out and named.
Results go to build/bench/results.json, docs/benchmarks.md and docs/kernels.md.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import data
import jobs
import run_report
from plan import AT_SCALE, FEWER, OFTEN, OURS, OURS_AT_SCALE, PEERS, SLOW, TITLES

RESULTS = data.BUILD / "bench" / "results.json"
MAPS = data.BUILD / "bench" / "maps"


def missing(adapter):
    """Why a program cannot run here, or None."""
    if adapter == "fitsne":
        return None if os.environ.get("FITSNE_BIN") else "FITSNE_BIN names no program"
    if adapter == "rtsne":
        ok = shutil.which("Rscript") and not subprocess.run(["Rscript", "-e", "library(Rtsne)"], capture_output=True).returncode
        return None if ok else "R or its package Rtsne is not installed"
    module = {"opentsne": "openTSNE", "intelex": "sklearnex", "sklearn": "sklearn", "scranpy": "scranpy", "umap": "umap"}.get(adapter)
    if module and subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode:
        return f"Python package {module} is not installed"
    return None


def load():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {"runs": {}, "growth": [], "kernels": [], "left_out": {}}


def save(results):
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))


def one(label, adapter, options, name, out, threads, limit):
    t0 = time.time()
    r = jobs.run(adapter, name, out, timeout=limit, threads=threads, **options)
    r["label"] = label
    print(f"{time.strftime('%H:%M:%S')}  {name:12} {label:34} " + (r.get("error") or f"{r['seconds']:8.2f} s  peak {r['peak_mib']:6.0f} MiB"), flush=True)
    r["wall"] = time.time() - t0
    return r


def compare(name, args, results):
    """All programs on one data set, libtsne after each."""
    MAPS.mkdir(parents=True, exist_ok=True)
    rows = []

    def take(label, adapter, options):
        stem = re.sub(r"\W+", "-", f"{name}-{label}")
        rows.append({**one(label, adapter, options, name, MAPS / f"{stem}.npy", args.threads, args.limit), "map": f"{stem}.npy"})

    often, once = list(OURS)[:OFTEN], list(OURS)[OFTEN:]
    for _ in range(args.rounds):
        for label in PEERS:
            adapter = PEERS[label][0]
            if (args.peers is not None and adapter not in args.peers) or (not args.slow and label in SLOW.get(name, ())):
                continue
            if why := missing(adapter):
                results["left_out"][label] = why
                continue
            for who in (label, *often):
                take(who, *(PEERS | OURS)[who])
        for label in once if rows else OURS:
            take(label, *OURS[label])
    results["runs"][name] = dict(rows=rows, date=datetime.date.today().isoformat(), threads=args.threads, machine=machine())
    save(results)


def judge(name, results):
    from evaluate import Evaluator
    if name.startswith("cells"):
        return
    e, seen = Evaluator(name), {}
    for r in results["runs"][name]["rows"]:
        if "error" in r:
            continue
        if r["map"] not in seen:
            seen[r["map"]] = e(np.load(MAPS / r["map"]), with_kl=r["peer"] != "umap")
        r["quality"] = seen[r["map"]]
    save(results)


def fewer(name, args, results):
    """Maps of fewer iterations, each judged like the others."""
    from evaluate import Evaluator
    e, rows = Evaluator(name), []
    for late in FEWER:
        out = MAPS / f"{name}-fewer-{late}.npy"
        r = one(f"250 + {late}", "libtsne", {"learning_rate": "auto", "late": late}, name, out, args.threads, args.limit)
        rows.append({**r, "late": late, "quality": e(np.load(out))})
    results.setdefault("fewer", {})[name] = rows
    save(results)


def scale(args, results):
    """Whole jobs at one and two million rows, and beside them some iterations of others at one million."""
    MAPS.mkdir(parents=True, exist_ok=True)
    found = results.setdefault("scale", {"ours": {}, "peers": {}})
    for label, (adapter, options) in AT_SCALE.items():
        if args.peers is not None and adapter not in args.peers:
            continue
        if missing(adapter) is None:
            r = one(label, adapter, options, "cells1000000", MAPS / "cells.npy", args.threads, args.limit)
            found["peers"][label] = {**r, "iterations": options["early"], "date": datetime.date.today().isoformat()}
            save(results)
    for label, (n, options) in OURS_AT_SCALE.items():
        cmd = [sys.executable, str(data.ROOT / "bench" / "scale.py"), str(n), "--threads", str(args.threads), "--out", str(MAPS / f"cells{n}.npy")]
        r = jobs.report("libtsne", cmd + options, args.limit)
        print(r, flush=True)
        found["ours"][label] = {**r, "date": datetime.date.today().isoformat(), "machine": machine()}
        save(results)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    memory = int(next(line for line in open("/proc/meminfo") if line.startswith("MemTotal")).split()[1]) / 2**20
    return f"{model}, {len(os.sched_getaffinity(0))} threads, {memory:.0f} GiB, {platform.system()}"


def growth(args, results):
    """How libtsne's cost grows with rows, columns and threads."""
    import engine
    rows = []
    full = data.cells(max(args.sizes))[0]

    def measure(kind, X, threads, at):
        m = {}
        with jobs.turn():
            _, _, seconds, stamps = engine.fit(X, threads=threads, init="pca")
        for stage, i, t in stamps:
            m.setdefault(stage, []).append((i, t))
        last = {k: v[-1][1] for k, v in m.items()}
        it = [v for v in m.get("optimize", []) if v[0] > 0]
        row = dict(kind=kind, at=at, n=len(X), d=X.shape[1], threads=threads, seconds=seconds, neighbors=last.get("neighbors"),
                   optimize=seconds - max(last.get("affinities", 0), last.get("init", 0)),
                   late=(it[-1][1] - it[-3][1]) / (it[-1][0] - it[-3][0]) * 1e3 if len(it) > 3 else None)
        rows.append(row)
        print(row, flush=True)
    for n in args.sizes:
        measure("rows", full[:n], args.threads, n)
    for d in (2, 10, 50, 200, 784):
        measure("columns", data.cells(30000, d)[0], args.threads, d)
    for t in (1, 2):
        measure("threads", full[:min(70000, max(args.sizes))], t, t)
    results["growth"] = rows
    save(results)


def bounds():
    """What the machine can do on one and on two cores: multiply-adds as BLAS reaches them, and bytes read and written by copying."""
    from threadpoolctl import threadpool_limits
    r = np.random.default_rng(0)
    a, b = (r.standard_normal((3072, 3072), np.float32) for _ in range(2))
    source, target = np.zeros(1 << 28, np.uint8), np.zeros(1 << 28, np.uint8)

    def best(job, times=5):
        seconds = []
        for _ in range(times):
            t0 = time.perf_counter()
            job()
            seconds.append(time.perf_counter() - t0)
        return min(seconds)
    out = []
    for cores in (1, 2):
        parts = list(zip(np.array_split(source, cores), np.array_split(target, cores)))
        with ThreadPoolExecutor(cores) as pool, threadpool_limits(cores):
            copy = best(lambda: list(pool.map(lambda p: np.copyto(p[1], p[0]), parts)))
            out.append({"cores": cores, "GFLOP/s": 2 * 3072**3 / best(lambda: a @ b) / 1e9, "GB/s": 2 * len(source) / copy / 1e9})
    return out


def kernels(results):
    """go test -bench of every package: name, ns an operation, and the rates it reports."""
    with jobs.turn():
        p = subprocess.run([os.environ.get("GO", "go"), "test", "-p", "1", "-run", "^$", "-bench", ".", "-benchtime", "300ms",
                            "./tsne/internal/..."], capture_output=True, text=True, cwd=data.ROOT)
        results["bounds"] = bounds()
    rows, package = [], ""
    for line in p.stdout.splitlines():
        if line.startswith("pkg:"):
            package = line.rsplit("/", 1)[-1]
        elif line.startswith("Benchmark"):
            parts = line.split()
            values = {parts[i + 1]: float(parts[i]) for i in range(2, len(parts) - 1, 2)}
            rows.append(dict(package=package, name=re.sub(r"-\d+$", "", parts[0])[9:], **values))
    results["kernels"], results["kernels_made"] = rows, dict(date=datetime.date.today().isoformat(), machine=machine())
    save(results)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--data", nargs="*", default=["digits", "mnist10k", "mnist70k", "mnist784"], help=f"of {', '.join(TITLES)}")
    a.add_argument("--peers", nargs="*", help="adapters of peers.py to run; all without it")
    a.add_argument("--rounds", type=int, default=1)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--limit", type=float, default=1200, help="seconds a job may take")
    a.add_argument("--slow", action="store_true", help="also the programs that take over five minutes on a data set")
    a.add_argument("--growth", action="store_true", help="how the cost grows; with --data and no name, only what the other flags name")
    a.add_argument("--sizes", type=int, nargs="*", default=[1000, 3000, 10000, 30000, 70000, 200000, 500000, 1000000])
    a.add_argument("--fewer", action="store_true", help="also how few iterations give a map as good as FIt-SNE's")
    a.add_argument("--scale", action="store_true", help="one and two million rows")
    a.add_argument("--kernels", action="store_true", help="go test -bench")
    a.add_argument("--report", action="store_true", help="only write docs/benchmarks.md from the results that are there")
    args = a.parse_args()
    results = load()
    if not args.report:
        for name in args.data:
            try:
                jobs.files(name)
            except data.Missing as e:
                print(e)
                continue
            compare(name, args, results)
        for name in args.data:
            if name in results["runs"]:
                judge(name, results)
                if args.fewer:
                    fewer(name, args, results)
        if args.kernels:
            kernels(results)
        if args.growth:
            growth(args, results)
        if args.scale:
            scale(args, results)
    run_report.write(results)


if __name__ == "__main__":
    main()
