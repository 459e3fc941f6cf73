"""One whole job on simulated cells by libtsne: seconds and memory of each stage, and a look at the map.

    python scale.py N --out MAP.npy [--exaggeration 1] [--init pca] [--early 250] [--late N] [--uniform K] [--mapped X.npy] [--scratch DIR] [--checkpoint FILE]

prints one JSON line: for each stage its `seconds` and its `peak`, the most anonymous memory above what the process had with the data
at hand, in bytes, and KL by the library; then one of `recall` and `accuracy` (10 nearest neighbours) on 2,000 random points, 200 of more than 5,000,000.
A file that is there already is used as it is, with the labels beside it.
"""

import argparse
import json
import os
import sys
import threading
import time

import numpy as np

import data
import engine

STAGES = ("neighbors", "affinities", "init", "optimize")


def anonymous():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("RssAnon"))


class Watch:
    """Anonymous memory, read 50 times a second; each minute a line says where the work stands."""

    said = None

    def hear(self, stage, iteration, done):
        self.said = f"{stage} {iteration or f'{done:.1%}'}"

    def __enter__(self):
        self.seen, self.stop = [], threading.Event()
        self.base = anonymous()
        self.t0 = time.perf_counter()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        while not self.stop.wait(0.02):
            at, size = time.perf_counter() - self.t0, anonymous() - self.base
            self.seen.append((at, size))
            if self.said and len(self.seen) % 3000 == 0:
                print(f"{at:.0f} s, {size / 2**30:.2f} GiB, {self.said}", file=sys.stderr, flush=True)

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def peak(self, begin, end):
        return max((b for t, b in self.seen if begin <= t <= end), default=0)


def spans(stamps, seconds):
    """Begin and end of each stage; one begins when the one before it has made its last report."""
    last = {}
    for stage, _, t in stamps:
        last[stage] = t
    order = sorted(last, key=last.get)
    begins = [0.0, *(last[s] for s in order[:-1])]
    return {s: (a, b) for s, a, b in zip(order, begins, [*begins[1:], seconds])}


def nearest(X, rows, k, block=200_000):
    """The k nearest of each of some rows among all others, by going once through X."""
    best = np.full((len(rows), k), np.inf, np.float32)
    index = np.zeros((len(rows), k), np.int64)
    Q = np.array(X[rows])
    for a in range(0, len(X), block):
        part = np.asarray(X[a:a + block])
        d = (np.einsum("ij,ij->i", part, part)[None] - 2 * (Q @ part.T)) + np.einsum("ij,ij->i", Q, Q)[:, None]
        inside = (rows >= a) & (rows < a + len(part))
        d[inside, rows[inside] - a] = np.inf
        some = np.argpartition(d, min(k, d.shape[1]) - 1, axis=1)[:, :k]
        both = np.concatenate([best, np.take_along_axis(d, some, 1)], 1), np.concatenate([index, some + a], 1)
        order = np.argsort(both[0], 1, kind="stable")[:, :k]
        best, index = (np.take_along_axis(b, order, 1) for b in both)
    return index


def quality(X, labels, Y):
    """Recall and label accuracy of random points, their neighbours taken among all."""
    count = 2000 if len(X) <= 5_000_000 else 200
    rows = np.random.default_rng(0).choice(len(X), count, replace=False)
    near = np.concatenate([nearest(X, rows[a:a + 250], 10) for a in range(0, count, 250)])
    if count > 200:
        from scipy.spatial import cKDTree
        mapped = [[j for j in near if j != i][:10] for i, near in zip(rows, cKDTree(Y).query(Y[rows], 11, workers=2)[1])]
    else:
        mapped = nearest(Y, rows, 10)
    hits = sum(len(np.intersect1d(a, b)) for a, b in zip(near, mapped))
    right = sum(np.bincount(labels[np.asarray(m)]).argmax() == labels[i] for i, m in zip(rows, mapped))
    return {"recall": hits / (10 * count), "accuracy": right / count}


def prepared(n, d, path):
    """Simulated cells, in a file if a path says so."""
    if path is None:
        return data.cells(n, d)
    beside = path + ".labels.npy"
    if not os.path.exists(path):
        X = np.lib.format.open_memmap(path + ".part", "w+", np.float32, (n, d))
        labels = data.cells(n, d, out=X)[1]
        X.flush()
        np.save(beside, labels.astype(np.uint8))
        os.rename(path + ".part", path)
        del X, labels
    X = np.load(path, mmap_mode="r")
    if X.shape != (n, d):
        raise SystemExit(f"{path}: shape {X.shape}, want {(n, d)}")
    return X, np.load(beside)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("n", type=int)
    a.add_argument("--d", type=int, default=50)
    a.add_argument("--out", required=True)
    a.add_argument("--early", type=int, default=250, help="iterations of the first phase, if --late is given")
    a.add_argument("--late", type=int, help="iterations of the second phase; by default what the library makes of nothing said")
    a.add_argument("--exaggeration", type=float, default=1)
    a.add_argument("--init", default="pca")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--uniform", type=int, metavar="K", help="uniform affinities of K neighbours in place of perplexity 30")
    a.add_argument("--mapped", metavar="X.npy", help="the data lie in this file, which is made where there is none")
    a.add_argument("--scratch", metavar="DIR")
    a.add_argument("--checkpoint", metavar="FILE", help="written when a stage ends and every 100 iterations")
    a.add_argument("--max-memory", type=int, metavar="BYTES")
    job = a.parse_args()
    X, labels = prepared(job.n, job.d, job.mapped)
    ask = {field: os.fsencode(path) for field, path in (("scratch", job.scratch), ("checkpoint", job.checkpoint)) if path}
    if job.checkpoint:
        ask["checkpoint_every"] = 100
    if job.max_memory:
        ask["max_memory"] = job.max_memory
    if job.uniform:
        ask |= {"affinity": engine.choices.AFFINITY["uniform"], "k": job.uniform}
    if job.mapped:
        ask["keep_data"] = 0
    ask |= {"early_iterations": -1, "iterations": -1} if job.late is None else {"early_iterations": job.early, "iterations": job.late}
    engine.fit(X[:5000], early_iterations=5, iterations=5)
    with Watch() as watch:
        Y, kl, seconds, stamps = engine.fit(X, hear=watch.hear, threads=job.threads, init=job.init, exaggeration=job.exaggeration, **ask)
    stages = {s: {"seconds": b - a, "peak": watch.peak(a, b)} for s, (a, b) in spans(stamps, seconds).items()}
    done = [(i, t) for s, i, t in stamps if s == "optimize"]
    np.save(job.out, Y)
    print(json.dumps({"n": job.n, "d": job.d, "threads": job.threads, "exaggeration": job.exaggeration, "init": job.init, "uniform": job.uniform,
                      "iterations": done[-1][0], "seconds": seconds, "stages": stages, "kl": kl,
                      "early": (done[3][1] - done[0][1]) / (done[3][0] - done[0][0]) * 1e3,
                      "late": (done[-1][1] - done[-3][1]) / (done[-1][0] - done[-3][0]) * 1e3,
                      "version": engine.version(), "cpu": engine.cpu()}), flush=True)
    print(json.dumps(quality(X, labels, Y)))


if __name__ == "__main__":
    main()
