"""One t-SNE job by one program, in a process of its own.

    python peers.py PEER --x X.npy --init Y0.npy --out MAP.npy [--threads 2 ...]

prints one JSON line. `seconds` is the whole job: from the matrix in memory to the finished map, without
importing libraries, reading files or compiling (what runs in this process does a tiny job first). `peak_mib` is the
highest resident set of the process that did the work, its runtime and the data included. Where a program
reports its progress there are also `neighbors` and `optimize` (seconds), and `early` and `late`
(milliseconds an iteration: iterations 50 to 200, and the last 100).
"""

import argparse
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {}


def peer(name):
    def add(f):
        PEERS[name] = f
        return f
    return add


def high_water_mib(pid="self"):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def rates(stamps):
    """Milliseconds an iteration early and late, from a list of (iterations done, time)."""
    t = dict(stamps)
    out = {}
    if 50 in t and 200 in t:
        out["early"] = (t[200] - t[50]) / 150 * 1e3
    last = max(t, default=0)
    if last >= 400 and last - 100 in t:
        out["late"] = (t[last] - t[last - 100]) / 100 * 1e3
    return out


def seconds_of(cls, method, sink, key):
    """Adds up in sink[key] the time spent in a method of a class."""
    inner = getattr(cls, method)

    def timed(*a, **k):
        t0 = time.perf_counter()
        try:
            return inner(*a, **k)
        finally:
            sink[key] = sink.get(key, 0.0) + time.perf_counter() - t0
    setattr(cls, method, timed)


@peer("libtsne")
def libtsne(job):
    import engine
    phases = {"early_iterations": -1, "iterations": -1} if job.defaults else dict(
        learning_rate=0 if job.learning_rate == "auto" else job.learning_rate, early_exaggeration=job.early_exaggeration,
        exaggeration=job.exaggeration, early_iterations=job.early, iterations=job.late, early_momentum=job.momentum[0],
        momentum=job.momentum[1])
    y, kl, seconds, stamps = engine.fit(
        job.X, y0=job.y0, init="random", perplexity=job.perplexity[0] if len(job.perplexity) == 1 else job.perplexity,
        threads=job.threads, seed=job.seed, theta=job.theta, repulsion=job.repulsion,
        neighbors=job.neighbors, neighbors_effort=job.neighbors_effort, **phases)
    # A stage begins when the one before it has made its last report.
    ends = {}
    for stage, _, t in stamps:
        ends[stage] = t
    r = {"seconds": seconds, "version": engine.version(), "cpu": engine.cpu(), "kl": kl,
         "stamps": [(i, t) for s, i, t in stamps if s == "optimize"]}
    if "neighbors" in ends and "affinities" in ends:
        r["neighbors"] = ends["neighbors"]
        r["optimize"] = seconds - max(ends["affinities"], ends.get("init", 0))
    return y, r


@peer("opentsne_go")
def opentsne_go(job):
    """The same through the Python package, as a user calls it."""
    import opentsne_go as og
    phases = {} if job.defaults else dict(
        learning_rate=job.learning_rate, early_exaggeration=job.early_exaggeration, early_exaggeration_iter=job.early, n_iter=job.late,
        exaggeration=job.exaggeration, initial_momentum=job.momentum[0], final_momentum=job.momentum[1])
    args = dict(perplexity=job.perplexity[0], n_jobs=job.threads, initialization="random" if job.y0 is None else job.y0,
                random_state=job.seed, **phases)
    t0 = time.perf_counter()
    e = og.TSNE(**args).fit(job.X)
    return np.asarray(e), {"seconds": time.perf_counter() - t0, "version": og.__version__, "kl": float(e.kl_divergence)}


