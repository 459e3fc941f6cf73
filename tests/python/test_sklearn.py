"""opentsne_go.sklearn.TSNE in scikit-learn's own tools."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from conftest import same_bits
from opentsne_go.sklearn import EXPECTED_FAILED_CHECKS, TSNE

QUICK = {"early_exaggeration_iter": 20, "n_iter": 30, "random_state": 0}


def test_check_estimator():
    failed = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for estimator, check in estimator_checks_generator(TSNE(**QUICK)):
            name = getattr(check, "func", check).__name__
            try:
                check(estimator)
            except BaseException as error:  # noqa: BLE001  unittest's SkipTest is one
                if type(error).__name__ != "SkipTest":
                    failed[name] = str(error)
    assert set(failed) == set(EXPECTED_FAILED_CHECKS), failed


def test_attributes(small):
    model = TSNE(**QUICK)
    assert model.fit(small) is model
    assert model.embedding_.shape == (150, 2) and model.embedding_.dtype == np.float32
    assert model.n_iter_ == 50 and model.n_features_in_ == 8
    assert model.kl_divergence_ == model.tsne_embedding_.kl_divergence
    assert model.learning_rate_ == 150
    assert list(model.get_feature_names_out()) == ["tsne0", "tsne1"]
    assert same_bits(model.fit_transform(small), model.embedding_)
    assert model.transform(small[:7]).shape == (7, 2)


def test_names_of_sklearn(small):
    ours = TSNE(init="random", max_iter=70, method="exact", angle=0.3, random_state=0)
    settings = ours._settings()
    assert (settings.initialization, settings.theta) == ("random", 0.3)
    assert settings.negative_gradient_method == "exact"
    assert ours.fit(small).n_iter_ == 70
    assert TSNE(max_iter=400)._settings().n_iter == 150
    with pytest.raises(ValueError, match="^method: "):
        TSNE(method="tree").fit(small)
    with pytest.raises(ValueError, match="^max_iter: "):
        TSNE(max_iter=0).fit(small)


def test_pipeline_clone_and_search(digits):
    x, labels = digits[0][:300], digits[1][:300]
    line = make_pipeline(StandardScaler(), TSNE(**QUICK))
    assert line.fit_transform(x).shape == (300, 2)
    assert clone(line[-1]).get_params() == line[-1].get_params()
    whole = make_pipeline(TSNE(**QUICK), KNeighborsClassifier(5))
    search = GridSearchCV(whole, {"tsne__perplexity": [10, 30]}, cv=2).fit(x, labels)
    assert search.best_score_ > 0.5


def test_set_output(small):
    frame = pd.DataFrame(small, columns=list("abcdefgh"), index=np.arange(150) + 5)
    model = TSNE(**QUICK).set_output(transform="pandas")
    made = model.fit_transform(frame)
    assert list(made.columns) == ["tsne0", "tsne1"] and made.index[0] == 5
    assert list(model.feature_names_in_) == list("abcdefgh")


def test_pickle_and_processes(small):
    model = TSNE(**QUICK).fit(small)
    other = pickle.loads(pickle.dumps(model))
    assert same_bits(other.embedding_, model.embedding_)
    assert same_bits(other.transform(small[:5]), model.transform(small[:5]))
    jobs = [joblib.delayed(TSNE(**QUICK).fit_transform)(small) for _ in range(2)]
    for made in joblib.Parallel(n_jobs=2, backend="loky")(jobs):
        assert same_bits(made, model.embedding_)


def test_as_good_as_sklearn(digits):
    from sklearn.manifold import TSNE as Theirs
    from sklearn.manifold import trustworthiness

    x = digits[0][:500]
    ours = TSNE(max_iter=500, random_state=0).fit(x)
    theirs = Theirs(max_iter=500, random_state=0).fit(x)
    a, b = (trustworthiness(x, one.embedding_) for one in (ours, theirs))
    assert a > b - 0.005


def test_precomputed_is_pairwise(small):
    from sklearn.metrics import pairwise_distances

    model = TSNE(metric="precomputed", init="random", **QUICK).fit(pairwise_distances(small))
    assert model.embedding_.shape == (150, 2)
    assert model.__sklearn_tags__().input_tags.pairwise
