# One page that shows a model: AUROC of each statement, reliability, robustness, and what quantisation moved.
# Separate from the figures' numbers: those come from the program, tools/robustness and the trainer, and are only drawn here.
"""`python -m precordia_train figures`. Each panel is drawn from its own file; one whose file is not given says so."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np

from .preprocess import tables

# Okabe and Ito's colours, which stay apart for colour-blind readers.
BLUE, ORANGE, GREEN, RED, SKY, PINK, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#666666"
GROUPS = (("diagnostic", BLUE), ("form", ORANGE), ("rhythm", GREEN))
# Statements of the reliability panel: frequent ones of each kind.
STATEMENTS = (("NORM", BLUE, "o"), ("IMI", RED, "s"), ("LVH", ORANGE, "^"), ("AFIB", GREEN, "D"), ("PVC", PINK, "v"))
STYLE = {
    "font.family": "DejaVu Sans", "font.size": 7, "axes.titlesize": 8, "axes.titlelocation": "left", "axes.titleweight": "bold",
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6, "lines.linewidth": 1.1, "lines.markersize": 3.5,
    "legend.frameon": False, "legend.fontsize": 6.5, "svg.hashsalt": "precordia", "svg.fonttype": "path",
}  # fmt: skip
BINS = 10
# Exams in a bin below which a single statement's point is left out.
LEAST = 10
# The gate of tools/robustness.
MOST_LOSS = 0.02


def rows_of(path: Path) -> tuple[list, list]:
    """Columns and rows of a CSV file with a heading."""
    with open(path, newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    return heading, rows


def record_number(name: str) -> int:
    """PTB-XL's number of `records100/00000/00017_lr`."""
    try:
        return int(Path(name).name.split("_")[0])
    except ValueError:
        raise ValueError(f"{name} is no record of PTB-XL: a name such as 00017_lr is right") from None


def reliability(probability: np.ndarray, stated: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean probability, part stated and exams of each of `BINS` bins of equal width; not a number for an empty one."""
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    count = np.bincount(place, minlength=BINS).astype(float)
    with np.errstate(invalid="ignore"):
        return np.bincount(place, probability, BINS) / count, np.bincount(place, stated, BINS) / count, count


def wilson(part: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 95 % interval of a proportion (Wilson 1927)."""
    z = 1.959964
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (part + z * z / (2 * count)) / (1 + z * z / count)
        half = z / (1 + z * z / count) * np.sqrt(part * (1 - part) / count + z * z / (4 * count * count))
    return middle - half, middle + half


def probabilities(path: Path, data: Path) -> dict:
    """Code -> (probabilities, stated) over the records of `classify --format csv` that have an answer."""
    heading, rows = rows_of(path)
    table = tables(data)
    place = {number: index for index, number in enumerate(table.ecg_id.tolist())}
    rows = [row for row in rows if not row[2].startswith(("error", "unknown"))]
    labels = table.labels[[place[record_number(row[0])] for row in rows]]
    values = np.array([row[3:] for row in rows], float)
    return {code: (values[:, heading.index(code) - 3], labels[:, index]) for index, code in enumerate(table.codes) if code in heading}


def task(evaluation: dict, name: str) -> dict:
    """One task of `precordia evaluate --json`."""
    for found in evaluation.get("tasks", []):
        if found["task"] == name:
            return found
    raise ValueError(f"the evaluation has no task '{name}': what `precordia evaluate ptbxl --json` writes is right")


def draw_bars(axes, evaluation: dict) -> None:
    """One bar a statement from 0.5, chance, up, with its interval; pale below 20 positives."""
    codes = {group: {label["code"] for label in task(evaluation, group)["labels"]} for group, _ in GROUPS}
    left = [label for label in task(evaluation, "all")["labels"] if label["covered"] and label["auroc"] is not None]
    x, ticks = 0, []
    for group, colour in GROUPS:
        chosen = sorted((label for label in left if label["code"] in codes[group]), key=lambda label: -label["auroc"])
        left = [label for label in left if label["code"] not in codes[group]]
        macro = task(evaluation, group)["macro"]
        middle = x + (len(chosen) - 1) / 2
        axes.text(middle, 1.012, f"{group}: macro {macro['auroc']:.3f} of {macro['labels']}", color=colour, ha="center", va="bottom")
        for label in chosen:
            axes.bar(x, label["auroc"] - 0.5, 0.75, 0.5, color=colour, alpha=1 if label["positives"] >= 20 else 0.35)
            axes.plot([x, x], label["interval"].get("auroc") or [label["auroc"]] * 2, color="black", linewidth=0.6)
            ticks.append((x, label["code"]))
            x += 1
        x += 1
    axes.set_xticks([place for place, _ in ticks], [code for _, code in ticks], rotation=90, fontsize=5.5)
    axes.tick_params(axis="x", length=0, pad=1)
    axes.set(xlim=(-1, x - 1), ylim=(0.5, 1.0), ylabel="AUROC (0.5 is chance)")
    axes.yaxis.grid(True, linewidth=0.3, color="#cccccc")
    axes.set_axisbelow(True)
    axes.set_title("AUROC of each statement with its 95 % interval; pale: fewer than 20 positives", pad=14)


def draw_reliability(pooled, single, found: dict) -> None:
    """Pooled over all statements, with how many answers each bin has; beside it a few statements."""
    for axes in (pooled, single):
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.6, linestyle="--")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="predicted probability", aspect="equal")
    probability, stated = (np.concatenate([pair[part] for pair in found.values()]) for part in (0, 1))
    mean, part, count = reliability(probability, stated)
    low, high = wilson(part, count)
    pooled.errorbar(mean, part, [part - low, high - part], color=BLUE, marker="o", elinewidth=0.8)
    for index in np.flatnonzero(count):
        place = (6, -7) if index else (7, 2)
        pooled.annotate(f"{count[index]:,.0f}", (mean[index], part[index]), place, textcoords="offset points", fontsize=5, color=GREY)
    pooled.set_title("Reliability, all statements")
    pooled.set_ylabel("part of exams with the statement")
    pooled.text(0.03, 0.97, "grey: answers in the bin", transform=pooled.transAxes, va="top", fontsize=5.5, color=GREY)
    for code, colour, marker in STATEMENTS:
        if code not in found:
            continue
        mean, part, count = reliability(*found[code])
        keep = count >= LEAST
        single.plot(mean[keep], part[keep], color=colour, marker=marker, linewidth=0.8, label=f"{code} ({found[code][1].sum()})")
    words = f"statement (positives)\nbins of {LEAST} or more"
    single.legend(title=words, title_fontsize=5.5, fontsize=5.5, loc="lower right", handlelength=1.2)
    single.set_title("Reliability, single statements")


