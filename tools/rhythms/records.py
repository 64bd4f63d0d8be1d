# WFDB records as the scorers need them: annotations with their notes, headers, samples in millivolts, and records made of samples.
# Apart from the program's own readers, which are part of what is measured.
import struct
from pathlib import Path

BEATS = set(range(1, 14)) | {25, 30, 34, 35, 38, 41}
VENTRICULAR = {5, 10}
FUSION = 6
FLUTTER_BEGINS, FLUTTER_ENDS, RHYTHM = 32, 33, 28


def notes(path):
    """[(sample, code, note)] of an annotation file in MIT format."""
    data = Path(path).read_bytes()
    at, time, found = 0, 0, []
    while at + 2 <= len(data):
        (word,) = struct.unpack_from("<H", data, at)
        at += 2
        if word == 0:
            return found
        code, value = word >> 10, word & 1023
        if code == 59:
            high, low = struct.unpack_from("<HH", data, at)
            time += struct.unpack("<i", struct.pack("<I", high << 16 | low))[0]
            at += 4
        elif code == 63:
            if found:
                found[-1] = found[-1][:2] + (data[at:at + value].decode("latin-1").strip("\0 "),)
            at += value + value % 2
        elif code < 50:
            time += value
            if code:
                found.append((time, code, ""))
    raise ValueError(f"{path}: no end")


def annotations(path):
    """[(sample, code)]"""
    return [(sample, code) for sample, code, _ in notes(path)]


def beats(path):
    """[(sample, code)] of the beats."""
    return [(sample, code) for sample, code in annotations(path) if code in BEATS]


def flutter(path):
    """Stretches of ventricular flutter, in samples, which EC57 leaves out of the beats."""
    spans, start = [], None
    for sample, code in annotations(path):
        if code == FLUTTER_BEGINS:
            start = sample
        elif code == FLUTTER_ENDS and start is not None:
            spans.append((start, sample))
            start = None
    return spans


def header(path):
    """(rate, samples, [[fields of a signal line]])"""
    lines = [line.split() for line in Path(path).read_text("latin-1").splitlines() if line.strip() and line[0] != "#"]
    first = lines[0]
    return float(first[2].split("/")[0].split("(")[0]), int(first[3]) if len(first) > 3 else 0, lines[1:1 + int(first[1])]


def rate_of(path):
    return header(path)[0]


def samples(record):
    """(rate, names, array of samples by channels in millivolts, NaN where invalid) of a record in format 16 or 212 in one file."""
    import numpy as np

    record = Path(record)
    rate, count, signals = header(record.with_suffix(".hea"))
    data = np.frombuffer((record.parent / signals[0][0]).read_bytes(), np.uint8)
    form = signals[0][1].split("x")[0].split(":")[0].split("+")[0]
    offset = int(signals[0][1].partition("+")[2] or 0)
    data = data[offset:]
    if form == "16":
        values = data[:len(data) // 2 * 2].view("<i2").astype(float)
    elif form == "212":
        triples = data[:len(data) // 3 * 3].reshape(-1, 3).astype(np.int32)
        first = (triples[:, 1] & 15) << 8 | triples[:, 0]
        second = (triples[:, 1] >> 4) << 8 | triples[:, 2]
        both = np.stack([first, second], 1).ravel()
        values = np.where(both > 2047, both - 4096, both).astype(float)
    else:
        raise ValueError(f"{record}: format {form}")
    values = values[:count * len(signals)].reshape(-1, len(signals))
    lowest = -2048 if form == "212" else -32768
    for column, fields in enumerate(signals):
        gain, zero = (fields[2] if len(fields) > 2 else "200").split("/")[0], None
        if "(" in gain:
            gain, zero = gain[:gain.index("(")], float(gain[gain.index("(") + 1:gain.index(")")])
        if zero is None:
            zero = float(fields[4]) if len(fields) > 4 else 0.0
        bad = values[:, column] <= lowest
        values[:, column] = (values[:, column] - zero) / (float(gain) or 200.0)
        values[bad, column] = np.nan
    return rate, [fields[8] if len(fields) > 8 else "" for fields in signals], values


def write(path, rate, names, counts, per_millivolt=1000):
    """Writes counts (samples by channels) as a record of format 16; what 16 bits do not hold is clipped, NaN is missing. Returns its path."""
    import numpy as np

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    counts = np.where(np.isnan(counts), -32768, np.clip(np.round(counts), -32767, 32767)).astype("<i2")
    counts.tofile(path.with_name(path.name + ".dat"))
    lines = [f"{path.name} {len(names)} {rate:g} {len(counts)}"]
    for column, name in enumerate(names):
        total = (int(counts[:, column].astype(np.int64).sum()) + 32768) % 65536 - 32768
        lines.append(f"{path.name}.dat 16 {per_millivolt}(0)/mV 16 0 {counts[0, column]} {total} 0 {name}")
    path.with_name(path.name + ".hea").write_text("\n".join(lines) + "\n")
    return path


# The columns of the exams of CinC 2011: aVF comes before aVL.
PHONE_LEADS = ["I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6"]


def phone_exam(text, path):
    """A text of CinC 2011 as a record: 500 Hz, 5 microvolts a count."""
    import numpy as np

    columns = np.loadtxt(text, delimiter=",", ndmin=2)[:, 1:]
    return write(path, 500, PHONE_LEADS, columns, per_millivolt=200)
