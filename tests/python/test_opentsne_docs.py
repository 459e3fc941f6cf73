"""Programs as openTSNE's documentation has them, with the import line changed:
simple usage, advanced usage, embedding several data sets, large data."""

import numpy as np
import pytest
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

import opentsne_go as openTSNE


@pytest.fixture(scope="module")
def halves(digits):
    x, y = digits
    return train_test_split(x.astype(float), y, test_size=0.33, random_state=42)


def accuracy(train, train_labels, test, test_labels):
    model = KNeighborsClassifier(10).fit(np.asarray(train), train_labels)
    return model.score(np.asarray(test), test_labels)


def test_simple_usage(halves, capsys):
    from opentsne_go import TSNE

    x_train, x_test, y_train, y_test = halves
    tsne = TSNE(perplexity=30, metric="euclidean", n_jobs=8, random_state=42, verbose=True)
    embedding_train = tsne.fit(x_train)
    assert "TSNE(" in capsys.readouterr().out
    embedding_test = embedding_train.transform(x_test)
    assert type(embedding_test) is openTSNE.PartialTSNEEmbedding
    assert embedding_test.shape == (len(x_test), 2)
    assert accuracy(embedding_train, y_train, embedding_test, y_test) > 0.95


def test_advanced_usage(halves):
    x_train, x_test, y_train, y_test = halves
    affinities_train = openTSNE.affinity.PerplexityBasedNN(
        x_train, perplexity=30, metric="euclidean", n_jobs=8, random_state=42, verbose=False
    )
    init_train = openTSNE.initialization.pca(x_train, random_state=42)
    embedding_train = openTSNE.TSNEEmbedding(
        init_train,
        affinities_train,
        negative_gradient_method="fft",
        n_jobs=8,
        verbose=False,
    )
    first = embedding_train.optimize(n_iter=250, exaggeration=12, momentum=0.5)
    assert first is not embedding_train and np.ptp(embedding_train) < 1e-2
    second = first.optimize(n_iter=500, momentum=0.8)
    assert second.kl_divergence < first.kl_divergence
    embedding_test = second.prepare_partial(x_test, initialization="median", k=25, perplexity=5)
    start = np.array(embedding_test)
    refined = embedding_test.optimize(
        n_iter=250, learning_rate=0.1, exaggeration=1.5, momentum=0.8
    )
    assert np.array_equal(embedding_test, start) and not np.array_equal(refined, start)
    assert accuracy(second, y_train, refined, y_test) > 0.95
    affinities_train.set_perplexity(10)
    local = openTSNE.TSNEEmbedding(second, affinities_train).optimize(100)
    assert np.isfinite(local).all()


def test_embedding_multiple_data_sets(halves):
    """A multiscale map of one data set, and another placed on it."""
    x_train, x_test, y_train, y_test = halves
    affinities = openTSNE.affinity.Multiscale(
        x_train, perplexities=[50, 400], metric="cosine", n_jobs=8, random_state=3
    )
    init = openTSNE.initialization.pca(x_train, random_state=42)
    embedding = openTSNE.TSNEEmbedding(init, affinities, negative_gradient_method="fft", n_jobs=8)
    embedding.optimize(n_iter=250, exaggeration=12, momentum=0.8, inplace=True)
    embedding.optimize(n_iter=400, exaggeration=1, momentum=0.8, inplace=True)
    new = embedding.transform(x_test)
    assert accuracy(embedding, y_train, new, y_test) > 0.9


def test_large_data(halves):
    """A sample's map is the start of the map of all."""
    x_train, x_test, y_train, y_test = halves
    x = np.vstack([x_train, x_test])
    labels = np.concatenate([y_train, y_test])
    rng = np.random.default_rng(0)
    indices = rng.permutation(len(x))
    reverse = np.argsort(indices)
    x_sample, x_rest = x[indices[:500]], x[indices[500:]]
    sample_affinities = openTSNE.affinity.PerplexityBasedNN(x_sample, perplexity=100, n_jobs=8)
    sample_init = openTSNE.initialization.pca(x_sample, random_state=42)
    sample = openTSNE.TSNEEmbedding(sample_init, sample_affinities, n_jobs=8)
    sample = sample.optimize(n_iter=250, exaggeration=12, momentum=0.5)
    sample = sample.optimize(n_iter=250, exaggeration=1, momentum=0.8)
    rest_init = sample.prepare_partial(x_rest, k=1, perplexity=1 / 3)
    init_full = np.vstack((sample, rest_init))[reverse]
    init_full = init_full / (np.std(init_full[:, 0]) * 10000)
    affinities = openTSNE.affinity.PerplexityBasedNN(x, perplexity=30, n_jobs=8)
    embedding = openTSNE.TSNEEmbedding(init_full, affinities, n_jobs=8)
    embedding = embedding.optimize(n_iter=250, exaggeration=12, momentum=0.5)
    embedding = embedding.optimize(n_iter=250, exaggeration=4, momentum=0.8)
    assert accuracy(embedding, labels, embedding, labels) > 0.97
