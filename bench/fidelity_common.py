"""A section of the report: its text, its tables and its verdicts."""

import functools
import json

import data
import engine
import evaluate
import jobs

OUT = data.BUILD / "fidelity"
IMG = data.ROOT / "docs" / "img"


class Section:
    def __init__(self, name):
        self.name, self.title, self.parts, self.verdicts = name, name, [], []

    def head(self, title, *text):
        self.title = title
        self.parts.append(f"## {title}\n")
        self.say(*text)

    def say(self, *text):
        self.parts.extend(t.strip() + "\n" for t in text)

    def table(self, columns, rows):
        lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        lines += ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]
        self.parts.append("\n".join(lines) + "\n")

    def check(self, checks):
        """checks: (what, target in words, measured in words, whether it is met)."""
        self.table(["figure", "target", "measured", ""],
                   [(w, t, m, "pass" if ok else "**miss**") for w, t, m, ok in checks])
        self.verdicts += [("pass" if ok else "miss", f"{w}: {m}, target {t}") for w, t, m, ok in checks]

    def picture(self, file, alt):
        self.parts.append(f"![{alt}](img/{file})\n")

    def save(self, notes):
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / f"{self.name}.json").write_text(json.dumps(
            dict(title=self.title, text="\n".join(self.parts), verdicts=self.verdicts, notes=notes)))


@functools.cache
def judge(name):
    return evaluate.Evaluator(name)


def theirs(peer, name, **options):
    """Another program's map and report, made once."""
    return jobs.cached(peer, name, OUT / "maps", **options)


def ours(name, **options):
    """Our map and report, made once for each build of the library."""
    return jobs.cached("libtsne", name, OUT / "ours" / engine.build(), **options)
