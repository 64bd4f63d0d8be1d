# The tables and figures that README.md, models/README.md and docs/ say of a model, made from what other commands measured, and put between markers.
# Separate from all that measures: a document can then only say what a command wrote.
"""`python -m precordia_train card`. A document has `<!-- table:card.NAME -->` and `<!-- end -->` on lines of their own with a table between, or within
a line `<!-- figure:TASK.FIGURE -->0.9345<!-- end -->`, `TASK.LABEL.FIGURE` for a label; tasks and figures as in docs/evaluate.md, JSON. Tables of
other tools are left alone: precordia_tools/marked.py has the rules that all of them share."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from precordia_tools import marked

from . import code66, metrics
from .preprocess import tables

ROOT = Path(__file__).resolve().parents[3]
TASKS = ("all", "diagnostic", "subclass", "superclass", "form", "rhythm")
# What has its markers; other pages have those of other commands.
DOCUMENTS = ("README.md", "docs/measured.md", "models/README.md", "docs/code66.md", "docs/robustness.md")
# Positives that a statement needs to be called the worst of the ladder.
LEAST = 20


class Given:
    """The inputs that were named, read once. Asking for one that was not is a ValueError."""

    def __init__(self, options):
        self.options, self.read = options, {}

    def path(self, name: str) -> Path:
        if getattr(self.options, name) is None:
            raise ValueError(f"needs --{name}")
        return getattr(self.options, name)

    def evaluation(self, dataset: str = "ptbxl") -> dict:
        """What `precordia evaluate DATASET --json` wrote. All have to be of one model."""
        path = self.path("evaluate" if dataset == "ptbxl" else dataset)
        if dataset not in self.read:
            found = json.loads(path.read_text(encoding="utf-8"))
            if found.get("dataset") != dataset:
                raise ValueError(f"{path}: what `precordia evaluate {dataset} --json` writes is right")
            for other in self.read.values():
                if other["model"] != found["model"]:
                    raise ValueError(f"{path}: judged {described(found)}; the others judged {described(other)}")
            self.read[dataset] = found
        return self.read[dataset]

    def task(self, name: str) -> dict:
        found = self.evaluation(name if name in ("cpsc2018", "cinc2021") else "ptbxl")
        for each in found["tasks"]:
            if each["task"] == name:
                return each
        raise ValueError(f"the evaluation has no task {name}")


def described(evaluation: dict) -> str:
    model = evaluation["model"]
    return f"model {model['name']} version {model['version']}, SHA-256 {model['sha256'][:16]}"


def judged(evaluation: dict) -> str:
    return f"{evaluation['title']}, {evaluation['exams']['judged']:,} exams; {described(evaluation)}."


def below(evaluation: dict) -> list:
    """The line under a table: what was judged, and how intervals came about."""
    samples = evaluation["bootstrap"]["samples"]
    return ["", judged(evaluation) + (f" In brackets 95 % intervals of {samples:,} bootstrap samples of exams." if samples else "")]


def number(value, decimals: int = 3) -> str:
    return "" if value is None else f"{value:.{decimals}f}"


def spread(figures: dict, name: str, decimals: int = 3) -> str:
    """A figure with its interval, if it has one."""
    ends = figures["interval"].get(name)
    return number(figures[name], decimals) + (f" ({ends[0]:.{decimals}f} to {ends[1]:.{decimals}f})" if ends else "")


def markdown(heading: list, rows, left: int = 1) -> list:
    """A table whose first `left` columns are text."""
    lines = [heading, ["---"] * left + ["--:"] * (len(heading) - left), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines]


def tasks(given: Given) -> list:
    """The tasks of PTB-XL and CODE's classes: means over labels."""
    rows = [
        [task["title"], f"{macro['labels']} of {len(task['labels'])}", f"{task['exams']:,}", spread(macro, "auroc", 4),
         spread(macro, "auprc"), spread(macro, "f_max"), number(macro["ece"], 4)]
        for task in given.evaluation()["tasks"] for macro in [task["macro"]]
    ]  # fmt: skip
    return markdown(["macro over", "labels", "exams", "AUROC", "AUPRC", "F-max", "ECE"], rows) + below(given.evaluation())


def published(given: Given) -> list:
    """Macro AUROC beside what others published."""
    evaluation = given.evaluation()
    rows = [[row["network"], row["source"], *(number(row["macro_auroc"][task]) for task in TASKS)] for row in evaluation["published"]]
    own = [f"**{number(given.task(task)['macro']['auroc'])}**" for task in TASKS]
    rows.append([f"**{evaluation['model']['name']}, int8**", evaluation["title"], *own])
    text = "Macro AUROC. Published: floating-point networks on fold 10."
    return markdown(["network", "source", *TASKS], rows, 2) + ["", text]