@peer("opentsne")
def opentsne(job):
    import openTSNE
    import openTSNE.nearest_neighbors as nn
    from openTSNE import affinity
    stages, stamps = {}, []
    for cls in (nn.Annoy, nn.Sklearn):
        seconds_of(cls, "build", stages, "neighbors")

    def on(iteration, error, embedding):
        stamps.append((done[0] + iteration, time.perf_counter()))
    done = [0]
    how = dict(n_jobs=job.threads, callbacks=on, callbacks_every_iters=50) if job.stamps else dict(n_jobs=job.threads)
    if job.given_neighbors:
        import engine
        graph = nn.PrecomputedNeighbors(*engine.neighbors(job.X, int(3 * job.perplexity[0]), threads=job.threads))
    t0 = time.perf_counter()
    if job.given_neighbors:
        aff = affinity.PerplexityBasedNN(knn_index=graph, perplexity=job.perplexity[0], n_jobs=job.threads)
    elif len(job.perplexity) > 1:
        aff = affinity.Multiscale(job.X, perplexities=list(job.perplexity), n_jobs=job.threads, random_state=job.seed)
    else:
        aff = affinity.PerplexityBasedNN(job.X, perplexity=job.perplexity[0], n_jobs=job.threads, random_state=job.seed)
    y0 = job.y0 if job.y0 is not None else openTSNE.initialization.random(len(job.X), random_state=job.seed)
    t1 = time.perf_counter()
    stamps.append((0, t1))
    e = openTSNE.TSNEEmbedding(y0, aff, random_state=job.seed, **how)
    e.optimize(n_iter=job.early, exaggeration=job.early_exaggeration, momentum=job.momentum[0],
               learning_rate=job.learning_rate, inplace=True)
    done[0] = job.early
    e.optimize(n_iter=job.late, exaggeration=job.exaggeration, momentum=job.momentum[1],
               learning_rate=job.learning_rate, inplace=True)
    t2 = time.perf_counter()
    return np.asarray(e), {"seconds": t2 - t0, "optimize": t2 - t1, "stamps": stamps,
                           "version": openTSNE.__version__, **stages}


class Lines:
    """A stdout that remembers each line and when it came."""

    def __init__(self):
        self.lines, self.part = [], ""

    def write(self, s):
        self.part += s
        while "\n" in self.part:
            line, self.part = self.part.split("\n", 1)
            self.lines.append((time.perf_counter(), line))
        return len(s)

    def flush(self):
        pass


@peer("sklearn")
def sklearn(job, cls=None):
    import sklearn
    if cls is None:
        from sklearn.manifold import TSNE as cls
    # The gradient here carries the factor 4, so the same step is a quarter of the learning rate.
    rate = "auto" if job.learning_rate == "auto" else job.learning_rate / 4
    out, old = Lines(), sys.stdout
    sys.stdout = out
    try:
        t0 = time.perf_counter()
        e = cls(perplexity=job.perplexity[0], init="random" if job.y0 is None else job.y0.astype(np.float32),
                learning_rate=rate, max_iter=job.early + job.late, early_exaggeration=job.early_exaggeration,
                n_iter_without_progress=10000, min_grad_norm=0, angle=job.theta, n_jobs=job.threads,
                random_state=job.seed, verbose=2 if cls.__module__.startswith("sklearn.") and job.stamps else 0)
        y = e.fit_transform(job.X)
        t1 = time.perf_counter()
    finally:
        sys.stdout = old
    stamps, stages = [], {}
    for t, line in out.lines:
        if m := re.match(r"\[t-SNE\] Iteration (\d+):", line):
            stamps.append((int(m[1]), t))
        if m := re.match(r"\[t-SNE\] Computed neighbors .* in ([\d.]+)s", line):
            stages["neighbors"] = float(m[1])
        if line.startswith("[t-SNE] Mean sigma"):
            stages["optimize"] = t1 - t
    return y, {"seconds": t1 - t0, "stamps": stamps, "version": sklearn.__version__, **stages}


@peer("intelex")
def intelex(job):
    # It runs the stock code when verbose is set, so it can report no stages.
    from importlib.metadata import version

    from sklearnex.manifold import TSNE
    y, r = sklearn(job, TSNE)
    return y, {**r, "version": version("scikit-learn-intelex")}


@peer("scranpy")
def scranpy(job):
    # Takes no initial embedding; theta 1 is its default and means about 0.5 elsewhere.
    from importlib.metadata import version

    import scranpy
    n = len(job.X)
    x = np.asfortranarray(job.X.T.astype(np.float64))
    t0 = time.perf_counter()
    y = scranpy.run_tsne(x, perplexity=job.perplexity[0], eta=n / 12 if job.learning_rate == "auto" else job.learning_rate,
                         max_iterations=job.early + job.late, early_exaggeration_iterations=job.early,
                         momentum_switch_iterations=job.early, start_momentum=job.momentum[0],
                         final_momentum=job.momentum[1], exaggeration_factor=job.early_exaggeration,
                         num_threads=job.threads, seed=job.seed)
    return np.asarray(y), {"seconds": time.perf_counter() - t0, "version": version("scranpy")}


@peer("umap")
def umap(job):
    from importlib.metadata import version

    import umap
    t0 = time.perf_counter()
    y = umap.UMAP(n_jobs=job.threads, n_epochs=10 if job.warm else None).fit_transform(job.X)
    return y, {"seconds": time.perf_counter() - t0, "version": version("umap-learn")}


