"""New points on a finished map, and models that travel."""

import os
import pickle

import numpy as np
import pytest

import opentsne_go
from conftest import same_bits
from opentsne_go import TSNE, TSNEEmbedding, affinity


def near_labels(embedding, labels, points):
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(10).fit(np.asarray(embedding), labels).predict(np.asarray(points))


def test_transform_lands_where_opentsne_does(data, embedding):
    import openTSNE

    x, labels, new, wanted = data
    before = np.array(embedding)
    ours = embedding.transform(new)
    assert same_bits(embedding, before)
    assert ours.n_iter == 250 and 0 < ours.kl_divergence < 10
    reference = openTSNE.TSNEEmbedding(
        before.astype(float), openTSNE.affinity.PerplexityBasedNN(x.astype(float), 30, method="exact")
    )
    theirs = reference.transform(new.astype(float))
    a = (near_labels(embedding, labels, ours) == wanted).mean()
    b = (near_labels(np.asarray(reference), labels, theirs) == wanted).mean()
    assert a >= b - 0.01 and a > 0.93
    start = embedding.prepare_partial(new, k=10, perplexity=5)
    theirs = reference.prepare_partial(new.astype(float), k=10, perplexity=5)
    shift = before[0] - np.asarray(reference)[0]  # its transform centres the map
    assert np.median(abs(np.asarray(start) - (np.asarray(theirs) + shift))) < 1e-5 * np.ptp(before)


def test_median_start_is_opentsnes(untied):
    """Of data without ties, all points to float32's rounding."""
    import openTSNE

    x, new = untied
    ours = TSNE(random_state=0, n_iter=50, n_jobs=-1).fit(x)
    y = np.asarray(ours, float)
    theirs = openTSNE.TSNEEmbedding(y, openTSNE.affinity.PerplexityBasedNN(x.astype(float), 30, method="exact"))
    shift = y[0] - np.asarray(theirs)[0]  # its maps are centred
    for k in (7, 10, 25):
        want = np.asarray(theirs.prepare_partial(new.astype(float), k=k, perplexity=9)) + shift
        got = np.asarray(ours.prepare_partial(new, k=k, perplexity=9))
        assert abs(got - want).max() < 1e-5 * np.ptp(y)
    for perplexity in (3, 5, 20):  # the default k, cut to 9, to 15, and whole
        want = np.asarray(theirs.prepare_partial(new.astype(float), perplexity=perplexity)) + shift
        got = np.asarray(ours.prepare_partial(new, perplexity=perplexity))
        assert abs(got - want).max() < 1e-5 * np.ptp(y)
        whole = ours.prepare_partial(new, k=min(25, 3 * perplexity), perplexity=perplexity)
        assert same_bits(got, np.asarray(whole))


def test_default_start_by_other_ways(untied):
    """Neighbours that Python finds start a point from as many as the library's do."""
    x, new = untied
    y = np.asarray(TSNE(random_state=0, n_iter=5, early_exaggeration_iter=5, n_jobs=-1).fit(x))
    far = np.sqrt(((x[:, None].astype(float) - x) ** 2).sum(-1))
    apart = np.sqrt(((new[:, None].astype(float) - x) ** 2).sum(-1))
    given = affinity.PerplexityBasedNN(far, 30, metric="precomputed")
    own = affinity.PerplexityBasedNN(x, 30, metric=lambda a, b: float(np.sqrt(((a - b) ** 2).sum())))
    want = TSNEEmbedding(y, affinity.PerplexityBasedNN(x, 30)).prepare_partial(new, perplexity=5)
    for made, rows in ((given, apart), (own, new)):
        got = TSNEEmbedding(y, made).prepare_partial(rows, perplexity=5)
        assert np.allclose(got, want, atol=1e-4 * np.ptp(y))