def classes(given: Given) -> list:
    """CODE's 66 classes: labels, counts, and what the model makes of them."""
    evaluation, scores = given.evaluation(), {}
    for task in evaluation["tasks"]:
        if task["task"] in ("code", "code-12sl"):
            scores |= {each["code"]: (number(each.get("auroc")), number(each.get("auprc"))) for each in task["labels"]}
    return [*code66.report(given.path("data"), scores=scores), "", f"AUROC and AUPRC: {judged(evaluation)} Without: the model does not say it."]


def alarms(given: Given) -> list:
    """Alerting statements at their alarm thresholds."""
    evaluation = given.evaluation()
    found, table = evaluation.get("alarms"), tables(given.path("data"))
    if not found:
        raise ValueError("the evaluated model has no alerting statement")
    trained = dict(zip(table.codes, table.labels[table.fold <= 8].sum(0)))
    score = {label["code"]: label for label in given.task("all")["labels"]}
    rows = [
        [each["code"], each["words"], each["priority"], trained[each["code"]], number(each["threshold"]),
         f"{each['found']} of {each['positives']}", each["false"], spread(score[each["code"]], "auroc")]
        for each in found["statements"]
    ]  # fmt: skip
    share = found["disturbed"] / max(1, found["quiet"])
    text = f"{share:.1%} of the {found['quiet']:,} exams that state none of these reach a threshold, before persistence over several answers."
    heading = ["statement", "", "priority", "in folds 1-8", "alarm from", "found", "false", "AUROC"]
    return markdown(heading, rows, 3) + ["", text.replace("%", " %", 1), *below(evaluation)]


def subgroups(given: Given) -> list:
    """Parts of the exams; compare only the column of shared statements."""
    evaluation = given.evaluation()
    rows = [
        [score["kind"], group["group"], f"{group['exams']:,}", f"{number(group['auroc'])} of {group['labels']}",
         spread({"auroc": group["shared_auroc"], "interval": {"auroc": group["interval"]}}, "auroc") if group["interval"] else
         number(group["shared_auroc"]), len(score["shared"]), *(f"{100 * group[name]:.1f} %" for name in ("alarmed", "alerting_stated"))]
        for score in evaluation["subgroups"] for group in score["groups"]
    ]  # fmt: skip
    heading = ["by", "group", "exams", "AUROC of own statements", "AUROC of shared statements", "shared", "any alarm", "alerting stated"]
    text = "Own: with 5 positives or more in the group. Shared: those that all groups of the kind with 100 exams or more have; only these compare."
    return markdown(heading, rows, 2) + ["", text, *below(evaluation)]


def zero_shot(given: Given, dataset: str) -> list:
    """A set that the model has not seen: labels that it covers, their mean, and in words those that it does not."""
    task = given.task(dataset)
    name = lambda label: label["words"] if set(label["code"]) <= set("0123456789|") else label["code"]  # noqa: E731
    rows = [
        [name(label), ", ".join(label["answered_by"]), label["positives"], spread(label, "auroc"), spread(label, "auprc"),
         number(label["sensitivity"]), number(label["specificity"])]
        for label in task["labels"] if label["covered"]
    ]  # fmt: skip
    macro = task["macro"]
    rows.append([f"**macro of {macro['labels']}**", "", "", spread(macro, "auroc"), spread(macro, "auprc"), *[""] * 2])
    missing = [f"{name(label)} ({label['positives']})" for label in task["labels"] if not label["covered"]]
    text = ["", f"Not covered, with positives: {', '.join(missing)}."] if missing else []
    heading = ["label", "answered by", "positives", "AUROC", "AUPRC", "sensitivity", "specificity"]
    return markdown(heading, rows, 2) + text + below(given.evaluation(dataset))


def ladder(given: Given) -> list:
    """What quantisation cost on the validation fold, set by set, and the statement that lost most."""
    run = given.path("ladder")
    try:
        found = json.loads((run / "run.json").read_text())
        quantized, sets = found["figures"]["quantize"], [each for each in found["sets"] if not each["auxiliary"]]
    except (FileNotFoundError, KeyError):
        raise ValueError(f"{run} holds no run with figures of `quantize`") from None
    rows = [
        [name, *(number(f[rung], 5) for rung in ("float", "simulated", "integer", "loss")), number(f["worst"], 4) if f["worst"] > -1 else ""]
        for name, f in quantized["sets"].items()
    ]  # fmt: skip
    answers, table = np.load(run / "answers.npz"), tables(given.path("data"))
    labels = table.labels[answers["rows"]][:, [table.codes.index(code) for code in sets[0]["codes"]]]
    each = {rung: metrics.each_auroc(labels, answers[rung][:, : sets[0]["count"]]) for rung in ("float", "integer")}
    if abs(metrics.mean(each["integer"]) - quantized["sets"][sets[0]["name"]]["integer"]) > 1e-9:
        raise ValueError(f"{run}/answers.npz is not of run.json, or of other records than {given.path('data')}")
    lost = np.where(labels.sum(0) >= LEAST, each["float"] - each["integer"], np.nan)
    text = f"Macro AUROC, validation fold. Worst: the label of {LEAST} or more positives that loses most"
    if np.isfinite(lost).any():
        worst = int(np.nanargmax(lost))
        code, both = sets[0]["codes"][worst], [each[rung][worst] for rung in ("float", "integer")]
        text += f"; of the {sets[0]['name']} {code}, {both[0]:.4f} in float and {both[1]:.4f} in integers"
    largest = quantized["difference"]
    text += f". Largest difference of a logit: {largest['float']:.3f} to float, {largest['simulated']:.5f} to simulated."
    return markdown(["labels", "float", "simulated", "integer", "loss", "worst"], rows) + ["", text]


