"""The documentation site, from the pages as they lie: python scripts/site.py GO.

Lays out README, the pages and the references under build/site/source, has Sphinx
make build/site/html of them, and looks at every link and image of the result, and
for every public name of the package. A warning of Sphinx is an error; addresses
elsewhere are not asked for.
"""

import html.parser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
SOURCE, HTML = ROOT / "build/site/source", ROOT / "build/site/html"
SETTINGS = ROOT / "docs" / "site"
PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/features.md"]
PAGES += sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").glob("*.md"))
NOTEBOOKS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "examples/notebook").glob("*.ipynb"))
FILES = "https://github.com/libtsne/libtsne/blob/main/"
RAW = "https://raw.githubusercontent.com/libtsne/libtsne/main/"


def page(name):
    """A page as Sphinx takes it: files and folders that are no pages are links to the repository."""
    here = (ROOT / name).parent

    def elsewhere(found):
        path, mark, anchor = found[1].partition("#")
        there = here / path
        if not path or "://" in path or not there.exists():
            return found[0]
        inside = there.resolve().relative_to(ROOT).as_posix()
        if inside in PAGES + NOTEBOOKS or inside.startswith("docs/img/"):
            return found[0]
        return f"]({FILES}{inside}{mark}{anchor})"

    text = re.sub(r"\]\(([^)\s]+)\)", elsewhere, (ROOT / name).read_text("utf-8"))
    # Long code in a table has a class of its own, for the style.
    text = re.sub(
        r"^\|.*", lambda row: re.sub("`[^`]+`", lambda code: code[0] + "{.line}" * (len(code[0]) > 36), row[0]), text, flags=re.M
    )
    return text.replace(f"]({RAW}", "](/")


def write(name, text):
    path = SOURCE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def go_reference(go):
    parts = ["# Go reference\n\nWhat `go doc -all` says. [Start here](../README.md) has lines to begin with.\n"]
    for package in ("tsne", "tsne/npy"):
        said = subprocess.run([go, "doc", "-all", f"./{package}"], cwd=ROOT, capture_output=True, text=True, check=True)
        parts.append(f"## Package `{package}`\n\n````text\n{said.stdout.rstrip()}\n````\n")
    write("api/go.md", "\n".join(parts))


def r_reference():
    """R's help, or where there is no R a page that says so."""
    if not shutil.which("Rscript"):
        print("R's reference is left out: there is no R")
        write("api/r/index.md", '# R reference\n\nThis site was built without R. In R: `help(package = "libtsne")`.\n')
        return
    made = ROOT / "build/site/rd"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    subprocess.run(["Rscript", SETTINGS / "rd.R", ROOT / "r/man", made], check=True)
    topics = [line.split("\t") for line in (made / "index.tsv").read_text("utf-8").splitlines()]
    rows, names = [], []
    for name, title in topics:
        body = re.search(r"</table>\s*<h2>.*?</h2>(.*)</div>\s*</body>", (made / f"{name}.html").read_text("utf-8"), re.S)[1]
        body = "\n".join(line for line in body.splitlines() if line.strip())
        write(f"api/r/{name}.md", f'# {name}\n\n{title}\n\n```{{raw}} html\n<div class="rd">\n{body}\n</div>\n```\n')
        rows.append(f"| [`{name}`]({name}.md) | {title} |")
        names.append(name)
    index = ['# R reference\n\n`library(libtsne)`; `help(package = "libtsne")` has the same.\n\n| | |\n|---|---|', *rows]
    write("api/r/index.md", "\n".join(index) + "\n\n```{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n```\n")


class Links(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.targets = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 the signature is the parser's
        for key, value in attrs:
            if key in ("id", "name"):
                self.ids.add(value)
            elif key in ("href", "src") and value:
                self.targets.append(value)


def dead_links():
    pages = {path: Links(path.read_text("utf-8")) for path in HTML.rglob("*.html")}
    for path, links in pages.items():
        for target in links.targets:
            at = urlsplit(target)
            if at.scheme or at.netloc:
                continue
            there = (path.parent / unquote(at.path)).resolve() if at.path else path
            missing = not there.is_file()
            if missing or (at.fragment and there in pages and unquote(at.fragment) not in pages[there].ids):
                yield f"{path.relative_to(HTML)}: {target}"


def left_out():
    """Public names of the package that its reference has not."""
    import opentsne_go

    ids = Links((HTML / "api/python.html").read_text("utf-8")).ids
    for name in opentsne_go.__all__:
        known = {f"module-opentsne_go.{name}", *(f"opentsne_go.{within}{name}" for within in ("", "affinity.", "errors."))}
        if name != "__version__" and not ids & known:
            yield name


def main():
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(HTML, ignore_errors=True)
    for name in PAGES:
        write(name, page(name))
    shutil.copytree(ROOT / "docs/img", SOURCE / "docs/img")
    for name in NOTEBOOKS:
        write(name, (ROOT / name).read_text("utf-8"))
    write("index.md", (SETTINGS / "index.md").read_text("utf-8"))
    write("api/python.md", (SETTINGS / "python.md").read_text("utf-8"))
    go_reference(sys.argv[1])
    r_reference()
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", "-E"]
    if subprocess.run([*command, "-c", SETTINGS, "-d", ROOT / "build/site/doctrees", SOURCE, HTML], cwd=ROOT).returncode:
        sys.exit("the site has warnings, above")
    dead = list(dead_links())
    if dead:
        sys.exit("dead links:\n" + "\n".join(dead))
    without = list(left_out())
    if without:
        sys.exit("docs/site/python.md has not: " + ", ".join(without))
    print(HTML / "index.html")


if __name__ == "__main__":
    main()
