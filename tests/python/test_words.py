"""What is said of calls that are nearly right, and of progress without tqdm."""

import importlib
import inspect
import re
import subprocess
import sys

import anndata
import numpy as np
import openTSNE
import pytest
import scipy.sparse

import opentsne_go
from opentsne_go import TSNE, affinity

X = np.random.default_rng(0).normal(size=(90, 6)).astype(np.float32)


class Own(TSNE):
    pass


@pytest.mark.parametrize("kind", [TSNE, Own, opentsne_go.sklearn.TSNE], ids=["TSNE", "Own", "sklearn"])
def test_an_unknown_argument_names_the_class_and_the_nearest(kind):
    with pytest.raises(TypeError, match=f"^{kind.__name__}: unexpected argument 'perplexty'; allowed: .*did you mean 'perplexity'\\?$"):
        kind(perplexty=3)
    with pytest.raises(TypeError, match="allowed: n_components, perplexity, (?!.*did you mean)"):
        kind(colour="red")
    assert kind(perplexity=3).perplexity == 3


def test_other_calls_name_the_nearest_too():
    made = TSNE(n_iter=5, early_exaggeration_iter=5, perplexity=5).fit(X)
    with pytest.raises(TypeError, match="^optimize: unexpected argument 'exaggerate'; .*did you mean 'exaggeration'"):
        made.optimize(5, exaggerate=3)
    with pytest.raises(TypeError, match="^optimize: unexpected argument 'in_place'; .*did you mean 'inplace'"):
        made.optimize(5, in_place=True)
    with pytest.raises(TypeError, match="^TSNEEmbedding: unexpected argument 'exagration'; .*did you mean 'exaggeration'"):
        opentsne_go.TSNEEmbedding(X[:, :2], made.affinities, exagration=2)
    for affinities, meant in ((made.affinities, "perplexities"), (affinity.PerplexityBasedNN(X, 5), "perplexity")):
        with pytest.raises(TypeError, match=f"^prepare_partial: unexpected argument '{meant[:-1]}'; .*did you mean '{meant}'\\?$"):
            opentsne_go.TSNEEmbedding(X[:, :2], affinities).prepare_partial(X, **{meant[:-1]: 3})
    with pytest.raises(TypeError, match="^prepare_partial: unexpected argument 'columnz'; .*did you mean 'columns'"):
        made.prepare_partial(X, columnz=3)
    with pytest.raises(ValueError, match="^set_params: got 'perplexty'; .*did you mean 'perplexity'"):
        TSNE().set_params(perplexty=3)


def public():
    """Functions, classes that are made by calling them, and methods that more than one argument is given to, by
    the name that users call each by."""
    for wing in ("", *(f".{name}" for name in WINGS)):
        module = importlib.import_module(f"opentsne_go{wing}")
        for name in module.__all__:
            one = getattr(module, name)
            if inspect.isfunction(one):
                yield f"{module.__name__}.{name}", one
            if not inspect.isclass(one) or issubclass(one, BaseException) or not one.__module__.startswith("opentsne_go"):
                continue
            if not hasattr(one, "__dataclass_fields__") and inspect.isfunction(one.__init__):
                yield f"{module.__name__}.{name}", one
            for each in (each for each in dir(one) if each[0] != "_"):
                method = inspect.getattr_static(one, each)
                method = getattr(method, "__func__", method)
                if not inspect.isfunction(method) or not method.__module__.startswith("opentsne_go"):
                    continue
                taken = list(inspect.signature(method).parameters.values())[1:]
                if len(taken) > 1 and any(p.default is not p.empty for p in taken):
                    yield f"{module.__name__}.{name}.{each}", method


WINGS = ("affinity", "callbacks", "explore", "initialization", "metrics", "nearest_neighbors", "pl", "sklearn", "tl")
PUBLIC = {
    name: call
    for name, call in public()
    if not any(p.kind is p.VAR_KEYWORD for p in inspect.signature(call).parameters.values())
    and len(inspect.signature(call).parameters)
}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_call_says_what_was_called_and_what_is_meant(name):
    call, who = PUBLIC[name], name.rpartition(".")[2]
    known = [one for one in inspect.signature(call).parameters if one not in ("self", "cls")]
    if not known:
        pytest.skip("takes nothing")
    meant = known[-1]
    typo = meant + meant[-1]
    with pytest.raises(TypeError) as said:
        call(None, None, **{typo: 1})
    who = "weighted_mean" if who == "weighted" else who  # one function, two names
    assert str(said.value) == f"{who}: unexpected argument {typo!r}; allowed: {', '.join(known)}; did you mean {meant!r}?"