def run_child(cmd, cwd):
    """Runs a program; returns its lines with their times, and its peak resident set."""
    p = subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, bufsize=1)
    peak, stop = [0.0], threading.Event()

    def watch():
        while not stop.wait(0.05):
            try:
                peak[0] = max(peak[0], high_water_mib(p.pid))
            except OSError:
                return
    w = threading.Thread(target=watch)
    w.start()
    lines = [(time.perf_counter(), line.rstrip("\n")) for line in p.stdout]
    stop.set()
    w.join()
    if p.wait():
        raise RuntimeError("\n".join(line for _, line in lines[-5:]))
    return lines, peak[0]


@peer("libtsne_c")
def libtsne_c(job):
    """examples/c/fit.c, a whole process as FIt-SNE's is: what a job takes without Python, at the defaults."""
    import data
    program = data.BUILD / "bench" / "fit"
    program.parent.mkdir(parents=True, exist_ok=True)
    lib = data.BUILD / "lib"
    subprocess.run([os.environ.get("CC", "cc"), "-O2", str(data.ROOT / "examples" / "c" / "fit.c"), f"-I{data.ROOT / 'include'}", f"-L{lib}",
                    "-ltsne", f"-Wl,-rpath,{lib}", "-o", str(program)], check=True)
    with tempfile.TemporaryDirectory() as tmp:
        np.save(f"{tmp}/x.npy", job.X)
        t0 = time.perf_counter()
        lines, peak = run_child([str(program), "x.npy", "y.npy"], tmp)
        return np.load(f"{tmp}/y.npy"), {"seconds": time.perf_counter() - t0, "peak_mib": peak, "kl": float(lines[-1][1].split()[-1])}


@peer("rtsne")
def rtsne(job):
    n, d = job.X.shape
    with tempfile.TemporaryDirectory() as tmp:
        job.X.astype(np.float64).tofile(f"{tmp}/x")
        kv = dict(perplexity=job.perplexity[0], theta=job.theta, eta=n / 12 if job.learning_rate == "auto" else job.learning_rate,
                  early=job.early, late=job.late, m0=job.momentum[0], m1=job.momentum[1],
                  ee=job.early_exaggeration, threads=job.threads, seed=job.seed)
        if job.y0 is not None:
            job.y0.astype(np.float64).tofile(f"{tmp}/y0")
            kv["init"] = f"{tmp}/y0"
        lines, peak = run_child(["stdbuf", "-oL", "Rscript", str(HERE / "rtsne.R"), str(n), str(d), f"{tmp}/x",
                                 f"{tmp}/y", *(f"{k}={v}" for k, v in kv.items())], tmp)
        y = np.fromfile(f"{tmp}/y").reshape(n, 2)
    r = {"peak_mib": peak, "stamps": [(int(m[1]), t) for t, line in lines
                                      if (m := re.match(r"Iteration (\d+): error", line))]}
    for t, line in lines:
        if m := re.match(r"SECONDS ([\d.]+)", line):
            r["seconds"] = float(m[1])
        if m := re.match(r"Done in ([\d.]+) seconds", line):
            r["neighbors"] = float(m[1])
        if line.startswith("Learning embedding"):
            r["optimize"] = lines[-1][0] - t
    r["version"] = subprocess.run(["Rscript", "-e", "cat(as.character(packageVersion('Rtsne')))"],
                                  capture_output=True, text=True).stdout
    return y, r


