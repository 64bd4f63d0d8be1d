# A page of single beats with our marks and the reference's, the worst first, as SVG that any browser shows.
# Apart from the tables: a figure that counts errors does not show what an error looks like.
from html import escape

BEFORE, AFTER = 0.45, 0.75
WIDTH, HEIGHT, COLUMNS, GAP = 330, 204, 4, 12
OURS, THEIRS = "#c02020", "#2050c0"


def worst(beats, count):
    """The worst beat of each of the worst records: [(error, beat)], the largest error first. A beat is a dictionary with `record` and `errors` by edge."""
    best = {}
    for beat in beats:
        size = max((abs(error) for error in beat["errors"].values()), default=0)
        if beat["record"] not in best or size > best[beat["record"]][0]:
            best[beat["record"]] = (size, beat)
    return sorted(best.values(), key=lambda one: -one[0])[:count]


def panel(beat, line, rate, x, y):
    """One beat: the lead, the reference's marks from above, ours from below, and what each edge is off."""
    first = max(0, int(beat["R"] - BEFORE * rate))
    values = [float(value) for value in line[first:int(beat["R"] + AFTER * rate)]]
    known = [value for value in values if value == value] or [0.0]
    low, high = min(known), max(known)
    scale = (HEIGHT - 84) / (high - low or 1)

    def across(sample):
        return x + (sample - beat["R"] + BEFORE * rate) * WIDTH / ((BEFORE + AFTER) * rate)

    def up(value):
        return y + 34 + (high - value) * scale

    parts = [f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#ddd"/>']
    points = " ".join(f"{across(first + n):.1f},{up(value):.1f}" for n, value in enumerate(values) if value == value)
    parts.append(f'<polyline points="{points}" fill="none" stroke="black" stroke-width="1.1"/>')
    for marks, colour, top, bottom in ((beat["reference"], THEIRS, 30, HEIGHT / 2), (beat["ours"], OURS, HEIGHT / 2, HEIGHT - 34)):
        for sample in marks.values():
            at = across(sample)
            if not x <= at <= x + WIDTH:
                continue
            parts.append(f'<line x1="{at:.1f}" y1="{y + top:.0f}" x2="{at:.1f}" y2="{y + bottom:.0f}" stroke="{colour}" stroke-width="1.3"/>')
    words = [f"{name} {beat['errors'][name]:+.0f}" if name in beat["errors"] else f"{name} not marked" for name in beat["reference"]]
    parts.append(f'<text x="{x + 6}" y="{y + 16}">{escape(beat["record"])}, {escape(beat["lead"])}, {beat["R"] / rate:.2f} s</text>')
    for row, some in enumerate((words[:3], words[3:])):
        parts.append(f'<text x="{x + 6}" y="{y + HEIGHT - 20 + 12 * row}" class="small">{escape(", ".join(some))}</text>')
    return parts


def page(chosen, signal):
    """The SVG of some beats. `signal` gives (rate, samples of the beat's lead)."""
    rows = (len(chosen) + COLUMNS - 1) // COLUMNS
    width, height = COLUMNS * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP) + GAP + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        "<style>text{font:12px sans-serif}.small{font-size:9.5px}</style>", f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{GAP}" y="20">The worst beat of each of the {len(chosen)} worst records. From above, <tspan fill="{THEIRS}">the cardiologist\'s edges</tspan>;'
        f' from below, <tspan fill="{OURS}">ours</tspan>. Errors in ms.</text>']
    for number, (_, beat) in enumerate(chosen):
        rate, line = signal(beat)
        parts += panel(beat, line, rate, GAP + number % COLUMNS * (WIDTH + GAP), 30 + GAP + number // COLUMNS * (HEIGHT + GAP))
    return "\n".join(parts + ["</svg>", ""])