CALLS = {
    "tsne": (opentsne_go.tl.tsne, "perplexty", "perplexity"),
    "transform": (opentsne_go.tl.transform, "use_repr", "use_rep"),
    "align": (opentsne_go.tl.align, "use_repr", "use_rep"),
    "fit_together": (opentsne_go.tl.fit_together, "key", "keys"),
    "diagnose": (opentsne_go.tl.diagnose, "random", "random_state"),
    "a map's transform": (opentsne_go.TSNEEmbedding.transform, "exagration", "exaggeration"),
    "a map's bootstrap": (opentsne_go.TSNEEmbedding.bootstrap, "n_sample", "n_samples"),
    "a map's diagnose": (opentsne_go.TSNEEmbedding.diagnose, "lengths", "length"),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_name_themselves_and_the_nearest(name):
    call, typo, meant = CALLS[name]
    who = name.rpartition(" ")[2]
    with pytest.raises(TypeError, match=f"^{who}: unexpected argument '{typo}'; allowed: .*did you mean '{meant}'\\?$"):
        call(None, None, **{typo: 3})
    parameters = inspect.signature(call).parameters
    assert meant in parameters and typo not in parameters


def test_warnings_name_the_line_of_the_call():
    adata = anndata.AnnData(np.random.default_rng(0).normal(size=(70, 60)))
    with pytest.warns() as said:
        opentsne_go.tl.tsne(adata, n_iter=3, early_exaggeration_iter=3, perplexity=5, use_fast_tsne=True)
    ours = [one.filename for one in said if "use_fast_tsne" in str(one.message) or "computing a PCA" in str(one.message)]
    assert ours == [__file__] * 2


def test_scanpy_may_be_imported_by_the_call(tmp_path):
    program = tmp_path / "genes.py"
    program.write_text(
        "import sys, anndata, numpy as np, opentsne_go\n"
        "assert 'scanpy' not in sys.modules\n"
        "adata = anndata.AnnData(np.random.default_rng(0).normal(size=(70, 60)))\n"
        "opentsne_go.tl.tsne(adata, n_iter=3, early_exaggeration_iter=3, perplexity=5)\n"
        "assert 'scanpy' in sys.modules and 'X_tsne' in adata.obsm\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", program], check=True)


@pytest.fixture(scope="module")
def made():
    return TSNE(n_iter=5, early_exaggeration_iter=5, perplexity=5).fit(X)


NEAR = np.arange(180).reshape(90, 2) % 90
DATA = {
    "fit": lambda _, one: TSNE(perplexity=5).fit(one),
    "scikit-learn's fit": lambda _, one: opentsne_go.sklearn.TSNE().fit(one),
    "scikit-learn's transform": lambda _, one: opentsne_go.sklearn.TSNE(perplexity=5, max_iter=250).fit(X).transform(one),
    "affinities": lambda _, one: affinity.Uniform(one, 5),
    "P": lambda _, one: affinity.Affinities.from_matrix(one),
    "a P kept": lambda _, one: affinity.PrecomputedAffinities(one),
    "neighbours": lambda _, one: affinity.Affinities.from_neighbors(one, one),
    "a start": lambda _, one: opentsne_go.initialization.pca(one),
    "a start's size": lambda _, one: opentsne_go.initialization.rescale(one),
    "a start moved": lambda _, one: opentsne_go.initialization.jitter(one),
    "median": lambda _, one: opentsne_go.initialization.median(one, NEAR),
    "weighted mean": lambda _, one: opentsne_go.initialization.weighted_mean(X, X, NEAR, one),
    "transform": lambda made, one: made.transform(one),
    "update": lambda made, one: made.update(one),
    "align": lambda made, one: opentsne_go.align(made, one),
    "quality": lambda made, one: opentsne_go.quality(one, made),
    "scatter's labels": lambda made, one: opentsne_go.pl.scatter(made, one),
    "side by side": lambda _, one: opentsne_go.pl.side_by_side([one, one]),
    "sheet": lambda _, one: opentsne_go.pl.sheet([one]),
    "mapped": lambda made, one: opentsne_go.pl.mapped(made, one),
    "colors": lambda _, one: opentsne_go.pl.colors(one),
    "report": lambda made, one: made.report(one),
    "zoom": lambda made, one: made.zoom(one),
}


