"""What follows from tsne/options.toml is what is committed, in every host."""

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import opentsne_go
from opentsne_go import affinity, sklearn, tl
from opentsne_go._embedding.model import model_options
from opentsne_go._native import choices, structures
from opentsne_go._native.options import ARGUMENTS, Options, TransformOptions
from opentsne_go._options import checked, names
from opentsne_go._options.table import NUMBERS, PRESETS
from option_tries import TRIES

ROOT = Path(__file__).parents[2]


def made(where, *arguments):
    return subprocess.run(
        [sys.executable, where / "scripts" / "options", *arguments], capture_output=True, text=True
    )


def changed(where, line, other):
    """A copy of what the table gives, with one line of the table another."""
    parts = made(ROOT, "--list").stdout.split()
    assert {"include/tsne.h", "capi/options_gen.go", "r/R/arguments.R"} < set(parts)
    for part in ["scripts/options", "tsne/options.toml", *parts]:
        source, to = ROOT / part, where / part
        to.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, to)
    table = where / "tsne" / "options.toml"
    text = table.read_text("utf-8")
    assert line in text
    table.write_text(text.replace(line, other, 1), "utf-8")


def test_what_is_committed_is_what_the_table_gives():
    got = made(ROOT, "--check")
    assert got.returncode == 0, got.stdout + got.stderr


@pytest.mark.parametrize(
    "line,other,stale",
    [
        ("default = 30\n", "default = 31\n", "include/tsne.h tsne/options_gen.go r/R/arguments.R docs/options.md"),
        ("high = 1000\n", "high = 999\n", "tsne/options_gen.go capi/options_gen.go r/R/arguments.R"),
        ('"hamming: share', '"jaccard: other", "hamming: share', "python/opentsne_go/_native/choices.py"),
        ("default = 25000\n", "default = 26000\n", "python/opentsne_go/_options/settings.py python/opentsne_go/tl.py"),
    ],
)
def test_a_change_of_the_table_alone_is_seen(tmp_path, line, other, stale):
    changed(tmp_path, line, other)
    got = made(tmp_path, "--check")
    assert got.returncode == 1, got.stderr
    for path in stale.split():
        assert f"{path} is not what" in got.stdout
    assert made(tmp_path).returncode == 0
    assert made(tmp_path, "--check").returncode == 0


@pytest.mark.parametrize(
    "line,other",
    [
        ('name = "auto_stop"\ntype = "double"\ndefault = 0\nabove = 0\nzero = "never"\nsince = "0.2"\n',
         'name = "auto_stop"\ntype = "double"\ndefault = 0\nabove = 0\nzero = "never"\n'),
        ('"repulsion", "reserved",\n  "dof", ', '"dof", "repulsion", "reserved",\n  '),
    ],
)
def test_a_field_that_old_programs_do_not_have_at_its_place_is_refused(tmp_path, line, other):
    changed(tmp_path, line, other)
    got = made(tmp_path)
    assert got.returncode == 1 and " is behind " in got.stderr


@pytest.mark.parametrize("name", sorted(set(TRIES) & set(NUMBERS)))
def test_a_model_says_what_it_was_made_with(name, tmp_path):
    beside, value = TRIES[name]
    X = np.random.default_rng(0).normal(size=(80, 4))
    made = opentsne_go.TSNE(**{"n_iter": 3, "early_exaggeration_iter": 3, "perplexity": 5, **beside, name: value}).fit(X)
    assert getattr(model_options(made._model), NUMBERS[name].field) == value
    made.save(tmp_path / "map.npz")
    again = opentsne_go.load(tmp_path / "map.npz").gradient_descent_params
    assert {**made.gradient_descent_params, "n_jobs": 1} == {**again, "n_jobs": 1}


def test_errors_name_arguments_that_there_are():
    known = {name for function in (opentsne_go.TSNE, opentsne_go.TSNEEmbedding.transform, affinity.Uniform)
             for name in inspect.signature(function).parameters}
    assert set(ARGUMENTS.values()) <= known
    assert set(ARGUMENTS) <= {name for structure in (Options, TransformOptions) for name, _ in structure._fields_}


def test_names_for_type_checkers_are_those_that_are_taken():
    accepted = {
        "Init": checked.STARTS, "Metric": [*checked.METRICS, *checked.FOREIGN_METRICS, "precomputed"],
        "Affinity": choices.AFFINITY, "Neighbors": checked.NEIGHBORS, "PullFrame": checked.FRAMES, "Repulsion": checked.GRADIENTS,
        "Preset": PRESETS,
    }  # fmt: skip
    for name, taken in accepted.items():
        assert set(get_args(getattr(names, f"{name}Name"))) == set(taken), name


def test_hosts_take_the_same_arguments():
    own = list(inspect.signature(opentsne_go.TSNE).parameters)
    assert set(own) <= set(inspect.signature(sklearn.TSNE).parameters)
    assert set(own) <= set(inspect.signature(tl.tsne).parameters)
    documented = re.findall(r"^    (\w+) : ", inspect.getdoc(opentsne_go.TSNE).replace("\n", "\n    "), re.M)
    assert documented == own


def test_settings_of_a_version_with_fewer_arguments_are_read():
    settings = opentsne_go.TSNE(perplexity=9)
    old = {name: value for name, value in vars(settings).items() if name not in ("pull", "dof")}
    read = opentsne_go.TSNE.__new__(opentsne_go.TSNE)
    read.__setstate__(old)
    assert read.get_params() == settings.get_params()


def test_new_points_have_the_tables_numbers():
    """Python's own signature, openTSNE's, says what the table says of the refinement."""
    table, mine = structures.transform_options(), inspect.signature(opentsne_go.TSNEEmbedding.transform).parameters
    fields = {"early_exaggeration_iter": "early_iterations", "initial_momentum": "early_momentum", "final_momentum": "momentum"}
    same = ("perplexity", "learning_rate", "early_exaggeration", "exaggeration", "max_grad_norm", *fields)
    assert {name: mine[name].default for name in same} == {name: getattr(table, fields.get(name, name)) for name in same}