def curve(rows: list, name: str) -> tuple[list, list]:
    """Levels and losses of one perturbation, in the order measured."""
    chosen = [row for row in rows if row["perturbation"] == name]
    return [row["level"] for row in chosen], [float(row["loss"]) for row in chosen]


def draw_robustness(noise, leads, other, rows: list) -> None:
    """Macro AUROC lost: over the level of noise, over missing leads, and at each of the rest."""
    for name, colour, marker in (("wander", BLUE, "o"), ("muscle", RED, "s"), ("mains", GREEN, "^")):
        levels, losses = curve(rows, name)
        noise.plot([float(level.split()[0]) for level in levels], losses, color=colour, marker=marker, label=name)
    noise.plot([20, 12], [MOST_LOSS] * 2, color=GREY, linestyle="--", label=f"at most {MOST_LOSS}, to 12 dB")
    noise.invert_xaxis()
    noise.set(xlabel="signal-to-noise ratio, dB", ylabel="macro AUROC lost", xticks=[20, 12, 6, 0])
    noise.set_title("Added noise")
    noise.legend(loc="upper left")
    names, each = curve(rows, "missing lead")
    levels, losses = curve(rows, "missing leads")
    leads.plot([0, *map(int, levels)], [0, *losses], color=BLUE, marker="o", label="drawn at random")
    leads.plot([1] * len(each), each, color=ORANGE, marker="_", linestyle="none", markersize=7, label="each lead alone")
    worst = int(np.argmax(each))
    leads.annotate(names[worst].replace("AV", "aV"), (1, each[worst]), (6, 1), textcoords="offset points", color=ORANGE)
    leads.axhline(MOST_LOSS, color=GREY, linestyle="--", linewidth=0.8)
    leads.set(xlabel="leads missing, of 12", xticks=[0, 1, 2, 3])
    leads.set_title("Missing leads")
    leads.legend(loc="upper left", bbox_to_anchor=(0, 0.93))
    names = ("rate", "gain", "7 s from", "reversal")
    bars = [(f"{name} {level}", loss, RED if name == "reversal" else BLUE) for name in names for level, loss in zip(*curve(rows, name))]
    for place, (_, loss, colour) in enumerate(bars):
        other.barh(place, loss, 0.65, color=colour)
        other.text(max(loss, 0) + 0.004, place, f"{loss:.4f}", va="center", fontsize=5.5)
    other.set_yticks(range(len(bars)), [name for name, _, _ in bars], fontsize=5.5)
    other.tick_params(axis="y", length=0)
    other.invert_yaxis()
    other.set(xlabel="macro AUROC lost", xlim=(min(0, *(loss for _, loss, _ in bars)), 1.3 * max(loss for _, loss, _ in bars)))
    other.set_title("Rate, gain, length, electrodes")


