"""The data sets of the benchmark and of docs/fidelity.md, as float32 rows and labels."""

import functools
import os
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


class Missing(Exception):
    """A data set that this machine does not have."""


def shared():
    return pathlib.Path(os.environ.get("TSNE_SHARED", ROOT.parent / "shared"))


def principal(X, k):
    """The first k principal components of X, each with its largest loading positive."""
    X = np.asarray(X, np.float64)
    mean = X.mean(0)
    w, V = np.linalg.eigh(X.T @ X - len(X) * np.outer(mean, mean))
    V = V[:, np.argsort(-w)[:k]]
    V *= np.sign(V[np.abs(V).argmax(0), np.arange(V.shape[1])])
    return (X - mean) @ V


def pca_start(X, jitter=None):
    """The start that every program gets: two components, the first with standard deviation 1e-4. With a seed in
    jitter, noise of a hundredth of that is added, as openTSNE and we do."""
    Y = principal(X, 2)
    Y = Y * (1e-4 / Y[:, 0].std())
    return Y if jitter is None else Y + np.random.default_rng(jitter).normal(scale=1e-6, size=Y.shape)


def simulated():
    """The simulated data of Kobak & Berens (2019): 15 Gaussian classes in three groups, 15,500 x 50."""
    sizes = np.repeat([2000, 1000, 100], 5)
    random = np.random.RandomState(42)
    rows = []
    for i, n in enumerate(sizes):
        x = random.randn(n, 50)
        x[:, i] += 4 if i < 5 else 10
        x[:, 20 + i // 5] += 20
        rows.append(x)
    return np.concatenate(rows).astype(np.float32), np.repeat(np.arange(15), sizes)


def cells(n, d=50, types=60, seed=1, out=None):
    """Cell-like data: types of very unequal size on a hierarchy, each with its own low-dimensional spread; the rows go into out."""
    r = np.random.default_rng(seed)
    family = r.standard_normal((8, d)) * 6
    centre = family[r.integers(0, 8, types)] + r.standard_normal((types, d)) * 3
    weight = r.dirichlet(np.full(types, 0.6))
    y = r.choice(types, n, p=weight)
    X = np.empty((n, d), np.float32) if out is None else out
    axes = r.standard_normal((types, 4, d)).astype(np.float32) * np.array([2, 1.5, 1, .7], np.float32)[None, :, None]
    for a in range(0, n, 100_000):
        t = y[a:a + 100_000]
        z = r.standard_normal((len(t), 4), np.float32)
        X[a:a + 100_000] = centre[t] + np.einsum("nk,nkd->nd", z, axes[t]) + 0.7 * r.standard_normal((len(t), d), np.float32)
    return X, y


def held(file):
    """What a file of the shared folder holds."""
    path = shared() / "data" / file
    if not path.exists():
        raise Missing(f"no {path} (TSNE_SHARED names the folder that holds data/{file})")
    return np.load(path)


def shuffled(X, y):
    order = np.random.default_rng(0).permutation(len(X))
    return np.ascontiguousarray(X[order], np.float32), np.asarray(y)[order].astype(int)


def cytof(sample=1, n=None):
    """Blood by mass cytometry: gated cells of one sample of several centres, four classes."""
    z = held("multicenter_cytof.npz")
    some = (z["batch"] == sample) & (z["y"] > 0)
    X, y = shuffled(z["X"][some], z["y"][some])
    return X[:n], y[:n]


def cellmix():
    """Five cell lines by five protocols: a class is a line by a protocol, since protocols are islands of their own."""
    z = held("cellmix_5lines.npz")
    return shuffled(z["X"], 5 * z["y"] + z["batch"])


def pbmc3k():
    """scanpy's processed 3k PBMC: 50 components, eight classes; downloaded once by scanpy."""
    cache = BUILD / "bench" / "pbmc3k.npz"
    if not cache.exists():
        try:
            import scanpy
            a = scanpy.datasets.pbmc3k_processed()
        except (ImportError, OSError) as e:
            raise Missing(f"pbmc3k: {e}") from e
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(cache, X=a.obsm["X_pca"].astype(np.float32), y=a.obs["louvain"].cat.codes.to_numpy())
    z = np.load(cache)
    return shuffled(z["X"], z["y"])


def _mnist():
    z = held("mnist70k.npz")
    return z["X"].reshape(len(z["X"]), -1).astype(np.float32) / np.float32(255), z["y"].astype(int)


@functools.cache
def load(name):
    """X, labels of: digits, simulated, mnist70k, mnist10k, mnist784, cytof, thymus, cell_lines, cellmix, pbmc3k, cells<n>
    and <name>/<rows>."""
    if "/" in name:
        X, y = load(name.split("/")[0])
        n = int(name.split("/")[1])
        return np.ascontiguousarray(X[:n]), y[:n]
    if name == "digits":
        from sklearn.datasets import load_digits
        d = load_digits()
        return d.data.astype(np.float32), d.target
    if name == "simulated":
        return simulated()
    if name == "mnist784":
        return _mnist()
    if name == "mnist70k":
        cache = BUILD / "bench" / "mnist50.npy"
        if cache.exists():
            return np.load(cache), _mnist()[1]
        X, y = _mnist()
        X = principal(X, 50).astype(np.float32)
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, X)
        return X, y
    if name in ("cytof", "cellmix", "pbmc3k"):
        return {"cytof": cytof, "cellmix": cellmix, "pbmc3k": pbmc3k}[name]()
    if name in ("thymus", "cell_lines"):
        z = held({"thymus": "thymus_masscyt.npz"}.get(name, f"{name}.npz"))
        return shuffled(z["X"], z["y"])
    if name == "mnist10k":
        return load("mnist70k/10000")
    if name.startswith("cells"):
        return cells(int(name[5:]))
    raise KeyError(name)
