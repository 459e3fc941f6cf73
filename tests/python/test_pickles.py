"""Pickles of earlier versions, which have the names of their modules in them."""

import gzip
import pickle
import pickletools
from pathlib import Path

import numpy as np
import pytest

import opentsne_go
from conftest import same_bits

FILES = sorted((Path(__file__).parent / "pickles").glob("*.gz"))


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.stem)
def things(request):
    return pickle.loads(gzip.decompress(request.param.read_bytes()))


def test_all_kinds_are_there(things):
    kinds = {name: type(thing) for name, thing in things.items()}
    assert kinds["fit"] is kinds["own"] is opentsne_go.TSNEEmbedding
    assert kinds["partial"] is opentsne_go.PartialTSNEEmbedding
    assert kinds["settings"] is opentsne_go.TSNE and things["settings"].perplexity == 7
    for name, kind in (
        ("one", "PerplexityBasedNN"),
        ("several", "Multiscale"),
        ("sigma", "FixedSigmaNN"),
        ("given", "PrecomputedAffinities"),
    ):
        assert kinds[name] is getattr(opentsne_go.affinity, kind)
        assert things[name].P.shape == (40, 40)
    assert type(things["own"].affinities) is opentsne_go.affinity.Uniform
    for name in ("Bootstrap", "Superposition", "Quality", "Alignment", "Consensus"):
        assert kinds[name.lower()] is getattr(opentsne_go, name)


def test_they_go_on(things):
    fit = things["fit"]
    assert fit.affinities.perplexities == 5 and np.isfinite(fit.kl_divergence)
    again = pickle.loads(pickle.dumps(fit))
    assert same_bits(fit.optimize(5), again.optimize(5))
    assert things["partial"].optimize(5).shape == (5, 2)
    assert fit.transform(things["index"].data[:3], perplexity=3).shape == (3, 2)


def test_they_name_public_modules_alone(things):
    made = pickle.dumps({**things, "affinities": things["fit"].affinities}, protocol=4)
    named = {text for _, text, _ in pickletools.genops(made) if isinstance(text, str) and text.startswith("opentsne_go")}
    assert {"opentsne_go", "opentsne_go.affinity"} <= named
    assert not [one for one in named if "._" in one]


def test_modules_of_earlier_versions_are_found():
    import opentsne_go.embedding
    from opentsne_go.partial import PartialTSNEEmbedding

    assert opentsne_go.embedding.TSNEEmbedding is opentsne_go.TSNEEmbedding
    assert PartialTSNEEmbedding is opentsne_go.PartialTSNEEmbedding