@peer("fitsne")
def fitsne(job):
    """FIt-SNE 1.2.1: a program found through FITSNE_BIN that reads and writes packed files."""
    binary = os.environ["FITSNE_BIN"]
    n, d = job.X.shape
    several = len(job.perplexity) > 1
    rate = n / 12 if job.learning_rate == "auto" else job.learning_rate
    iterations = job.early + job.late
    head = struct.pack("=iidd", n, d, 0.5, 0.0 if several else job.perplexity[0])
    if several:
        head += struct.pack(f"=i{len(job.perplexity)}d", len(job.perplexity), *job.perplexity)
    head += struct.pack("=iiii", 2, iterations, job.early, job.early)
    head += struct.pack("=dddd", job.momentum[0], job.momentum[1], rate, 5.0)
    head += struct.pack("=idiid", -1, -1.0, 2, 1, job.early_exaggeration)
    late = job.exaggeration != 1
    # 50 trees, and a search of 3 * perplexity * trees nodes: its wrapper's defaults.
    head += struct.pack("=iiiid", 0, 50, int(150 * max(job.perplexity)), job.early if late else -1,
                        job.exaggeration if late else -1.0)
    head += struct.pack("=idi", 3, 1.0, 50)
    tail = struct.pack("=idi", job.seed, 1.0, 0)
    with tempfile.TemporaryDirectory() as tmp:
        with open(f"{tmp}/in", "wb") as f:
            f.write(head)
            f.write(job.X.astype(np.float64).tobytes())
            f.write(tail)
            if job.y0 is not None:
                f.write(job.y0.astype(np.float64).tobytes())
        t0 = time.perf_counter()
        lines, peak = run_child(["stdbuf", "-oL", binary, "1.2.1", "in", "out", str(job.threads)], tmp)
        t1 = time.perf_counter()
        raw = open(f"{tmp}/out", "rb").read()
    if struct.unpack_from("=ii", raw) != (n, 2):
        raise RuntimeError("FIt-SNE wrote no map: " + lines[-1][1])
    y = np.frombuffer(raw, np.float64, 2 * n, 8).reshape(n, 2)
    r = {"seconds": t1 - t0, "peak_mib": peak, "version": "1.2.1", "stamps": []}
    start = t0
    for t, line in lines:
        if line.startswith("Computing input similarities"):
            start = t
        elif line.startswith("Symmetrizing"):
            r["neighbors"] = t - start
        elif line.startswith("Learning embedding"):
            r["optimize"] = t1 - t
        elif m := re.match(r"Iteration (\d+) \(50", line):
            r["stamps"].append((int(m[1]), t))
    return y, r


def parse(argv=None):
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("peer", choices=sorted(PEERS))
    a.add_argument("--x", required=True, help="n x d float32 .npy")
    a.add_argument("--init", help="n x 2 .npy; random without it")
    a.add_argument("--out", required=True)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--perplexity", type=float, nargs="+", default=[30.0])
    a.add_argument("--learning-rate", default="n/12", help="a number, n/12, or auto (the peer's own)")
    a.add_argument("--early", type=int, default=250)
    a.add_argument("--late", type=int, default=500)
    a.add_argument("--early-exaggeration", type=float, default=12)
    a.add_argument("--exaggeration", type=float, default=1)
    a.add_argument("--momentum", type=float, nargs=2, default=[0.5, 0.8])
    a.add_argument("--defaults", action="store_true", help="libtsne only: its own phases and learning rate")
    a.add_argument("--theta", type=float, default=0.5)
    a.add_argument("--repulsion", default="auto", help="libtsne only")
    a.add_argument("--neighbors", default="auto", help="libtsne only")
    a.add_argument("--neighbors-effort", type=float, default=1, help="libtsne only")
    a.add_argument("--given-neighbors", action="store_true", help="openTSNE only: neighbours by libtsne, their time not counted")
    a.add_argument("--no-stamps", dest="stamps", action="store_false", help="run without callbacks")
    job = a.parse_args(argv)
    job.X, job.warm = np.load(job.x), False
    job.y0 = None if job.init is None else np.load(job.init)
    if job.learning_rate != "auto":
        job.learning_rate = len(job.X) / 12 if job.learning_rate == "n/12" else float(job.learning_rate)
    return job


def warm_up(job):
    """A job small enough to cost nothing, large enough to take the same roads."""
    r = np.random.default_rng(0)
    tiny = argparse.Namespace(**{**vars(job), "early": 10, "late": 10, "warm": True})
    tiny.X = r.standard_normal((5000 if job.peer == "umap" else 1500, job.X.shape[1])).astype(np.float32)
    tiny.y0 = None if job.y0 is None else 1e-4 * r.standard_normal((len(tiny.X), 2))
    tiny.perplexity = [min(p, 100) for p in job.perplexity]
    if tiny.learning_rate != "auto":
        tiny.learning_rate = 100
    if job.peer in ("sklearn", "intelex"):
        tiny.late = 250
    PEERS[job.peer](tiny)


def main():
    job = parse()
    os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = str(job.threads)
    if job.peer not in ("fitsne", "rtsne", "libtsne_c"):
        warm_up(job)
    y, r = PEERS[job.peer](job)
    r.setdefault("peak_mib", high_water_mib())
    r.update(rates(r.pop("stamps", [])))
    np.save(job.out, np.ascontiguousarray(y, dtype=np.float64))
    print(json.dumps({"peer": job.peer, **{k: round(v, 4) if isinstance(v, float) else v for k, v in r.items()}}))


if __name__ == "__main__":
    main()
