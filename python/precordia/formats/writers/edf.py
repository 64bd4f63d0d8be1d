"""EDF+ (16 bits) or BDF+ (24 bits) by pyedflib (BSD-2-Clause)."""
from __future__ import annotations

import math
import os
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..recording import Recording, Signal
from ._counts import Counts, counts_of


def write(recording: Recording, path: Path) -> list[str]:
    """Writes samples as integers with their gain, annotations, patient, device, filters. Returns what EDF+ has no room for.

    EDF has no sample that is missing: it becomes 0 of the scale, and an annotation "missing" with its length says so. Gains have 8 characters for each end of the
    range, so a gain may differ in its sixth digit; that is told, with how much it moves.
    """
    try:
        import pyedflib
    except ImportError:
        raise missing(recording.path, "EDF", "pyedflib") from None
    if not recording.signals:
        raise FormatError(recording.path, "EDF", "signals", "there is none to write")
    notes: list[str] = []
    seconds = _record_seconds(recording)
    wide = any(_is_wide(signal) for signal in recording.signals)
    bits = 24 if wide else 16
    all_counts = [counts_of(signal, bits, None) for signal in recording.signals]
    headers = [_header(signal, counts, bits, seconds, notes) for signal, counts in zip(recording.signals, all_counts)]
    temporary = str(path) + ".part"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        writer: Any = pyedflib.EdfWriter(temporary, len(headers), pyedflib.FILETYPE_BDFPLUS if wide else pyedflib.FILETYPE_EDFPLUS)
        try:
            writer.setDatarecordDuration(float(seconds))
            writer.setSignalHeaders(headers)
            _head(writer, recording, notes)
            _samples(writer, recording, all_counts, seconds, notes)
            for one in recording.annotations:
                writer.writeAnnotation(one.seconds, one.duration if one.duration is not None else -1, one.text[:39])
        finally:
            writer.close()
    os.replace(temporary, path)
    if recording.medians:
        notes.append("averaged beats are left out")
    if recording.measurements or recording.statements:
        notes.append("measurements and statements are left out")
    return notes


def _is_wide(signal: Signal) -> bool:
    if signal.counts.dtype.kind == "f":
        return counts_of(signal, 16, None).loss > 0
    held = np.where(signal.missing, 0, signal.counts).astype(np.int64)
    return bool(held.size and (held.min() < -(1 << 15) or held.max() >= 1 << 15))