def robustness(given: Given) -> list:
    """The table of tools/robustness, by its own printer."""
    command = [sys.executable, str(ROOT / "tools/robustness"), "--read", str(given.path("robustness")), "--markdown"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return done.stdout.splitlines()


def cables(given: Given) -> list:
    """What the leads of a cable alone cost, and whether the program answers, from the rows of tools/robustness."""
    with open(given.path("robustness"), newline="", encoding="utf-8") as file:
        found = [row for row in csv.DictReader(file) if row.get("perturbation") in ("clean", "cable")]
    if not any(row["perturbation"] == "cable" for row in found):
        raise ValueError(f"{given.path('robustness')}: no row of cables; `tools/robustness --only cable -o` makes them")
    rows = []
    for row in found:
        leads = row["level"].split()
        answered = 1 - int(row["unknown"]) / int(row["n"])
        rows.append([" ".join(leads) or "all twelve", len(leads) or 8, f"{100 * answered:.1f} %", f"{float(row['auroc']):.4f}", f"{float(row['loss']):.4f}"])
    return markdown(["measured leads", "number", "answered", "macro AUROC", "loss"], rows)


TABLES = {
    "tasks": tasks, "published": published, "classes": classes, "alarms": alarms, "subgroups": subgroups,
    "cpsc2018": lambda given: zero_shot(given, "cpsc2018"), "cinc2021": lambda given: zero_shot(given, "cinc2021"),
    "ladder": ladder, "robustness": robustness, "cables": cables,
}  # fmt: skip


def figure(given: Given, name: str) -> str:
    """The figure TASK.FIGURE or TASK.LABEL.FIGURE."""
    parts = re.fullmatch(r"([^.]+)\.(?:(.+)\.)?(\w+)", name)
    if not parts:
        raise ValueError(f"figure {name}: TASK.FIGURE or TASK.LABEL.FIGURE is right")
    task, label, figure = parts.groups()
    found = given.task(task)
    if label:
        place = next((each for each in found["labels"] if each["code"] == label), {})
    else:
        place = {"exams": found["exams"]} | found["macro"]
    if not isinstance(place.get(figure), (int, float)):
        raise ValueError(f"figure {name}: the evaluation has none")
    return number(place[figure], 3 if label else 4) if isinstance(place[figure], float) else f"{place[figure]:,}"


def filled(text: str, path: Path, given: Given) -> str:
    """The document with everything of this command's between markers made anew, but for the tables to keep."""

    def made(place):
        tool, _, name = place.name.partition(".")
        if place.kind == "table" and tool != "card" or marked.is_cell(place) or name in given.options.keep:
            return None
        if place.kind == "table" and name not in TABLES:
            raise ValueError(f"{place.where}: {place}: card. and one of {', '.join(TABLES)} would be right")
        try:
            return TABLES[name](given) if place.kind == "table" else figure(given, place.name)
        except ValueError as error:
            raise ValueError(f"{place.where}: {place}: {error}") from None

    return marked.filled(text, made, path)[0]


def card(options) -> None:
    given = Given(options)
    if options.write:
        documents = [(path, filled(path.read_text(encoding="utf-8"), path, given)) for path in options.write]
        for path, text in documents:
            path.write_text(text, encoding="utf-8")
        return
    for name, table in TABLES.items():
        try:
            print("\n".join([f"### {name}", "", *table(given), ""]))
        except ValueError as error:
            if not str(error).startswith("needs --"):
                raise
            print(f"left out: {name} {error}", file=sys.stderr)


def add_parser(verbs) -> None:
    sub = verbs.add_parser("card", help="the tables of a model that the documents have, as Markdown, or written between their markers")
    sub.set_defaults(function=card)
    for name in ("ptbxl", "cpsc2018", "cinc2021"):
        option = "evaluate" if name == "ptbxl" else name
        sub.add_argument(f"--{option}", type=Path, metavar="JSON", help=f"what `precordia evaluate {name} --json` wrote")
    sub.add_argument("--robustness", type=Path, metavar="CSV", help="what tools/robustness wrote with -o")
    sub.add_argument("--ladder", type=Path, metavar="RUN", help="run folder that was quantised on PTB-XL")
    sub.add_argument("--data", type=Path, help="PTB-XL's tables, for counts and labels")
    sub.add_argument("--keep", nargs="+", default=[], choices=TABLES, metavar="TABLE", help="tables to leave as they are, whose inputs are gone")
    sub.add_argument("--write", type=Path, nargs="+", metavar="FILE", help="documents to fill in between their markers")
