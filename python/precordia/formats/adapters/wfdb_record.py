"""WFDB records of every format and of segments, by wfdb (MIT; FLAC by soundfile, BSD-3-Clause, with libsndfile, LGPL-2.1)."""
from __future__ import annotations

import os
import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np

from ..detect import wfdb_header
from ..errors import FormatError, missing
from ..layout import Layout
from ..recording import MISSING, Annotation, Patient, Recording, Signal, microvolts_per

#: The count that stands for "no sample" in each format. 8 has none: it stores differences.
INVALID = {"80": -(2**7), "310": -(2**9), "311": -(2**9), "212": -(2**11), "16": -(2**15), "61": -(2**15), "160": -(2**15), "24": -(2**23), "32": -(2**31),
           "508": -(2**7), "516": -(2**15), "524": -(2**23)}
BITS = {"8": 8, "16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12, "310": 32 / 3, "311": 32 / 3}
LIMIT = 1 << 29
TEXT = 1 << 25


def read(path: str, format: str, layout: Layout) -> Recording:
    """A record by its path without extension, its header, or a signal file that the header names."""
    try:
        import wfdb
    except ImportError:
        raise missing(path, format, "wfdb") from None
    header_path = _header(path)
    notes: list[str] = []
    top: Any = _rdheader(wfdb, header_path, path)
    record = str(header_path.with_suffix(""))
    place = Path(path)
    if place.exists() and place.suffix != ".hea" and wfdb_header(path) is None:
        raise FormatError(path, format, "", f"the record {header_path.name} does not name this file; it may hold annotations", remedy=f"give {header_path.name}")
    if isinstance(top, wfdb.MultiRecord):
        signals = _segments(wfdb, path, header_path, top, notes)
    else:
        _check(path, header_path.parent, top)
        signals = _samples(wfdb, path, record, top, notes)
    if not signals:
        raise FormatError(path, format, "number of signals", "the record holds no samples", value=0)
    comments = tuple(str(line).strip() for line in top.comments or () if str(line).strip())
    start = top.base_datetime
    if start is None and isinstance(top.base_time, time) and top.base_date is None:
        notes.append(f"a time of day {top.base_time} is stated, and no date")
    annotations = _annotations(wfdb, record, signals[0].rate, notes)
    extra = {"time of day": str(top.base_time)} if start is None and top.base_time is not None else {}
    return Recording(format, path, signals, start if isinstance(start, datetime) else None, _patient(comments), annotations=annotations, comments=comments,
                     notes=tuple(notes), extra=extra)


def _header(path: str) -> Path:
    place = Path(path)
    if place.suffix == ".hea":
        return place
    beside = place.with_name(place.name + ".hea")
    return beside if beside.exists() else wfdb_header(path) or (place.with_suffix(".hea") if place.exists() else beside)


def _rdheader(wfdb: Any, header: Path, path: str) -> Any:
    try:
        if header.stat().st_size > TEXT:
            raise FormatError(path, "WFDB", "header", f"up to {TEXT} bytes are read", value=header.stat().st_size)
        text = header.read_bytes().decode("latin-1")
    except OSError as error:
        raise FormatError(path, "WFDB", "header", error.strerror or str(error), value=header.name) from None
    lines = [line.split("#")[0].split() for line in text.lstrip("\ufeff\u00ef\u00bb\u00bf").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines or len(lines[0]) < 2:
        raise FormatError(path, "WFDB", "record line", "'NAME SIGNALS FREQUENCY SAMPLES' would be right", value=" ".join(lines[0]) if lines else "nothing")
    count = lines[0][1]
    limit = 65536 if "/" in lines[0][0] else 4096
    if not count.isdigit() or int(count) > limit:
        raise FormatError(path, "WFDB", "record line, number of signals", f"0 to {limit} would be right", value=count)
    try:
        return wfdb.rdheader(str(header.with_suffix("")))
    except FormatError:
        raise
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, "WFDB", "header", str(error) or type(error).__name__) from None


def _check(path: str, folder: Path, head: Any) -> None:
    """A header's counts against its files, before anything is made as large as they say."""
    frames = head.sig_len
    if not head.n_sig:
        return
    if head.fs is None or not head.fs > 0:
        raise FormatError(path, "WFDB", "sampling frequency", "a number above 0 would be right", value=head.fs)
    frame = sum(head.samps_per_frame or ())
    if frames is not None and not 0 <= frames * max(frame, 1) <= LIMIT:
        raise FormatError(path, "WFDB", "number of samples", f"up to {LIMIT} in all are read at once", value=frames)
    for name in dict.fromkeys(head.file_name or ()):
        if name is None or name == "~":
            continue
        columns = [index for index, file in enumerate(head.file_name) if file == name]
        bad = [head.fmt[index] for index in columns if head.fmt[index] not in INVALID and head.fmt[index] not in ("0", "8")]
        if bad:
            raise FormatError(path, "WFDB", f"format of {name}", "no format of signal(5)", value=bad[0])
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            raise FormatError(path, "WFDB", "signal file", error.strerror or str(error), value=name) from None
        bits = sum(BITS.get(head.fmt[index], 0) * head.samps_per_frame[index] for index in columns)
        offset = head.byte_offset[columns[0]] or 0 if head.byte_offset else 0
        if frames and bits and size < offset + int(frames * bits / 8):
            raise FormatError(path, "WFDB", f"number of samples, file {name}", f"they need {offset + int(frames * bits / 8)} bytes, the file has {size}", value=frames)


def _samples(wfdb: Any, path: str, record: str, head: Any, notes: list[str]) -> tuple[Signal, ...]:
    if not head.n_sig:
        return ()
    if head.sig_len == 0:
        raise FormatError(path, "WFDB", "number of samples", "the header is the layout of a record of segments", value=0)
    try:
        # Two ways, because wfdb 4.3.1 reads format 61 only in the first. Skew is mended here, after the checksum.
        if max(head.samps_per_frame) == 1:
            found: Any = wfdb.rdrecord(record, physical=False, return_res=64, ignore_skew=True)
            columns = list(found.d_signal.T)
        else:
            found = wfdb.rdrecord(record, physical=False, smooth_frames=False, ignore_skew=True)
            columns = found.e_d_signal
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, "WFDB", "samples", str(error) or type(error).__name__) from None
    return tuple(_signal(path, found, index, samples, notes) for index, samples in enumerate(columns))