KINDS = {
    "perplexity": ("PerplexityBasedNN", {"perplexity": 30}, {"perplexity": 7, "k_neighbors": 25}),
    "multiscale": ("Multiscale", {"perplexities": [10, 40]}, {"perplexities": [5, 15]}),
    "sigma": ("FixedSigmaNN", {"sigma": 9.0, "k": 20}, {"sigma": 12.0}),
    "uniform": ("Uniform", {"k_neighbors": 12}, {"k_neighbors": 17}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_starts_and_steps_equal_opentsne(untied, places, kind):
    """By every kind of affinities, from every start."""
    import openTSNE

    name, params, asked = KINDS[kind]
    x, new = untied[0], untied[1].astype(float)
    y, side = places.astype(float), np.ptp(places)
    ours = TSNEEmbedding(y, getattr(affinity, name)(x, method="exact", **params))
    theirs = openTSNE.TSNEEmbedding(
        y, getattr(openTSNE.affinity, name)(x.astype(float), method="exact", **params)
    )
    a, b = ours.prepare_partial(new, k=10, **asked), theirs.prepare_partial(new, k=10, **asked)
    assert abs(a - np.asarray(b)).max() < 1e-5 * side
    p = b.P.toarray()
    apart = abs(a.P.toarray() - p).max(axis=1)
    # Its search misses the perplexity in some rows.
    assert (apart < 2e-6 * p.max()).mean() >= (0.97 if "perplexit" in str(asked) else 1)
    # It weighs by the distances themselves, so that the farthest counts most.
    near, far = ours.affinities.to_new(new, return_distances=True, **asked)[1:]
    start = opentsne_go.initialization.weighted_mean(new, ours, near[:, :10], far[:, :10])
    theirs = theirs.prepare_partial(new, "weighted", 10, **asked)
    assert abs(start - np.asarray(theirs)).max() < 1e-5 * side
    ours = opentsne_go.PartialTSNEEmbedding(start, ours, theirs.P)
    step = {"learning_rate": 0.1, "exaggeration": 1.5, "max_grad_norm": 0.25, "max_step_norm": None}
    a = ours.optimize(20, negative_gradient_method="exact", **step)
    b = theirs.optimize(20, negative_gradient_method="bh", theta=0.01, **step)
    assert abs(a - np.asarray(b)).max() < 1e-5 * side


@pytest.mark.parametrize("kind", [*KINDS, "mixture"])
def test_one_call_does_what_to_new_does(untied, places, kind):
    """The library's transform against its stages, on any number of threads."""
    name, params, asked = KINDS.get(kind, ("MultiscaleMixture", {"perplexities": [10, 40]}, {}))
    x, new = untied
    made = getattr(affinity, name)(x, **params)
    for start in ("median", "weighted"):
        parts = []
        for threads in (1, 3):
            embedding = TSNEEmbedding(places, made, n_jobs=threads)
            parts.append(embedding.prepare_partial(new, start, 10, **asked).optimize(9, learning_rate=0.1))
        assert same_bits(*map(np.asarray, parts))
        placed = embedding.prepare_partial(new, start, 10, **asked)
        want, near, _ = made.to_new(new, return_distances=True, **asked)
        got = placed.P
        assert got.shape == want.shape and got.nnz == want.nnz
        assert abs(got - want).max() < 1e-6
        weights = np.take_along_axis(want.toarray(), near[:, :10], axis=1)
        if start == "weighted":
            y = opentsne_go.initialization.weighted_mean(new, places, near[:, :10], weights)
        else:
            y = opentsne_go.initialization.median(places, near[:, :10])
        assert abs(placed - y).max() < 1e-5 * np.ptp(places)


def test_fitted_maps_know_their_kind(untied):
    x, new = untied
    for kind, params, name in (
        ("perplexity", {"perplexity": [10, 40]}, "Multiscale"),
        ("multiscale", {"perplexity": [10, 40]}, "MultiscaleMixture"),
        ("uniform", {"k": 12}, "Uniform"),
        ("uniform_max", {"k": 12}, "Uniform"),
        ("fixed_sigma", {"sigma": 9.0, "k": 20}, "FixedSigmaNN"),
    ):
        embedding = TSNE(affinity=kind, n_iter=5, random_state=0, **params).fit(x)
        placed = embedding.prepare_partial(new)
        assert type(embedding.affinities).__name__ == name
        assert abs(placed.P - embedding.affinities.to_new(new)).max() < 1e-6
        assert placed.P.nnz == len(new) * {"k": 12}.get("k" if "k" in params else "", 120) or kind == "fixed_sigma"
        both = embedding.affinities.P.data
        assert (np.ptp(both) < 1e-9) == (kind == "uniform_max")


def test_sparse_rows_follow_the_reduction(tmp_path):
    """New sparse rows go along the axes that scikit-learn's SVD has, too."""
    from scipy.sparse import csr_array, random
    from sklearn.decomposition import TruncatedSVD

    rng = np.random.default_rng(0)
    groups = csr_array(np.repeat(rng.random((4, 700)) < 0.1, 100, axis=0) * 1.0)
    x = (csr_array(random(400, 700, 0.02, random_state=0)) + groups)[rng.permutation(400)]
    old, new = x[:320], x[320:]
    svd = TruncatedSVD(50, algorithm="arpack").fit(old)
    embedding = TSNE(n_iter=50, random_state=0).fit(old)
    known = TSNEEmbedding(np.asarray(embedding), affinity.PerplexityBasedNN(svd.transform(old)))
    want = known.prepare_partial(svd.transform(new), perplexity=5)
    stages = TSNE(random_state=0, perplexity=12).prepare_initial(old)
    for one in (embedding, pickle.loads(pickle.dumps(embedding)), stages, pickle.loads(pickle.dumps(stages))):
        assert abs(one.prepare_partial(new, perplexity=5).P - want.P).max() < 1e-4
        assert abs(one.affinities.to_new(new, perplexities=[5]) - want.P).max() < 1e-4
    assert pickle.loads(pickle.dumps(stages)).affinities.perplexities == 12
    made = TSNEEmbedding(np.asarray(embedding), affinity.PerplexityBasedNN(old))
    for one in (embedding, made):
        assert abs(one.prepare_partial(new, perplexity=5) - want).max() < 1e-4
    dense = embedding.transform(new.toarray(), n_iter=0)
    assert abs(dense - embedding.transform(new, n_iter=0)).max() < 1e-4
    near, _ = made.affinities.knn_index.query(old, 1)
    assert list(near[:, 0]) == list(range(320))
    with pytest.raises(ValueError, match="got 100 columns"):
        embedding.transform(new[:, :100])
    embedding.save(tmp_path / "map.npz")  # which has the reduced rows alone
    with pytest.raises(ValueError, match="got 700 columns, want 50"):
        opentsne_go.load(tmp_path / "map.npz").transform(new)


def test_one_by_one_as_all_at_once(data, embedding):
    new = data[2][:80]
    every = np.asarray(embedding.transform(new, n_iter=60))
    parts = [embedding.transform(new[i : i + 7], n_iter=60) for i in range(0, 80, 7)]
    assert same_bits(every, np.concatenate([np.asarray(p) for p in parts]))
    assert same_bits(every[3], np.asarray(embedding.transform(new[3:4], n_iter=60))[0])
    assert embedding.transform(new[:0]).shape == (0, 2)


def test_threads_do_not_change_it(data):
    x, _, new, _ = data
    maps = [TSNE(random_state=0, n_iter=50, n_jobs=j).fit(x).transform(new) for j in (1, 3)]
    assert same_bits(*map(np.asarray, maps))


def test_own_points_land_where_they_are(data, embedding):
    x = data[0]
    back = np.asarray(embedding.transform(x))
    away = np.linalg.norm(back - np.asarray(embedding), axis=1)
    assert np.median(away) < 0.05 * np.ptp(np.asarray(embedding))
    outliers = np.asarray(embedding.transform(x[:20] + 1000))
    assert abs(outliers).max() < 1.2 * abs(np.asarray(embedding)).max()


def test_placements(data, embedding):
    new = data[2]
    for start in ("median", "weighted", "random", np.zeros((len(new), 2))):
        assert np.isfinite(embedding.transform(new, initialization=start, n_iter=20)).all()
    y = np.asarray(embedding)
    near, _ = opentsne_go.nearest_neighbors.Sklearn(data[0], 10).query(new, 10)
    want = opentsne_go.initialization.median(y, near)
    got = np.asarray(embedding.transform(new, k=10, n_iter=0))
    assert (abs(want - got) < 1e-5 * np.ptp(y)).mean() > 0.99
    zeros = np.zeros((len(new), 2))
    assert same_bits(embedding.transform(new, initialization=zeros, n_iter=0), zeros.astype("f4"))


def test_other_metric_and_columns(data):
    """Correlation sees through a scale and an offset that Euclid does not."""
    x, labels, new, wanted = data
    embedding = TSNE(random_state=0, n_jobs=-1).fit(x)
    shifted = new * 3 + 20
    right = {
        m: (near_labels(embedding, labels, embedding.transform(shifted, n_iter=0, metric=m)) == wanted).mean()
        for m in ("correlation", "euclidean")
    }
    assert right["correlation"] > 0.9 > right["euclidean"] + 0.2
    some = np.arange(5, 60)
    part = embedding.transform(new[:, some], columns=some, n_iter=0)
    assert (near_labels(embedding, labels, part) == wanted).mean() > 0.9
    mixed = np.random.default_rng(0).permutation(64)
    whole = embedding.transform(new[:, mixed], columns=mixed, n_iter=0)
    plain = embedding.transform(new, n_iter=0)
    assert (np.asarray(whole) == np.asarray(plain)).mean() > 0.99


def test_bootstrap(data, embedding):
    new = data[2][:40]
    spread = embedding.bootstrap(new, 30, random_state=0)
    assert spread.samples.shape == (30, 40, 2) and spread.radius.shape == (40,)
    away = np.linalg.norm(spread.samples - spread.embedding, axis=2)
    inside = (away <= spread.radius * (1 + 1e-6)).mean(axis=0)
    assert (inside >= 0.95 - 1e-9).all() and inside.mean() < 0.999
    again = embedding.bootstrap(new, 30, random_state=0)
    assert same_bits(spread.samples, again.samples)
    assert not same_bits(spread.samples, embedding.bootstrap(new, 30, random_state=1).samples)
    with pytest.raises(ValueError, match="^n_samples: got 0"):
        embedding.bootstrap(new, 0)


def test_affinities_of_every_kind_carry_new_points(data):
    x, _, new, _ = data
    for made, size in (
        (affinity.PerplexityBasedNN(x, 20), 15),
        (affinity.Multiscale(x, [10, 50]), 15),
        (affinity.MultiscaleMixture(x, [10, 50]), 15),
        (affinity.Uniform(x, 12), 12),
        (affinity.FixedSigmaNN(x, 9.0, k=11), 11),
    ):
        embedding = TSNEEmbedding(opentsne_go.initialization.pca(x), made).optimize(20)
        placed = embedding.transform(new, n_iter=5)
        assert placed.shape == (300, 2) and placed.P.nnz == 300 * size


BAD = {
    "columns": (lambda x: x[:, :60], {}, "60.*64|64.*60"),
    "nan": (lambda x: np.where(np.arange(64) == 3, np.nan, x), {}, "^X: row 0, column 3 is nan"),
    "k": (lambda x: x, {"k": 0}, "^k: got 0"),
    "k large": (lambda x: x, {"k": 1001}, "k.*1001"),
    "perplexity": (lambda x: x, {"perplexity": 0}, "^perplexity: got 0"),
    "start": (lambda x: x, {"initialization": "pca"}, "^initialization: got 'pca'"),
    "start shape": (lambda x: x, {"initialization": np.zeros((3, 2))}, r"^initialization: got \(3"),
    "rate": (lambda x: x, {"learning_rate": -1}, "^learning_rate"),
    "norm": (lambda x: x, {"max_grad_norm": -1}, "^max_grad_norm"),
    "metric": (lambda x: x, {"metric": "minkowski"}, "^metric"),
    "perplexities": (lambda x: x, {"perplexity": [5, -1]}, "^perplexity: got -1"),
    "chosen": (lambda x: x, {"columns": [1, 2]}, "^columns"),
    "chosen range": (lambda x: x, {"columns": np.arange(64) + 9}, "column"),
    "constant": (lambda x: np.ones_like(x), {"metric": "correlation"}, "300 rows of X are constant .*: rows 0, 1, "),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_new_points(data, embedding, case):
    change, arguments, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        embedding.transform(change(data[2]), **arguments)


def test_no_data_no_transform(data, embedding):
    given = TSNEEmbedding(embedding, affinity.PrecomputedAffinities(embedding.affinities.P))
    with pytest.raises(TypeError, match="PrecomputedAffinities"):
        given.transform(data[2])
    with pytest.raises(RuntimeError, match="^Precomputed affinity matrices cannot be queried.$"):
        given.prepare_partial(data[2])
    with pytest.raises(TypeError, match="PrecomputedAffinities takes no perplexity .*unexpected argument 'perplexity'"):
        given.prepare_partial(data[2], perplexity=5)


def test_save_and_load(data, embedding, tmp_path):
    path = tmp_path / "model.npz"
    embedding.save(path)
    other = opentsne_go.load(path)
    assert same_bits(other, embedding) and other.n_iter == embedding.n_iter
    assert same_bits(other.optimize(20), embedding.optimize(20))
    assert same_bits(other.transform(data[2]), embedding.transform(data[2]))
    with np.load(path) as archive:
        assert same_bits(archive["embedding"], embedding)
        assert same_bits(archive["data"], data[0])
    sharp = TSNE(dof=0.5, n_iter=5, random_state=0).fit(data[0])
    sharp.save(path)
    back = opentsne_go.load(path)
    assert same_bits(back.optimize(5), sharp.optimize(5))
    assert back.gradient_descent_params == sharp.gradient_descent_params
    made = TSNEEmbedding(embedding, affinity.PerplexityBasedNN(data[0], 10), max_step_norm=None)
    made.save(path)
    assert opentsne_go.load(path).gradient_descent_params["max_step_norm"] is None
    assert same_bits(opentsne_go.load(path).transform(data[2]), made.transform(data[2]))


def test_saved_maps_know_their_kind(untied, places, tmp_path):
    x, new = untied
    for made in (
        affinity.PerplexityBasedNN(x, 12),
        affinity.Multiscale(x, [5, 20]),
        affinity.MultiscaleMixture(x, [5, 20]),
        affinity.Uniform(x, 12),
        affinity.Uniform(x, 12, symmetrize="mean"),
        affinity.FixedSigmaNN(x, 9.0, k=11),
    ):
        embedding = TSNEEmbedding(places, made)
        embedding.save(tmp_path / "map.npz")
        for other in (opentsne_go.load(tmp_path / "map.npz"), pickle.loads(pickle.dumps(embedding))):
            assert (other.prepare_partial(new).P != embedding.prepare_partial(new).P).nnz == 0
            assert same_bits(np.asarray(other.transform(new)), np.asarray(embedding.transform(new)))
            assert other.affinities._own().get("affinity") in (made._own().get("affinity"), 0)


def test_bad_files(embedding, tmp_path):
    path = tmp_path / "model.npz"
    embedding.save(path)
    whole = path.read_bytes()
    damage = {
        "truncated": whole[:-100],
        "altered": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        "foreign": b"not a model",
        "empty": b"",
    }
    for content in damage.values():
        path.write_bytes(content)
        with pytest.raises(opentsne_go.ModelFileError):
            opentsne_go.load(path)
    np.savez(path, x=np.zeros(3))
    with pytest.raises(ValueError, match="not a model"):
        opentsne_go.load(path)
    with pytest.raises(OSError, match="nowhere"):
        opentsne_go.load(tmp_path / "nowhere.npz")
    path.write_bytes(whole)
    with pytest.raises(OSError, match="no such file or directory"):
        embedding.save(tmp_path / "no" / "folder.npz")
    if os.getuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(OSError, match="permission denied"):
            embedding.save(path)
        tmp_path.chmod(0o700)
    assert path.read_bytes() == whole


def test_pickle_goes_on(data, embedding):
    other = pickle.loads(pickle.dumps(embedding))
    assert same_bits(other.optimize(10), embedding.optimize(10))
    assert same_bits(other.transform(data[2][:9]), embedding.transform(data[2][:9]))
    own = TSNEEmbedding(embedding, affinity.PerplexityBasedNN(data[0], 10), dof=0.7)
    back = pickle.loads(pickle.dumps(own))
    assert back.affinities.perplexity == 10 and back.gradient_descent_params["dof"] == 0.7
    assert same_bits(back.optimize(5), own.optimize(5))
