"""What the documentation shows runs: its Python as it stands, its C and Go against each other and against Python."""

import os
import re
import shlex
import subprocess

import numpy as np
import pytest

from conftest import ROOT, same_bits
from opentsne_go._native import library

PAGES = sorted(p.relative_to(ROOT).as_posix() for p in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
WITH_PYTHON = [p for p in PAGES if "```python\n" in (ROOT / p).read_text()]


def blocks(page, language):
    """A block after the line <!-- not run: REASON --> is passed over."""
    text = (ROOT / page).read_text()
    found = re.finditer(rf"(<!-- not run: .+ -->\n)?^```{language}\n(.*?)^```", text, re.S | re.M)
    return [m[2] for m in found if not m[1]]


@pytest.fixture
def here(tmp_path, monkeypatch, digits):
    """A folder with the data that pages read."""
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    np.save("cells_50pcs.npy", digits[0][:400, :50])
    yield tmp_path
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("page", WITH_PYTHON)
def test_python_runs(page):
    names = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), names)


def guide():
    """Lines of the guide's tables that are Python."""
    text = (ROOT / "docs" / "features.md").read_text().partition("## From R")[0]
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\|[^-].*\|$", text, re.M)]
    assert {len(cells) for cells in rows} == {4}
    lines = [re.match("`(.+?)`", cells[2]) for cells in rows]
    return [found[1] for found in lines if found and not found[1].startswith("tsne ")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("here")
def test_every_line_of_the_guide_runs():
    names = {}
    exec(blocks("docs/features.md", "python")[0], names)
    assert len(guide()) > 40
    for line in guide():
        exec(compile(line, f"docs/features.md: {line}", "exec"), names)


# For each page: Python's array, and the call of the page's function in C and Go
# with the model file, the new rows z (m x d) and the array out (m x 2).
LOAD_C = 'tsne_model *r = NULL; if (tsne_model_load(&r, "model.npz", NULL)) return 3; int s = %s; tsne_model_free(r); return s;'
LOAD_GO = 'r, err := tsne.Load("model.npz", tsne.Options{}); if err != nil { log.Fatal(err) }; y, err := %s'
CALLS = {
    "docs/transform.md": (
        lambda e, z: e.transform(z, k=10),
        LOAD_C % "place(out, r, z, m, d)",
        LOAD_GO % "place(ctx, r, z)",
    ),
    "docs/align.md": (None, LOAD_C % "agree(out, r, z, m, d)", LOAD_GO % "agree(ctx, r, z)"),
    "docs/together.md": (None, "return days(out, z, m, d);", "y, err := days(ctx, z)"),
    "docs/large-data.md": (None, "return embed(out, z, m, d);", "y, err := embed(ctx, z)"),
    "docs/models.md": (
        lambda e, z: e.transform(z, k=10, n_iter=0),
        'return place_on(out, "model.npz", z, m, d);',
        'y, err := placeOn(ctx, "model.npz", z)',
    ),
}

C = """
#include <stdio.h>
#include <stdlib.h>
static int call(float *out, const float *z, int64_t m, int64_t d) { %s }
int main(int argc, char **argv) {
  int64_t m = atol(argv[1]), d = atol(argv[2]);
  float *z = malloc(sizeof(float) * m * d), *out = malloc(sizeof(float) * m * 2);
  FILE *f = fopen("z", "rb");
  int status = argc != 3 || !f || fread(z, sizeof(float), m * d, f) != (size_t)(m * d);
  fclose(f);
  if (!status && (status = call(out, z, m, d)))
    fprintf(stderr, "%%s\\n", tsne_last_error());
  f = fopen("from-c", "wb");
  fwrite(out, sizeof(float), m * 2, f);
  fclose(f);
  free(z);
  free(out);
  return status;
}
"""

GO = """package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"log"
	"os"
	"strconv"

	"github.com/libtsne/libtsne/tsne"
)

func main() {
	if err := os.Chdir(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	m, _ := strconv.Atoi(os.Args[2])
	d, _ := strconv.Atoi(os.Args[3])
	raw, err := os.ReadFile("z")
	if err != nil {
		log.Fatal(err)
	}
	z := tsne.Matrix{Data: make([]float32, m*d), Rows: m, Cols: d}
	if err := binary.Read(bytes.NewReader(raw), binary.NativeEndian, z.Data); err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	%s
	if err != nil {
		log.Fatal(err)
	}
	var out bytes.Buffer
	if err := binary.Write(&out, binary.NativeEndian, y); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("from-go", out.Bytes(), 0o600); err != nil {
		log.Fatal(err)
	}
}
"""


@pytest.fixture(scope="module")
def reference(digits):
    from opentsne_go import TSNE

    return TSNE(random_state=0, n_jobs=-1).fit(digits[0][:700])


@pytest.mark.parametrize("page", CALLS)
def test_c_and_go_give_the_same_bits(page, here, digits, reference):
    python, c, go = CALLS[page]
    z = np.ascontiguousarray(digits[0][700:1000])
    z.tofile("z")
    reference.save("model.npz")
    size = [str(n) for n in z.shape]

    # The program asks for the library by the name that is built into it.
    built = os.path.realpath(library.lib()._name)
    os.symlink(built, here / "libtsne.so.0")
    (in_c,), (in_go,) = blocks(page, "c"), blocks(page, "go")
    (here / "page.c").write_text(in_c + C % c)
    compiler = shlex.split(os.environ.get("CC", "cc"))
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-I", ROOT / "include"]
    run([*compiler, *flags, "page.c", built, f"-Wl,-rpath,{here}", "-o", "page"], here)
    run([here / "page", *size], here)
    from_c = np.fromfile("from-c", np.float32).reshape(-1, 2)

    (here / "page.go").write_text("package main\n\n" + in_go)
    (here / "main.go").write_text(GO % go)
    run([os.environ.get("GO", "go"), "run", here / "page.go", here / "main.go", here, *size], ROOT)
    from_go = np.fromfile("from-go", np.float32).reshape(-1, 2)

    assert np.isfinite(from_c).all() and np.ptp(from_c) > 1
    assert same_bits(from_c, from_go)
    if python:
        assert same_bits(from_c, python(reference, z))


def run(command, where):
    done = subprocess.run(command, cwd=where, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
