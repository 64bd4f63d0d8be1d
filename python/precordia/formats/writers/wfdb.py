"""WFDB records of format 16, 24 or 32. Our own: wfdb writes only ASCII names and whole rates of a frame, and needs a second to load."""
from __future__ import annotations

import math
import os
import re
from fractions import Fraction
from pathlib import Path

import numpy as np

from ..errors import FormatError
from ..recording import Recording, Signal
from ._counts import Counts, counts_of, plain

FORMATS = ((16, -(1 << 15)), (24, -(1 << 23)), (32, -(1 << 31)))


def write(recording: Recording, path: Path) -> list[str]:
    """Writes PATH.hea and PATH.dat; samples, gains, names and start are exact. Returns what WFDB has no room for.

    Signals of several rates become several samples a frame where they fit; medians, and filters and devices except as comments, are left out.
    """
    path = path.with_suffix("") if path.suffix == ".hea" else path
    name = re.sub(r"[^A-Za-z0-9_-]", "_", path.name) or "record"
    path = path.with_name(name)
    base, widths, kept, notes = _frames(recording)
    lines, columns, form, invalid = [], [], *_format(kept)
    for signal, width in zip(kept, widths):
        counts = _whole(counts_of(signal, form, invalid), invalid)
        if counts.loss:
            notes.append(f"{signal.name}: values are rounded by up to {counts.loss:.3g} {signal.unit or 'units'}")
        columns.append(counts.values)
        lines.append(_line(signal, counts, f"{name}.dat {form}" + (f"x{width}" if width > 1 else ""), notes))
    frames = max(-(-len(column) // width) for column, width in zip(columns, widths))
    data = np.full((frames, sum(widths)), invalid, np.int64)
    place = 0
    for index, (column, width) in enumerate(zip(columns, widths)):
        padded = np.full(frames * width, invalid, np.int64)
        padded[: len(column)] = column
        data[:, place:place + width] = padded.reshape(frames, width)
        place += width
        lines[index] = lines[index].replace("CHECKSUM", str(int(((padded.sum() + 0x8000) & 0xFFFF) - 0x8000))).replace("FIRST", str(int(padded[0])))
    heading = f"{name} {len(kept)} {plain(base)} {frames}" + _start(recording, notes)
    comments = [f"# {line}" for line in _comments(recording)]
    _write(path.with_suffix(".dat"), data, form)
    # The header comes last: a record without one is none.
    temporary = path.with_suffix(".hea.part")
    temporary.write_text("\n".join([heading, *lines, *comments]) + "\n", encoding="utf-8")
    os.replace(temporary, path.with_suffix(".hea"))
    if recording.annotations:
        notes += _annotations(recording, path, base)
    if recording.medians:
        notes.append("averaged beats are left out")
    return notes


def _frames(recording: Recording) -> tuple[float, list[int], list[Signal], list[str]]:
    """The frame rate, samples a frame of each signal that is kept, and what is left out."""
    rates = [signal.rate for signal in recording.voltages] or [signal.rate for signal in recording.signals]
    notes: list[str] = []
    if not rates:
        raise FormatError(recording.path, "WFDB", "signals", "there is none to write")
    exact = [Fraction(signal.rate).limit_denominator(1_000_000) for signal in recording.signals]
    common = Fraction(math.gcd(*(rate.numerator * math.lcm(*(one.denominator for one in exact)) // rate.denominator for rate in exact)),
                      math.lcm(*(rate.denominator for rate in exact)))
    widths = [int(rate / common) for rate in exact]
    if all(abs(float(rate) - signal.rate) < 1e-9 * signal.rate for rate, signal in zip(exact, recording.signals)) and max(widths) <= 1000:
        base = next((signal.rate for signal, width in zip(recording.signals, widths) if width == 1), float(common))
        return base, widths, list(recording.signals), notes
    kept = [signal for signal in recording.signals if signal.rate == rates[0]]
    notes += [f"{signal.name}: its rate of {signal.rate:g} Hz does not go with {rates[0]:g} Hz; it is left out" for signal in recording.signals if signal.rate != rates[0]]
    return rates[0], [1] * len(kept), kept, notes


def _format(signals: list[Signal]) -> tuple[int, int]:
    """The narrowest format in which every signal's own integers fit; 16 bits for values."""
    reach = 0
    for signal in signals:
        if signal.counts.dtype.kind != "f":
            held = np.where(signal.missing, 0, signal.counts)
            # Twice as much where zero lies between two counts, see `_whole`.
            factor = 1 if _is_whole(signal.offset / signal.gain) else 2
            reach = max(reach, factor * int(np.abs(held.astype(np.int64)).max(initial=0)) + factor - 1)
        elif counts_of(signal, 16, -(1 << 15)).loss:
            reach = max(reach, 1 << 20)
    return next((bits, invalid) for bits, invalid in FORMATS if reach < -invalid)


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) <= 1e-6 * max(1.0, abs(value))


def _whole(counts: Counts, invalid: int) -> Counts:
    """WFDB's baseline is a count. Where zero lies half way between two, as in EDF with a range of -32768 to 32767, counts are doubled, and nothing is lost."""
    zero = counts.offset / counts.gain
    if _is_whole(zero) or not _is_whole(2 * zero):
        return counts
    return Counts(np.where(counts.values == invalid, invalid, 2 * counts.values), counts.gain / 2, counts.offset, counts.loss)


def _line(signal: Signal, counts: Counts, file: str, notes: list[str]) -> str:
    """One signal line: gain in counts a millivolt (or its own unit), baseline where the unit is 0."""
    unit, factor = ("mV", 1000.0) if signal.unit == "uV" else (re.sub(r"\s+", "_", signal.unit or "NU"), 1.0)
    baseline = -counts.offset / counts.gain
    if not _is_whole(baseline):
        notes.append(f"{signal.name}: the offset is rounded to a count, {abs(baseline - round(baseline)) * counts.gain:.3g} {signal.unit or 'units'}")
    name = " ".join(signal.name.replace("#", " ").split()) or "unnamed"
    gain = plain(factor / counts.gain)
    if signal.gain_assumed:
        gain = "0"
    return f"{file} {gain}({round(baseline)})/{unit} {signal.resolution or 0} 0 FIRST CHECKSUM 0 {name}"


def _start(recording: Recording, notes: list[str]) -> str:
    start = recording.start
    if start is None:
        return ""
    if start.tzinfo is not None:
        notes.append(f"the time zone {start.tzinfo} is left out")
    if start.microsecond % 1000:
        notes.append("the start is rounded to a millisecond")
    milli = f".{start.microsecond // 1000:03d}" if start.microsecond >= 1000 else ""
    return f" {start:%H:%M:%S}{milli} {start.day:02d}/{start.month:02d}/{start.year:04d}"


def _comments(recording: Recording) -> list[str]:
    """What the file says of patient, device and measurements, in words that the reader understands again where it can."""
    patient, device = recording.patient, recording.device
    said = [("patient", patient.identifier), ("age", f"{patient.age:g}" if patient.age is not None else None), ("sex", patient.sex),
            ("birth date", patient.birth_date.isoformat() if patient.birth_date else None),
            ("device", " ".join(word for word in (device.manufacturer, device.model, device.serial) if word) or None), ("electrodes", recording.placement),
            *((f"{name} by the device", f"{value:g}") for name, value in recording.measurements.items()), *(("statement", text) for text in recording.statements)]
    known = {line.split(":")[0].strip(" <>").lower() for line in recording.comments}
    lines = [f"{name}: {value}" for name, value in said if value and name not in known]
    return [" ".join(line.split()) for line in (*recording.comments, *lines)]


def _annotations(recording: Recording, path: Path, rate: float) -> list[str]:
    """PATH.atr by wfdb (MIT): a text that begins with one of WFDB's symbols is that annotation, any other a comment."""
    try:
        from wfdb.io.annotation import ann_label_table
        from wfdb.io.annotation import wrann as write_annotations
    except ImportError:
        return [f"{len(recording.annotations)} annotations are left out: the Python package wfdb is not installed"]
    symbols = set(ann_label_table["symbol"])
    found = sorted(recording.annotations, key=lambda one: one.seconds)
    own = recording.voltages[0].rate if recording.voltages else rate
    places, marks, texts = [], [], []
    for one in found:
        first, _, rest = one.text.partition(" ")
        known = first in symbols and first != " "
        places.append(max(0, one.sample if one.sample is not None and abs(own - rate) < 1e-9 else round(one.seconds * rate)))
        marks.append(first if known else '"')
        texts.append(rest if known else one.text[:250])
    write_annotations(path.name, "atr", np.array(places), symbol=marks, aux_note=texts, write_dir=str(path.parent))
    lost = sum(one.duration is not None for one in found)
    return [f"durations of {lost} annotations are left out"] if lost else []


def _write(path: Path, data: np.ndarray[tuple[int, int], np.dtype[np.int64]], form: int) -> None:
    if form == 24:
        raw = np.ascontiguousarray(data.astype("<i4")).view(np.uint8).reshape(-1, 4)[:, :3]
        path.write_bytes(np.ascontiguousarray(raw).tobytes())
        return
    path.write_bytes(data.astype("<i2" if form == 16 else "<i4").tobytes())