def draw_quantisation(axes, run: Path) -> None:
    """How often each pair of logits occurs, as a picture: a hundred thousand points would make the file large. `run`: what `quantize` filled."""
    path = run / "answers.npz"
    if not path.exists():
        raise ValueError(f"{path} is missing; a run after `quantize` is right")
    with np.load(path) as answers:
        x, y = (answers[rung].ravel().astype(float) for rung in ("float", "integer"))
    low, high = np.floor(min(x.min(), y.min())), np.ceil(max(x.max(), y.max()))
    count, _, _ = np.histogram2d(x, y, bins=120, range=[[low, high]] * 2)
    shade = np.where(count > 0, np.log10(np.maximum(count, 1)), np.nan).T
    axes.imshow(shade, origin="lower", extent=[low, high] * 2, cmap="cividis_r", interpolation="nearest")
    axes.plot([low, high], [low, high], color=GREY, linewidth=0.5, linestyle="--")
    axes.set(xlabel="logit, float network", ylabel="logit, int8")
    axes.set_title("Logits, float and int8, fold 9")
    words = f"mean difference {np.abs(x - y).mean():.3f}\nlargest {np.abs(x - y).max():.2f}\n{len(x):,} logits"
    axes.text(0.04, 0.96, words, transform=axes.transAxes, va="top", fontsize=5.5)


def summary(evaluation: dict) -> str:
    """What was judged, in two lines."""
    model, macro = evaluation["model"], task(evaluation, "all")["macro"]
    low, high = macro["interval"].get("auroc") or [macro["auroc"]] * 2
    return (
        f"{evaluation['title']}, {evaluation['exams']['judged']:,} exams. "
        f"Macro AUROC {macro['auroc']:.4f} ({low:.4f} to {high:.4f}) over {macro['labels']} statements.\n"
        f"Model {model['name']}, version {model['version']}, SHA-256 {model['sha256'][:16]}: int8 as shipped."
    )


def absent(axes, what: str) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, f"{what}: not given", ha="center", va="center", color=GREY, transform=axes.transAxes)


def page(options):
    """The figure, A4 portrait."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update(STYLE)
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(8.27, 11.69))
    frame = {"left": 0.08, "right": 0.975, "top": 0.885, "bottom": 0.05, "hspace": 0.36, "wspace": 0.42}
    grid = figure.add_gridspec(3, 3, height_ratios=[1.1, 0.85, 1.05], **frame)
    bars = figure.add_subplot(grid[0, :])
    panel = [figure.add_subplot(grid[row, column]) for row in (1, 2) for column in range(3)]
    figure.text(0.08, 0.965, options.title, fontsize=12, weight="bold")
    if options.evaluation:
        evaluation = json.loads(options.evaluation.read_text())
        figure.text(0.08, 0.947, summary(evaluation), fontsize=7.5, va="top")
        draw_bars(bars, evaluation)
    else:
        absent(bars, "AUROC of each statement")
    if options.rows and options.data:
        draw_reliability(panel[0], panel[1], probabilities(options.rows, options.data))
    else:
        absent(panel[0], "reliability")
        panel[1].set_axis_off()
    if options.ladder:
        draw_quantisation(panel[2], options.ladder)
    else:
        absent(panel[2], "float against int8 logits")
    if options.robustness:
        heading, rows = rows_of(options.robustness)
        draw_robustness(*panel[3:], [dict(zip(heading, row)) for row in rows])
    else:
        absent(panel[3], "robustness")
        panel[4].set_axis_off()
        panel[5].set_axis_off()
    return figure


def figures(options) -> None:
    """Writes `options.output` as .svg and .png. The same input gives the same bytes with the same matplotlib."""
    figure = page(options)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    drawing = io.StringIO()
    figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    # Indentation is a tenth of the file.
    options.output.with_suffix(".svg").write_text(re.sub(r"\s*\n\s*", "\n", drawing.getvalue()).rstrip() + "\n")
    figure.savefig(options.output.with_suffix(".png"), dpi=130, metadata={"Software": None}, pil_kwargs={"optimize": True})


def add_parser(verbs) -> None:
    sub = verbs.add_parser("figures", help="one page of figures of a model, as SVG and PNG")
    sub.set_defaults(function=figures)
    sub.add_argument("--evaluation", type=Path, help="what `precordia evaluate ptbxl --json` wrote")
    sub.add_argument("--rows", type=Path, help="what `precordia classify --format csv` wrote of the same records; needs --data")
    sub.add_argument("--data", type=Path, help="PTB-XL, for the labels of those records")
    sub.add_argument("--robustness", type=Path, help="what tools/robustness wrote with -o")
    sub.add_argument("--ladder", type=Path, help="a run's folder, after `quantize`")
    sub.add_argument("--title", default="Precordia", help="the page's heading")
    sub.add_argument("-o", "--output", type=Path, required=True, help="path of the picture; .svg and .png are written")