def _signal(path: str, found: Any, index: int, samples: Any, notes: list[str]) -> Signal:
    name, form = re.split(r"\s#(?!\d)", str(found.sig_name[index] or ""))[0].strip() or f"signal {index + 1}", found.fmt[index]
    raw = np.asarray(samples).astype(np.int64)
    total, stated = int(raw.sum()) & 0xFFFF, found.checksum[index] if found.checksum else None
    is_damaged = stated is not None and total != stated & 0xFFFF
    if is_damaged:
        notes.append(f"{name}: the samples do not add up to the header's checksum {stated}")
    if form in INVALID:
        raw = np.where(raw == INVALID[form], MISSING, raw)
    unit = str(found.units[index] or "mV") if found.units else "mV"
    gain, assumed = float(found.adc_gain[index] or 200), _states_no_gain(path, found.record_name, index)
    if assumed:
        notes.append(f"{name}: no gain is stated, 200 counts a unit are assumed as the format's definition says")
    scale = microvolts_per(unit)
    factor = (1.0 if scale is None else scale) / gain
    baseline = float(found.baseline[index] or 0)
    skew = found.skew[index] if found.skew else None
    if skew:
        notes.append(f"{name}: a skew of {skew} samples is stated and mended")
        late = min(skew * found.samps_per_frame[index], len(raw))
        raw = np.concatenate([raw[late:], np.full(late, MISSING)])
    return Signal(name, float(found.fs) * found.samps_per_frame[index], raw.astype(np.int32), "uV" if scale is not None else unit, factor, -baseline * factor, assumed,
                  unit, found.adc_res[index] if found.adc_res else None,
                  converter_zero=found.adc_zero[index] or 0 if found.adc_zero else 0, is_damaged=is_damaged)


def _states_no_gain(path: str, record: str, index: int) -> bool:
    """wfdb puts 200 where a header has no gain, or 0; the header's own line tells."""
    header = _header(path)
    try:
        text = (header if header.stem == record else header.with_name(record + ".hea")).read_bytes().decode("latin-1")
    except (OSError, ValueError):
        return False
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) <= index + 1:
        return False
    stated = re.match(r"[\d.eE+-]+", lines[index + 1][2]) if len(lines[index + 1]) > 2 else None
    try:
        return stated is None or float(stated[0]) == 0
    except ValueError:
        return False