@pytest.mark.parametrize("call", DATA)
def test_annotated_data_have_their_own_call(call, made, monkeypatch):
    """None is taken apart cell by cell, which takes numpy minutes."""
    adata = anndata.AnnData(X)
    monkeypatch.setattr(anndata.AnnData, "__getitem__", lambda *_: pytest.fail("taken apart"))
    with pytest.raises(TypeError, match=r"^[a-zA-Z\[\]0]+: got AnnData; allowed: .*(opentsne_go.tl.tsne\(adata\)|obsm|obs|mask)"):
        DATA[call](made, adata)


def test_a_matrix_in_the_place_of_affinities_is_told_what_makes_them_of_it(made):
    with pytest.raises(ValueError, match=r"^affinities: got 'csr_matrix'; allowed: .*affinity.PrecomputedAffinities\(P\)"):
        TSNE().fit(affinities=made.affinities.P)


def test_a_matrix_that_is_no_P_is_told_what_mends_it():
    rng = np.random.default_rng(0)
    one = scipy.sparse.csr_matrix(np.triu(rng.random((20, 20)), 1))
    with pytest.raises(ValueError, match=r"symmetric.*; \(P \+ P.T\) / 2 is symmetric$") as failed:
        affinity.Affinities.from_matrix(one)
    assert isinstance(failed.value, opentsne_go.InvalidInputError) and failed.value.status
    mended = (one + one.T) / 2
    assert affinity.Affinities.from_matrix(mended).n_samples == 20
    mended.setdiag(1)
    with pytest.raises(ValueError, match=r"diagonal; P.setdiag\(0\) takes them off$"):
        affinity.Affinities.from_matrix(mended)
    mended.setdiag(0)
    mended.eliminate_zeros()
    assert affinity.Affinities.from_matrix(mended).n_samples == 20


def test_the_first_line_of_a_phase_counts_its_own_time(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    big = np.random.default_rng(0).normal(size=(2000, 6)).astype(np.float32)
    TSNE(verbose=True, n_iter=100, early_exaggeration_iter=100, n_jobs=1).fit(big)
    took = [float(one) for one in re.findall(r"50 iterations in ([\d.]+) sec", capsys.readouterr().out)]
    assert len(took) == 4
    # Lines of one phase are of as many iterations of the same work.
    assert took[0] > took[1] / 20 > 0 and took[2] > took[3] / 20 > 0


def test_callbacks_hear_of_each_phase_once_as_openTSNEs():
    class Heard:
        def __init__(self):
            self.all = []

        def optimization_about_to_start(self):
            self.all.append("begins")

        def __call__(self, iteration, _error, _embedding):
            self.all.append(iteration)

    for early, late in ((10, 10), (0, 10), (10, 0)):
        heard = []
        for kind in (TSNE, openTSNE.TSNE):
            one = Heard()
            how = {"callbacks": one, "callbacks_every_iters": 5, "perplexity": 10, "random_state": 0}
            made = kind(early_exaggeration_iter=early, n_iter=late, initialization="random", **how).fit(X)
            made.optimize(5, inplace=True)
            made.transform(X[:5] + 0.1, n_iter=10, perplexity=5)
            heard.append(one.all)
        assert heard[0] == heard[1]


NEEDS = {
    "matplotlib.pyplot": "opentsne_go.pl.scatter(x[:, :2])",
    "matplotlib": "opentsne_go.pl.colors(['a', 'b'], palette='viridis')",
    "scipy.sparse": "opentsne_go.affinity.PerplexityBasedNN(x, 5).P",
    "sklearn.neighbors": "opentsne_go.TSNE(metric='canberra', perplexity=5).fit(x)",
    "sklearn.base": "opentsne_go.sklearn.TSNE()",
    "pandas": "opentsne_go._program.files.read(__file__)",
}


@pytest.mark.parametrize("module", NEEDS)
def test_a_package_that_is_missing_is_named_with_the_line_that_installs_it(module, tmp_path):
    package = module.partition(".")[0]
    program = tmp_path / "table.csv"
    program.write_text(
        f"import sys\nsys.modules.update({{name: None for name in ({package!r}, {module!r})}})\n"
        "import numpy as np, opentsne_go, opentsne_go._program.files\n"
        f"x = np.random.default_rng(0).normal(size=(60, 4))\n{NEEDS[module]}\n"
    )
    ran = subprocess.run([sys.executable, program], capture_output=True, text=True)
    want = f'{package}(\\.\\w+)* is not installed: pip install "opentsne_go\\[full\\]"$'
    assert ran.returncode and re.search(f"^ModuleNotFoundError: {want}", ran.stderr, re.M), ran.stderr
    assert "During handling" not in ran.stderr