def _record_seconds(recording: Recording) -> Fraction:
    """The shortest data record of about a second in which every signal has a whole number of samples."""
    rates = [Fraction(signal.rate).limit_denominator(100_000) for signal in recording.signals]
    step = Fraction(1)
    for rate in rates:
        one = 1 / rate
        numerator = math.lcm(step.numerator * one.denominator, one.numerator * step.denominator)
        step = Fraction(numerator, step.denominator * one.denominator)
    # The smallest multiple of every sample's time: a second, or more for odd rates; parts of a second where samples are few.
    samples = [int(step * rate) for rate in rates]
    common = math.gcd(*samples)
    lengths = [len(signal.counts) for signal in recording.signals]
    for divisor in range(1, common + 1):
        if common % divisor == 0 and step / divisor >= Fraction(1, 1000):
            inner = [count // divisor for count in samples]
            if all(length % count == 0 for length, count in zip(lengths, inner)) and _is_exact(step / divisor):
                return step / divisor
    if step > 60:
        raise FormatError(recording.path, "EDF", "rate", "has no data record of up to 60 s", value=[float(rate) for rate in rates])
    return step


def _is_exact(seconds: Fraction) -> bool:
    """A duration of a data record that EDFlib stores exactly, in steps of 10 us."""
    return (seconds * 100_000).denominator == 1


def _header(signal: Signal, counts: Counts, bits: int, seconds: Fraction, notes: list[str]) -> dict[str, Any]:
    lowest, highest = _range(counts, bits)
    low, high = _fitting(lowest * counts.gain + counts.offset), _fitting(highest * counts.gain + counts.offset)
    if low == high:
        raise FormatError("", "EDF", signal.name, "the gain is too small for the header's 8 characters", value=counts.gain)
    gain = (high - low) / (highest - lowest)
    held = counts.values.astype(np.float64)
    moved = float(np.max(np.abs(held * (gain - counts.gain) + (low - lowest * gain) - counts.offset), initial=0.0)) + counts.loss
    if moved > 1e-9 * abs(counts.gain):
        notes.append(f"{signal.name}: values move by up to {moved:.3g} {signal.unit or 'units'}, for want of digits in the header")
    filters = signal.filters
    words = " ".join(word for word in (f"HP:{filters.highpass:g}Hz" if filters.highpass else "", f"LP:{filters.lowpass:g}Hz" if filters.lowpass else "",
                                       f"N:{filters.notch:g}Hz" if filters.notch else "") if word)
    return {"label": _ascii(f"ECG {signal.lead}" if signal.lead else signal.name, 16, notes, "label"), "dimension": _ascii(signal.unit or "", 8, notes, "unit"),
            "sample_frequency": float(Fraction(signal.rate).limit_denominator(100_000)), "physical_min": low, "physical_max": high, "digital_min": lowest, "digital_max": highest,
            "transducer": "", "prefilter": (words or filters.words or "")[:80]}


def _range(counts: Counts, bits: int) -> tuple[int, int]:
    """A digital range around the samples whose ends, in the unit, are told exactly in 8 characters; the whole range where there is none."""
    whole = (-(1 << bits - 1), (1 << bits - 1) - 1)
    reach = int(np.abs(counts.values).max(initial=1))
    step = 10 ** (len(str(whole[1])) - 2)
    rounds = [(-edge, edge) for edge in range(whole[1] // step * step, 0, -step) if edge >= reach]
    for lowest, highest in (whole, *rounds):
        ends = [edge * counts.gain + counts.offset for edge in (lowest, highest)]
        if all(abs(value) < 1e8 for value in ends) and all(abs(_fitting(value) - value) <= 1e-12 * max(abs(value), counts.gain) for value in ends):
            return lowest, highest
    return whole


def _fitting(value: float) -> float:
    """The nearest number that 8 characters hold."""
    for digits in range(8, -1, -1):
        text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
        if len(text) <= 8:
            return float(text)
    raise FormatError("", "EDF", "physical range", "8 characters do not hold it", value=value)


def _head(writer: Any, recording: Recording, notes: list[str]) -> None:
    patient, device = recording.patient, recording.device
    if patient.identifier:
        writer.setPatientCode(_ascii(patient.identifier, 30, notes, "patient"))
    name = " ".join(word for word in (patient.given_name, patient.family_name) if word)
    if name:
        writer.setPatientName(_ascii(name, 30, notes, "name"))
    if patient.sex in ("M", "F"):
        writer.setSex(1 if patient.sex == "M" else 0)
    if patient.birth_date:
        writer.setBirthdate(patient.birth_date)
    equipment = " ".join(word for word in (device.manufacturer, device.model) if word)
    if equipment:
        writer.setEquipment(_ascii(equipment, 30, notes, "device"))
    if device.operator:
        writer.setTechnician(_ascii(device.operator, 20, notes, "operator"))
    if recording.start is not None:
        writer.setStartdatetime(recording.start.replace(tzinfo=None))
        if recording.start.tzinfo is not None:
            notes.append(f"the time zone {recording.start.tzinfo} is left out")
    else:
        from datetime import datetime

        writer.setStartdatetime(datetime(1985, 1, 1))


def _samples(writer: Any, recording: Recording, all_counts: list[Counts], seconds: Fraction, notes: list[str]) -> None:
    """Data record by data record; the last one is filled with the scale's 0, and an annotation says from where."""
    widths = [round(seconds * Fraction(signal.rate).limit_denominator(100_000)) for signal in recording.signals]
    records = max(-(-len(counts.values) // width) for counts, width in zip(all_counts, widths))
    padded = []
    for signal, counts, width in zip(recording.signals, all_counts, widths):
        column = np.zeros(records * width, np.int32)
        column[: len(counts.values)] = counts.values
        padded.append(column)
        gaps = _runs(signal, records * width)
        for begin, length in gaps[:1000]:
            writer.writeAnnotation(begin / signal.rate, length / signal.rate, f"missing {signal.name}"[:39])
        if gaps:
            notes.append(f"{signal.name}: {sum(length for _, length in gaps)} samples that are missing are written as 0, with an annotation")
    for index in range(records):
        for column, width in zip(padded, widths):
            writer.writeDigitalSamples(np.ascontiguousarray(column[index * width:(index + 1) * width]))


def _runs(signal: Signal, length: int) -> list[tuple[int, int]]:
    """Begin and length of each stretch of missing samples."""
    holes = np.concatenate([[False], signal.missing, np.ones(length - len(signal.counts), bool), [False]])
    edges = np.flatnonzero(np.diff(holes.astype(np.int8)))
    return [(int(begin), int(end - begin)) for begin, end in zip(edges[::2], edges[1::2])]


def _ascii(text: str, limit: int, notes: list[str], field: str) -> str:
    plain = text.encode("ascii", "replace").decode("ascii")
    if plain[:limit] != text:
        notes.append(f"the {field} {text!r} becomes {plain[:limit]!r}")
    return plain[:limit]