def _segments(wfdb: Any, path: str, header: Path, top: Any, notes: list[str]) -> tuple[Signal, ...]:
    """The segments of a record one after the other; what a segment does not have is missing there."""
    heads: list[Any] = []
    for name, length in zip(top.seg_name, top.seg_len):
        if name == "~":
            heads.append(None)
            continue
        if not re.fullmatch(r"[\w.-]+", name):
            raise FormatError(path, "WFDB", "segment name", "letters, digits, - and _ would be right", value=name)
        heads.append(_rdheader(wfdb, header.with_name(name + ".hea"), path))
        if length:
            _check(path, header.parent, heads[-1])
    layout = next((head for head in heads if head is not None), None)
    if layout is None or not layout.n_sig:
        raise FormatError(path, "WFDB", "segments", "no segment has any signal", value=len(heads))
    frames = sum(top.seg_len)
    if frames * sum(layout.samps_per_frame) > LIMIT:
        raise FormatError(path, "WFDB", "number of samples", f"up to {LIMIT} in all are read at once", value=frames)
    parts: list[list[Signal | None]] = []
    for name, length, head in zip(top.seg_name, top.seg_len, heads):
        if not length:
            continue
        found = () if head is None else _samples(wfdb, path, str(header.with_name(name)), head, notes)
        by_name = {signal.name: signal for signal in found}
        parts.append([by_name.get(str(label or f"signal {index + 1}")) for index, label in enumerate(layout.sig_name)])
    lengths = [length for length in top.seg_len if length]
    return tuple(_joined([row[index] for row in parts], lengths, layout, index) for index in range(layout.n_sig))


def _joined(parts: list[Signal | None], lengths: list[int], layout: Any, index: int) -> Signal:
    """One signal of all segments: integers where all have one gain, else its values."""
    width = layout.samps_per_frame[index]
    present = [part for part in parts if part is not None]
    rate = float(layout.fs) * width
    if not present:
        unit = str(layout.units[index] or "mV")
        return Signal(str(layout.sig_name[index]), rate, np.full(sum(lengths) * width, MISSING, np.int32), "uV" if microvolts_per(unit) else unit)
    first = present[0]
    same = all((part.gain, part.offset, part.unit) == (first.gain, first.offset, first.unit) for part in present)
    kind: Any = np.int32 if same else np.float64
    holes = [np.full(length * width, MISSING if same else np.nan, kind) for length in lengths]
    counts = np.concatenate([hole if part is None else (part.counts if same else part.values) for part, hole in zip(parts, holes)])
    return Signal(first.name, rate, counts.astype(kind), first.unit, first.gain if same else 1.0, first.offset if same else 0.0, first.gain_assumed, first.file_unit,
                  first.resolution, converter_zero=first.converter_zero, is_damaged=any(part.is_damaged for part in present))


def _annotations(wfdb: Any, record: str, rate: float, notes: list[str]) -> tuple[Annotation, ...]:
    """Those of the file RECORD.atr."""
    if not os.path.exists(record + ".atr") or os.path.getsize(record + ".atr") > TEXT:
        return ()
    try:
        found: Any = wfdb.rdann(record, "atr")
    except Exception as error:  # noqa: BLE001
        notes.append(f"annotations {os.path.basename(record)}.atr: {str(error) or type(error).__name__}")
        return ()
    own = float(found.fs or rate)
    texts = found.aux_note or [""] * len(found.sample)
    return tuple(Annotation(int(sample) / own, f"{symbol} {text.rstrip(chr(0))}".strip(), sample=int(sample))
                 for sample, symbol, text in zip(found.sample, found.symbol, texts))


def _patient(comments: tuple[str, ...]) -> Patient:
    """Age and sex where comments say them as PhysioNet's do."""
    text = "\n".join(comments)
    age = re.search(r"(?:^|<)age>?\s*:\s*(\d+)", text, re.I | re.M)
    sex = re.search(r"(?:^|<)sex>?\s*:\s*([MF])", text, re.I | re.M)
    born = re.search(r"^birth date: (\d{4})-(\d\d)-(\d\d)$", text, re.M)
    identifier = re.search(r"^patient: (.+)$", text, re.M)
    return Patient(identifier[1].strip() if identifier else None, sex=sex[1].upper() if sex else None, age=float(age[1]) if age else None,
                   birth_date=date(*map(int, born.groups())) if born else None)
