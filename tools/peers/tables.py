# What was measured as tables: on the terminal, and between the marks of docs/performance.md and docs/measured.md.
# Separate so that figures can be written again without measuring, and tested without a peer.

from pathlib import Path

from precordia_tools import marked

WORDS = {"onnx": "ONNX Runtime int8", "openvino": "OpenVINO int8", "litert": "LiteRT int8"}
PEERS = tuple(WORDS)
NAMES = {"shipped": "shipped model", "resnet1d": "CODE-II ResNet1d", "depthwise": "depthwise-separable"}


def number(value) -> str:
    """Three digits that say something, with a comma between thousands."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return (
        f"{value:.2g}" if abs(value) < 0.1 else f"{value:.3g}" if abs(value) < 1 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    )


def table(heading: list, rows: list, left: int = 1) -> str:
    """Markdown; the first `left` columns are text."""
    line = lambda cells: "| " + " | ".join(str(cell) for cell in cells) + " |"
    ruler = "| " + " | ".join("---" if index < left else "--:" for index in range(len(heading))) + " |"
    return "\n".join([line(heading), ruler, *map(line, rows)])


def fastest(times: dict) -> tuple:
    """Name and microseconds of the fastest peer that runs a whole window."""
    return min(((name, times[name]) for name in PEERS if times.get(name)), key=lambda pair: pair[1])


def hops(times: dict) -> list:
    return sorted(int(key[3:]) for key in times if key.startswith("hop"))


def ratio_rows(results: dict) -> list:
    """What, Precordia, the other, ratio, aim: each ratio of one run."""
    rows = []

    def row(what, mine, other, words, aim, unit=" us"):
        if mine is None or other is None:
            return
        ratio = mine / other
        met = "" if aim is None else ("met" if (ratio <= aim) else "missed")
        given = f"{words}, {number(other)}{unit}"
        rows.append(
            [what, number(mine) + unit, given, f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}", "-" if aim is None else f"{aim:g}", met]
        )

    peers = results.get("peers")
    for name, aim in (("shipped", 0.85), ("resnet1d", 1.0), ("depthwise", 0.8)):
        times = (peers or {}).get("networks", {}).get(name)
        if times:
            other, value = fastest(times)
            row(f"whole window, {NAMES[name]}", times["precordia"], value, WORDS[other], aim)
    for name in ("shipped", "depthwise", "resnet1d"):
        times = (peers or {}).get("networks", {}).get(name)
        if not times:
            continue
        if not hops(times):
            other, value = fastest(times)
            row(f"one new second, {NAMES[name]}", times["precordia"], value, f"{WORDS[other]}, whole window again", 0.1)
            continue
        short, second = hops(times)[0], hops(times)[-1]
        other, value = fastest(times)
        row(f"one new second, {NAMES[name]}", times[f"precordia-hop{second}"], value, f"{WORDS[other]}, whole window again", 0.1)
        row(
            f"one new second, {NAMES[name]}",
            times[f"precordia-hop{second}"],
            times[f"hop{second}"],
            "LiteRT with states by hand, invoke alone",
            0.75,
        )
        row(
            f"shortest hop, {NAMES[name]}",
            times[f"precordia-hop{short}"],
            times[f"hop{short}"],
            "LiteRT with states by hand, invoke alone",
            0.5,
        )
    if peers:
        row("filters, 12 leads x 4 sections, 20 ms", peers["filters"]["precordia"], peers["filters"]["scipy"], "scipy sosfilt", None)
    exams = results.get("exams")
    if exams:
        rate = exams["precordia"]
        row("stored exams: one, in one of 2 jobs", 2e3 / rate, 2e3 / exams["pipeline"], "wfdb, scipy, ONNX Runtime, 2 processes", 0.05, " ms")
    programs = (results.get("process") or {}).get("programs", {})
    for mine in ("precordia-edge", "precordia classify, WFDB"):
        for other in ("ONNX Runtime, C", "LiteRT, C"):
            if mine in programs and other in programs:
                row(f"start to the answer over 10 s, {mine}", programs[mine]["answer"], programs[other]["answer"], other, None, " ms")
                row(f"peak memory, {mine}", programs[mine]["memory"], programs[other]["memory"], other, None, " MiB")
    return rows


def ratios(results: dict) -> str:
    return table(["what", "Precordia", "beside it", "ratio", "aim, at most", ""], ratio_rows(results), 1)


def absolute(results: dict) -> str:
    """The aims that are no ratios."""
    rows, peers, process = [], results.get("peers"), results.get("process")

    def row(what, value, aim, unit):
        if value is None:
            return
        rows.append([what, f"{number(value)} {unit}", f"{aim:g} {unit}", "met" if value <= aim else "missed"])

    if peers:
        row("filters, 12 leads x 4 sections, 20 ms at 500 Hz", peers["filters"]["precordia"], 0.15, "us")
        row("beats and rhythm alone, a frame of 12 leads at 500 Hz", peers.get("beats"), 0.1, "us")
        row("a frame's whole way at 500 Hz, between answers", peers["frame"], 0.5, "us")
    edge = (process or {}).get("programs", {}).get("precordia-edge")
    if edge:
        row("precordia-edge: start to the answer over 10 s", edge["answer"], 5, "ms")
        row("precordia-edge: peak memory", edge["memory"] * 2**20 / 1e6, 8, "MB")
        row("precordia-edge: program without model", process["sizes"]["precordia-edge"] / 1e6, 2, "MB")
    return table(["what", "measured", "aim, at most", ""], rows)


def peers(results: dict) -> str:
    found, agreement = results["peers"], results.get("agreement", {})
    rows = []
    for name, times in found["networks"].items():
        mine, exact = times["precordia"], agreement.get(name, {}).get("precordia", {})
        bits = f"{exact['logits']:,} logits, every bit" if exact.get("exact") else "DIFFERENT"
        rows.append([NAMES[name], "**Precordia**", number(mine), "1", bits])
        if times.get("limit"):
            rows.append([NAMES[name], "the multiplications alone, at the peak", number(times["limit"]), f"{times['limit'] / mine:.2f}", ""])
        for peer in PEERS:
            if times.get(peer):
                near = agreement.get(name, {}).get(peer, {})
                rows.append(
                    [NAMES[name], WORDS[peer], number(times[peer]), f"{times[peer] / mine:.2f}", f"{near.get('centred', float('nan')):.4f}"]
                )
    return table(["network, whole window", "runtime", "us", "to Precordia", "agreement with the integers"], rows, 2)


def streaming(results: dict) -> str:
    found, agreement, rows = results["peers"], results.get("agreement", {}), []
    for name, times in found["networks"].items():
        for hop in hops(times):
            near = agreement.get(name, {}).get(f"hop{hop}", {}).get("centred", float("nan"))
            mine, other = times[f"precordia-hop{hop}"], times[f"hop{hop}"]
            rows.append([NAMES[name], hop, number(mine), number(other), f"{mine / other:.2f}", f"{near:.4f}"])
    return table(
        ["network", "hop, samples", "Precordia, us", "LiteRT with states, us", "ratio", "LiteRT's agreement with the integers"], rows
    )


def kernels(results: dict) -> str:
    rows = []
    for model in results["board"]["models"]:
        portable = next((k["windowMicroseconds"] for k in model["kernels"] if k["kernel"] == "portable"), None)
        peaks = {peak["kernel"]: peak["multiplicationsPerNanosecond"] for peak in results["board"]["peaks"]}
        for kernel in model["kernels"]:
            share = "-" if kernel["share"] is None else f"{kernel['share'] * 100:.0f} %"
            speed = number(portable / kernel["windowMicroseconds"]) if portable else "-"
            rows.append(
                [model["name"], kernel["kernel"], number(kernel["windowMicroseconds"]), speed, share, number(peaks.get(kernel["kernel"]))]
            )
    return table(["model, whole window", "kernel", "us", "times portable", "of its peak", "peak, multiply-accumulates a ns"], rows, 2)


def layers(results: dict) -> str:
    parts = []
    for model in results["board"]["models"]:
        best = model["kernels"][-1]
        rows = [
            [index + 1, layer["name"], f"{layer['multiplications'] / 1e6:.2f}", number(layer["microseconds"]),
             "-" if layer["share"] is None else f"{layer['share'] * 100:.0f} %"]
            for index, layer in enumerate(best["layers"])
        ]  # fmt: skip
        parts.append(
            f"{model['name']}, {best['kernel']}:\n\n" + table(["", "layer", "million multiply-accumulates", "us", "of peak"], rows, 2)
        )
    return "\n\n".join(parts)


def growth(results: dict) -> str:
    board = results["board"]
    frames = [
        [f"{frame['rate']} Hz, {frame['leads']} leads", number(frame["frameNanoseconds"]), number(frame["meanNanoseconds"]),
         f"{frame['meanNanoseconds'] * frame['rate'] / 1e7:.3f} %"] for frame in board["frames"]
    ]  # fmt: skip
    steps, sizes = [], []
    for model in board["models"]:
        window = model["kernels"][-1]["windowMicroseconds"]
        for hop in model["kernels"][-1]["hops"]:
            took = hop["microseconds"]
            steps.append(
                [model["name"], f"{hop['seconds']:.3g} s", number(took), number(took / hop["seconds"]), f"{took / window * 100:.1f} %"]
            )
        sizes.append(
            [model["name"], f"{model['multiplications'] / 1e6:,.1f}", f"{model['fileBytes']:,}", f"{model['networkBytes']:,}",
             number(window), number(model["openingMicroseconds"] / 1e3), number(model["networkMicroseconds"] / 1e3)]
        )  # fmt: skip
    made = [
        table(["stream, shipped model", "ns a frame between answers", "ns a frame with them", "share of a core, live"], frames),
        table(["model", "hop", "us a hop", "us a second of signal", "of a whole window"], steps),
        table(
            [
                "model",
                "million multiply-accumulates",
                "file, bytes",
                "network, bytes",
                "whole window, us",
                "read and checked, ms",
                "made, ms",
            ],
            sizes,
        ),
    ]
    return "\n\n".join(made)


def exams(results: dict) -> str:
    found = results["exams"]
    rows = [[f"{int(n):,}", f"{s['seconds']:.2f}", number(int(n) / s["seconds"]), number(s["seconds"] / int(n) * 1e3), number(s["memory"])]
            for n, s in found["runs"].items()]  # fmt: skip
    mine = table(["exams of 10 s at 500 Hz, `classify --jobs 2`", "s, start included", "a second", "ms each", "peak memory, MiB"], rows)
    return mine + (
        f"\n\nThe pipeline of wfdb, scipy and ONNX Runtime, two processes, start not counted: {number(found['pipeline'])} exams a second. "
        f"Precordia at 1,000 exams: {number(found['precordia'])}, {found['precordia'] / found['pipeline']:.1f} times as many. "
        f"Largest difference of a probability between both: {found['difference']:.4f} (resampled in another way)."
    )


def process(results: dict) -> str:
    found = results["process"]
    rows = [
        [name, number(v["answer"]), number(v["end"]), number(v["memory"])]
        for name, v in sorted(found["programs"].items(), key=lambda i: i[1]["answer"])
    ]
    text = table(["one core, shipped model", "spawn to the answer over 10 s, ms", "to the end, ms", "peak memory, MiB"], rows)
    text += "\n\nOn disk: " + ", ".join(f"{name} {number(size / 2**20)} MiB" for name, size in found["sizes"].items()) + "."
    return text + "".join(f"\n\n{note}" for note in found["notes"])


def stream(results: dict) -> str:
    found = results["stream"]
    rows = [
        [
            "an hour of stream at 500 Hz, 12 leads, 3,600 answers",
            f"{found['seconds']:.2f} s",
            f"{3600 / found['seconds']:,.0f} times real time",
        ],
        ["memory of the whole program", f"{found['memory']:.1f} MiB", ""],
        ["lost over that hour", f"{found['lost']} of {found['frames']:,} frames", f"{found['dropped']} events"],
    ]
    return table(["what", "measured", ""], rows)


def summary(results: dict) -> str:
    """What the README quotes: the ratios without their aims, and the stream."""
    rows = [[what, mine, other, ratio] for what, mine, other, ratio, _, _ in ratio_rows(results)]
    peers, found = results.get("peers"), results.get("stream")
    if peers and peers["frame"] is not None:
        rows.append(["a frame's whole way at 500 Hz, 12 leads, between answers", f"{number(peers['frame'])} us", "", ""])
    if found:
        rows.append(["an hour of stream at 500 Hz", f"{found['seconds']:.2f} s", "", ""])
        rows.append(["lost over that hour", f"{found['lost']} of {found['frames']:,} frames, {found['dropped']} events", "", ""])
    return table(["what", "Precordia", "beside it, in the same run", "ratio"], rows)


def machine(results: dict) -> str:
    about = results["about"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return (
        f"{about['processor']}, {about['cores']} cores, {about['system']}; {about['date']}; load before the run {about['load']:.1f}. "
        f"Precordia {about['program']}, kernel {about['kernel']}; {versions}."
    )


#: Blocks by name: the part that must have been measured, and what draws them.
BLOCKS = {
    "machine": ("about", machine), "ratios": ("peers", ratios), "absolute": ("peers", absolute), "peers": ("peers", peers),
    "streaming": ("peers", streaming), "kernels": ("board", kernels), "layers": ("board", layers), "growth": ("board", growth),
    "exams": ("exams", exams), "stream": ("stream", stream), "process": ("process", process), "summary": ("peers", summary),
}  # fmt: skip


def blocks(results: dict) -> dict:
    """Every block whose part was measured."""
    return {name: write(results) for name, (part, write) in BLOCKS.items() if results.get(part)}


def write(path: Path, results: dict) -> int:
    """Writes the blocks that a file has marks for; gives how many."""
    made = {f"bench.{name}": text.split("\n") for name, text in blocks(results).items()}
    text, count = marked.filled(path.read_text(encoding="utf-8"), lambda place: made.get(place.name), path)
    path.write_text(text, encoding="utf-8")
    return count
