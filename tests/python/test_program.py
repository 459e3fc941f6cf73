"""``python -m opentsne_go``: the program's commands over more formats."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import opentsne_go
from conftest import ROOT

BRIEF = ("--early-iterations", "30", "--iterations", "20", "--progress", "none")


def run(where, *arguments, stdin=None):
    return subprocess.run(
        [sys.executable, "-m", "opentsne_go", *map(str, arguments)], cwd=where, input=stdin, capture_output=True
    )


def good(*arguments, **more):
    done = run(*arguments, **more)
    assert done.returncode == 0, done.stderr.decode()
    return done


@pytest.fixture(scope="module")
def expected(small):
    return np.asarray(opentsne_go.TSNE(
        early_exaggeration_iter=30, n_iter=20, initial_momentum=0.5, random_state=0, n_jobs=2,
    ).fit(small))  # fmt: skip


@pytest.fixture
def frame(small):
    return pd.DataFrame(small, columns=[f"g{i}" for i in range(8)], index=[f"cell {i}" for i in range(150)])


def test_gives_the_map_of_the_program_tsne(tmp_path, small, expected):
    np.save(tmp_path / "x.npy", small)
    good(tmp_path, "x.npy", "y.npy", *BRIEF)
    assert np.array_equal(np.load(tmp_path / "y.npy"), expected)
    go = os.environ.get("GO", "go")
    again = ["--perplexity", "5,20", "--affinity", "multiscale", "--init", "random", "--seed", "7", "--max-step-norm", "0",
             "--repulsion", "barnes_hut", "--dims", "3", *BRIEF]
    good(tmp_path, "x.npy", "y.npy", *again)
    subprocess.run([go, "run", "./cmd/tsne", tmp_path / "x.npy", tmp_path / "z.npy", *again], cwd=ROOT, check=True)
    assert np.array_equal(np.load(tmp_path / "y.npy"), np.load(tmp_path / "z.npy"))


def test_formats_in_and_out(tmp_path, small, frame, expected):
    import zarr

    np.savez_compressed(tmp_path / "x.npz", other=small[:3], X=small)
    frame.to_csv(tmp_path / "x.csv")
    frame.to_csv(tmp_path / "bare.tsv", sep="\t", index=False, header=False)
    (tmp_path / "x.tsv.gz").write_bytes(gzip.compress((tmp_path / "bare.tsv").read_bytes()))
    frame.to_parquet(tmp_path / "x.parquet")
    zarr.save_array(tmp_path / "x.zarr", small)
    for name in ("x.npz:X", "x.csv", "bare.tsv", "x.tsv.gz", "x.parquet", "x.zarr"):
        good(tmp_path, name, "y.npy", *BRIEF)
        assert np.array_equal(np.load(tmp_path / "y.npy"), expected), name
    for name, read in (("y.csv", pd.read_csv), ("y.parquet", pd.read_parquet)):
        good(tmp_path, "x.csv", name, *BRIEF)
        made = read(tmp_path / name, **({"index_col": 0} if name == "y.csv" else {}))
        assert list(made.columns) == ["tsne_1", "tsne_2"]
        assert list(made.index) == list(frame.index)
        assert np.array_equal(made.to_numpy(np.float32), expected)
    piped = good(tmp_path, "-", "-", *BRIEF, stdin=(tmp_path / "bare.tsv").read_bytes()).stdout
    assert piped.startswith(b"tsne_1\ttsne_2\n") and piped.count(b"\n") == 151


@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
def test_anndata(tmp_path, small, frame, expected, kind):
    import anndata

    adata = anndata.AnnData(frame[["g0", "g1"]], obsm={"X_pca": small}, obs=pd.DataFrame({"type": pd.Categorical(list("abc") * 50)}, frame.index))
    path = tmp_path / f"x.{kind}"
    read = {"h5ad": anndata.read_h5ad, "zarr": anndata.read_zarr}[kind]
    (adata.write_h5ad if kind == "h5ad" else adata.write_zarr)(path)
    good(tmp_path, path, f"y.{kind}", "--use-rep", "X_pca", "--plot", "y.png", "--labels", "type", *BRIEF)
    made = read(tmp_path / f"y.{kind}")
    assert np.array_equal(made.obsm["X_tsne"], expected)
    assert list(made.obs_names) == list(frame.index) and list(made.obs["type"]) == list(adata.obs["type"])
    import matplotlib.image

    drawn = matplotlib.image.imread(tmp_path / "y.png")
    assert 0.001 < (drawn[..., :3].min(axis=2) < 0.9).mean() < 0.5
    good(tmp_path, path, "y.csv", "--use-rep", "X_pca", *BRIEF)
    assert list(pd.read_csv(tmp_path / "y.csv", index_col=0).index) == list(frame.index)


def test_transform_and_info(tmp_path, frame):
    frame.to_csv(tmp_path / "x.csv")
    frame.iloc[:10, ::-1].to_parquet(tmp_path / "new.parquet")
    good(tmp_path, "x.csv", "y.npy", "--save", "m.npz", *BRIEF)
    good(tmp_path, "transform", "m.npz", "new.parquet", "new.csv", "--progress", "none")
    model = opentsne_go.load(tmp_path / "m.npz")
    want = np.asarray(model.transform(frame.iloc[:10], k=10, n_iter=0))
    made = pd.read_csv(tmp_path / "new.csv", index_col=0)
    assert np.array_equal(made.to_numpy(np.float32), want) and list(made.index) == list(frame.index[:10])
    good(tmp_path, "transform", "m.npz", "new.parquet", "new.npy", "--k", "3", "--iterations", "9", "--progress", "none")
    assert np.array_equal(np.load(tmp_path / "new.npy"), np.asarray(model.transform(frame.iloc[:10], k=3, n_iter=9)))
    said = good(tmp_path, "info", "m.npz").stdout.decode()
    assert "map          150 x 2\n" in said and "iterations   50\n" in said and "g0, g1, g2" in said


@pytest.mark.parametrize(
    "arguments,code,says",
    [
        ("none.npy y.npy", 1, "none.npy: No such file"),
        ("none.h5ad y.npy", 1, "none.h5ad: No such file"),
        ("x.npy y.foo", 1, "y.foo: want a name that ends in .npy"),
        ("x.npy y.npy --save none/m.npz", 1, "none/m.npz: No such file"),
        ("x.npy none/y.npy", 1, "none/y.npy: No such file"),
        ("x.npy y.h5ad", 1, "y.h5ad: AnnData with a map are made of AnnData and go into a file, x.npy is npy"),
        ("nan.npy y.npy", 1, "nan.npy: row 3, column 2 is nan"),
        ("ragged.csv y.npy", 1, "ragged.csv: Error tokenizing data"),
        ("false.npy y.npy", 1, "false.npy: not a NumPy file"),
        ("x.npy y.npy --perplexity -3", 1, "--perplexity: got -3"),
        ("x.npy y.npy --n-iter many", 1, "--n-iter: got 'many'"),
        ("x.npy y.npy --metric euclid", 1, "--metric: got 'euclid'"),
        ("x.npy y.npy --perplexitty 3", 2, "unrecognized arguments: --perplexitty 3"),
        ("x.npy", 2, "the following arguments are required: MAP"),
        ("transform x.npy x.npy y.npy", 1, "x.npy"),
        ("info none.npz", 1, "none.npz"),
    ],
)
def test_errors_are_one_line(tmp_path, small, arguments, code, says):
    np.save(tmp_path / "x.npy", small)
    bad = small.copy()
    bad[3, 2] = np.nan
    np.save(tmp_path / "nan.npy", bad)
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n3,4,5,6\n")
    (tmp_path / "false.npy").write_text("1,2\n")
    before = sorted(os.listdir(tmp_path))
    done = run(tmp_path, *arguments.split())
    text = done.stderr.decode()
    last = text.splitlines()[-1]
    assert (done.returncode, done.stdout) == (code, b""), text
    assert last.startswith("opentsne_go: ") and says in last and "Traceback" not in text
    assert sorted(os.listdir(tmp_path)) == before


def test_every_argument_of_TSNE_is_a_flag(tmp_path):
    said = good(tmp_path, "--help").stdout.decode()
    without = {"n_interpolation_points", "min_num_intervals", "ints_in_interval", "metric_params", "knn_kwargs", "callbacks", "verbose"}
    for name in set(opentsne_go.TSNE().get_params()) - without:
        assert f"--{name.replace('_', '-')}" in said
    assert "--n-iter VALUE, --iterations VALUE" in said and "Effective number of neighbours" in said


def test_progress_is_json_and_an_interrupt_keeps_the_map(tmp_path, small):
    np.save(tmp_path / "x.npy", small)
    work = subprocess.Popen(
        [sys.executable, "-m", "opentsne_go", "x.npy", "y.npy", "--n-iter", "1000000000", "--callbacks-every-iters", "20", "--save", "m.npz"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )
    stages = []
    for line in work.stderr:
        step = json.loads(line)
        assert step["event"] == "progress"
        if step["stage"] != "optimise":
            stages.append(step["stage"])
            assert 0 <= step["done"] <= 1
            continue
        assert step["kl"] > 0
        if step["iteration"] == 60:
            break
    assert stages and set(stages) <= {"neighbours", "affinities", "start"}
    work.send_signal(signal.SIGINT)
    last = work.stderr.read().splitlines()[-1]
    assert work.wait() == 130
    assert last.startswith("opentsne_go: interrupted after ") and last.endswith("y.npy has the map so far")
    model = opentsne_go.load(tmp_path / "m.npz")
    assert model.n_iter >= 40 and np.array_equal(np.load(tmp_path / "y.npy"), np.asarray(model))
