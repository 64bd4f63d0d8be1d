"""EDF, EDF+ and BDF, BDF+, by pyedflib (BSD-2-Clause; brings EDFlib, BSD-3-Clause)."""
from __future__ import annotations

import math
import os
import re
from datetime import date, datetime
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..layout import Layout
from ..recording import Annotation, Device, Filters, Patient, Recording, Signal, microvolts_per

MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def read(path: str, format: str, layout: Layout) -> Recording:
    """All signals, each at its own rate, as the converter's integers. Stretches of EDF+D are refused: their times are not one row of samples."""
    try:
        import pyedflib
    except ImportError:
        raise missing(path, format, "pyedflib") from None
    head = check(path, format)
    try:
        reader: Any = pyedflib.EdfReader(path, pyedflib.READ_ALL_ANNOTATIONS, pyedflib.CHECK_FILE_SIZE)
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, format, "header", re.sub(r"^.*?: (?=the file|can)", "", str(error))) from None
    try:
        return _recording(path, format, reader, head)
    finally:
        reader.close()


def check(path: str, format: str) -> bytes:
    """The counts of a header against the file, before a library makes room for them: records, seconds a record, signals, samples a record."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(256)
        if len(head) < 256:
            raise FormatError(path, format, "header", "256 bytes at least would be right", value=f"{len(head)} bytes")
        signals, records, seconds = (_number(path, format, name, head[place:place + 8 if place != 252 else 256])
                                     for name, place in (("number of signals", 252), ("number of data records", 236), ("duration of a data record", 244)))
        if not 0 <= signals <= 4096 or signals != int(signals):
            raise FormatError(path, format, "number of signals", "0 to 4096 would be right", value=signals)
        head += file.read(int(signals) * 256)
    if len(head) < 256 * (int(signals) + 1):
        raise FormatError(path, format, "number of signals", f"their headers need {256 * (int(signals) + 1)} bytes, the file has {size}", value=int(signals))
    if not 0 <= seconds < 1e6:
        raise FormatError(path, format, "duration of a data record", "0 to 1000000 s would be right", value=seconds)
    place = 256 + int(signals) * 216
    samples = [_number(path, format, f"signal {index + 1}, samples in a data record", head[place + 8 * index:place + 8 * index + 8]) for index in range(int(signals))]
    width = 3 if format == "BDF" else 2
    if any(count < 1 or count != int(count) for count in samples):
        raise FormatError(path, format, "samples in a data record", "1 and more would be right", value=min(samples))
    needed = 256 * (int(signals) + 1) + int(records) * int(sum(samples)) * width
    if records < 0:
        raise FormatError(path, format, "number of data records", "the recording was not closed", value=int(records))
    if needed > size:
        raise FormatError(path, format, "number of data records", f"they need {needed} bytes, the file has {size}; it may have been cut short", value=int(records))
    if head[192:197] in (b"EDF+D", b"BDF+D"):
        raise FormatError(path, format, "reserved field", "a recording with gaps in time is not read", value=head[192:197].decode("ascii"))
    return head


def _number(path: str, format: str, name: str, raw: bytes) -> float:
    text = raw.decode("latin-1").strip("\0 ")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FormatError(path, format, name, "a number would be right", value=repr(text))
    return value


def _recording(path: str, format: str, reader: Any, head: bytes) -> Recording:
    plus = reader.filetype in (1, 3) and head[192:196] in (b"EDF+", b"BDF+")
    notes: list[str] = []
    signals = tuple(_signal(path, format, reader, channel, notes) for channel in range(reader.signals_in_file))
    onsets, durations, texts = reader.readAnnotations()
    annotations = tuple(Annotation(float(onset), str(text), float(duration) if duration > 0 else None)
                        for onset, duration, text in zip(onsets, durations, texts))
    if not signals:
        raise FormatError(path, format, "number of signals", f"the file holds no samples, only {len(annotations)} annotations", value=0)
    start: datetime | None = reader.getStartdatetime()
    recording = head[88:168].decode("utf-8", "replace").strip()
    if start is not None and (start.year, start.month, start.day) == (1985, 1, 1):
        notes.append("the start date 1985-01-01 is the one that EDF has for an unknown date")
        start = None
    extra = {"recording": recording} if recording and not plus else {}
    if not plus:
        patient, device = Patient(identifier=head[8:88].decode("latin-1").strip() or None), Device()
    else:
        patient = Patient(_word(reader.getPatientCode()), _word(reader.getPatientName()), None, {"Male": "M", "Female": "F"}.get(reader.getSex()),
                          _birth(head[8:88].decode("utf-8", "replace")))
        device = Device(model=_word(reader.getEquipment()), operator=_word(reader.getTechnician()), institution=None)
        extra |= {name: text for name, text in (("admincode", reader.getAdmincode()), ("patient_additional", reader.getPatientAdditional()),
                                                ("recording_additional", reader.getRecordingAdditional())) if _word(text)}
    return Recording(format + ("+" if plus else ""), path, signals, start, patient, device, annotations=annotations, notes=tuple(notes), extra=extra)


def _signal(path: str, format: str, reader: Any, channel: int, notes: list[str]) -> Signal:
    head = reader.getSignalHeader(channel)
    lowest, highest = int(head["digital_min"]), int(head["digital_max"])
    low, high = float(head["physical_min"]), float(head["physical_max"])
    rate, name = float(head["sample_frequency"]), str(head["label"]).strip()
    where = f"signal {channel + 1} ({name})"
    if lowest >= highest or low == high:
        raise FormatError(path, format, f"{where}, physical and digital range", "two that differ would be right", value=f"{low} to {high}, {lowest} to {highest}")
    if not rate > 0:
        raise FormatError(path, format, f"{where}, samples in a data record", "the duration of a data record must be above 0", value=rate)
    gain = (high - low) / (highest - lowest)
    unit = str(head["dimension"]).strip() or None
    scale = microvolts_per(unit)
    factor = 1.0 if scale is None else scale
    if unit is None:
        notes.append(f"{where}: no unit is stated")
    counts = np.asarray(reader.readSignal(channel, digital=True)).astype(np.int32)
    resolution = int(highest - lowest).bit_length()
    return Signal(name or f"signal {channel + 1}", rate, counts, "uV" if scale is not None else unit, gain * factor, (low - lowest * gain) * factor,
                  file_unit=unit, resolution=resolution, filters=filters(str(head["prefilter"])))


def filters(words: str) -> Filters:
    """EDF+'s "HP:0.05Hz LP:150Hz N:50Hz" as edges; the words are kept."""
    found = {key: re.search(key + r"\s*:\s*(\d+(?:\.\d+)?)\s*Hz", words, re.I) for key in ("HP", "LP", r"\bN")}
    edges = [float(match[1]) if match else None for match in found.values()]
    return Filters(edges[0], edges[1], edges[2], words.strip() or None)


def _birth(patient: str) -> date | None:
    found = re.search(r"\b(\d\d)-([A-Z]{3})-(\d{4})\b", patient)
    if not found or found[2] not in MONTHS:
        return None
    try:
        return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
    except ValueError:
        return None


def _word(text: object) -> str | None:
    found = str(text).strip().replace("_", " ")
    return found if found not in ("", "X") else None
