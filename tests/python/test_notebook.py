"""In a real Jupyter kernel."""

from __future__ import annotations

import time
from pathlib import Path

import nbclient
import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

#: Seconds after which a kernel counts as hung, on a busy machine too.
PATIENCE = 900

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def outputs_until(client, word):
    """Waits until a cell has printed a word."""
    printed = ""
    while word not in printed:
        message = client.get_iopub_msg(timeout=PATIENCE)
        printed += message["content"].get("text", "")
    return printed


def run(client, code):
    """Runs a cell; what it answered and what it printed."""
    cell = client.execute(code)
    answer = client.get_shell_msg(timeout=PATIENCE)
    while answer["parent_header"]["msg_id"] != cell:
        answer = client.get_shell_msg(timeout=PATIENCE)
    printed = ""
    while True:
        message = client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == cell:
            printed += message["content"].get("text", "")
            if message["content"].get("execution_state") == "idle":
                return answer["content"], printed


def test_stop_button_leaves_a_working_kernel(kernel):
    manager, client = kernel
    answer, _ = run(client, "import numpy as np, opentsne_go as og\nx = np.random.default_rng(0).normal(size=(20000, 20))")
    assert answer["status"] == "ok"
    cell = client.execute("og.TSNE(n_iter=10**9, n_jobs=2, verbose=True).fit(x)")
    outputs_until(client, "Running optimization")
    time.sleep(0.3)
    manager.interrupt_kernel()
    answer = client.get_shell_msg(timeout=PATIENCE)
    assert answer["parent_header"]["msg_id"] == cell
    assert (answer["content"]["status"], answer["content"]["ename"]) == ("error", "KeyboardInterrupt")
    answer, printed = run(client, "print(og.TSNE(n_iter=5, n_jobs=2).fit(x[:500]).shape)")
    assert answer["status"] == "ok" and printed == "(500, 2)\n"


def printed(notebook):
    every = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    # A kernel sends what is printed in pieces, which depend on its pace.
    return "".join(o.text for o in every if o.get("name") == "stdout")


@pytest.mark.parametrize(("name", "pictures", "films"), [("blood_cells", 6, 1), ("scanpy_day", 3, 0)])
def test_example_runs_as_it_stands(name, pictures, films, tmp_path):
    notebook = nbformat.read(ROOT / "examples" / "notebook" / f"{name}.ipynb", as_version=4)
    shown = printed(notebook)
    nbclient.NotebookClient(
        notebook, timeout=PATIENCE, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    made = [o.get("data", {}) for cell in notebook.cells for o in cell.get("outputs", [])]
    assert sum("image/png" in data for data in made) == pictures
    assert sum("image/gif" in data.get("text/html", "") for data in made) == films
    # What it prints is determined by data and seeds.
    assert printed(notebook) == shown


def test_every_notebook_is_run():
    there = sorted(path.stem for path in (ROOT / "examples" / "notebook").glob("*.ipynb"))
    assert there == ["blood_cells", "scanpy_day"]


MADE = """
import numpy as np, opentsne_go as og
from opentsne_go import pl
y = np.random.default_rng(0).normal(size=(60, 2))
kinds = np.arange(60) % 3
history = og.callbacks.History()
embedding = og.TSNE(perplexity=5, n_iter=50, callbacks=history, callbacks_every_iters=100).fit(np.c_[y, y])
"""
ONCE = {
    "axes as the value of a cell": "pl.scatter(y, kinds)",
    "axes with a name": "ax = pl.scatter(y, kinds)",
    "axes without a word": "pl.scatter(y, kinds);",
    "axes and a figure of pyplot's": "import matplotlib.pyplot as plt\nf, ax = plt.subplots()\npl.scatter(y, kinds, ax=ax);",
    "a figure as the value of a cell": "pl.side_by_side([y, y], [kinds, kinds])",
    "a figure with a name": "figure = pl.side_by_side([y, y])",
    "a figure that was shown": "figure",
    "a curve": "pl.kl_curve(history)",
    "new points": "pl.mapped(y, y[:5] + 0.1)",
}


def test_what_functions_return_is_shown_once():
    """Pictures of a cell, in a real kernel: one, whatever becomes of what the function returns."""
    cells = [nbformat.v4.new_code_cell(code) for code in [MADE, *ONCE.values(), "pl.animation(history)", "embedding"]]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=PATIENCE, kernel_name="python3").execute()
    shown = [[o.get("data", {}) for o in cell.outputs] for cell in notebook.cells]
    for name, outputs in zip(ONCE, shown[1:], strict=False):
        assert [sorted(one) for one in outputs] == [["image/png", "text/plain"]], name
    film, embedding = shown[-2:]
    assert len(film) == len(embedding) == 1
    assert "data:image/gif;base64" in film[0]["text/html"] and "image/png" not in film[0]
    assert "data:image/png;base64" in embedding[0]["text/html"] and "TSNEEmbedding" in embedding[0]["text/html"]


def test_live_is_one_picture_that_changes_and_can_be_stopped(kernel):
    manager, client = kernel
    answer, _ = run(client, "import numpy as np, opentsne_go as og\nx = np.random.default_rng(0).normal(size=(2000, 20))\nlive = og.callbacks.Live(share=1e9)")
    assert answer["status"] == "ok"
    cell = client.execute("og.TSNE(n_iter=10**9, n_jobs=2, callbacks=live).fit(x)")
    shown, changed = [], []
    while len(changed) < 3:
        message = client.get_iopub_msg(timeout=PATIENCE)
        kind, content = message["msg_type"], message["content"]
        if kind == "display_data":
            shown.append(content)
        elif kind == "update_display_data":
            changed.append(content)
    manager.interrupt_kernel()
    answer = client.get_shell_msg(timeout=PATIENCE)
    while answer["parent_header"]["msg_id"] != cell:
        answer = client.get_shell_msg(timeout=PATIENCE)
    assert answer["content"]["ename"] == "KeyboardInterrupt"
    assert len(shown) == 1 and "image/png" in shown[0]["data"]
    assert {one["transient"]["display_id"] for one in [*shown, *changed]} == {shown[0]["transient"]["display_id"]}
    assert len({one["data"]["image/png"] for one in [*shown, *changed]}) == 4
    answer, printed = run(client, "print(live.frames >= 4)")
    assert answer["status"] == "ok" and "True" in printed
