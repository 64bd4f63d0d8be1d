"""CSV with the layout that `adapters/table.py` states, and Parquet by pyarrow (Apache-2.0)."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..recording import Recording, Signal


def _kept(recording: Recording, format: str) -> tuple[list[Signal], list[str]]:
    """The signals of one rate and what is left out."""
    signals = list(recording.voltages) or list(recording.signals)
    if not signals:
        raise FormatError(recording.path, format, "signals", "there is none to write")
    rate = signals[0].rate
    kept = [signal for signal in recording.signals if signal.rate == rate]
    notes = [f"{signal.name}: {signal.rate:g} Hz beside {rate:g} Hz, left out" for signal in recording.signals if signal.rate != rate]
    for words, there in (("annotations", recording.annotations), ("averaged beats", recording.medians)):
        notes += [f"{words} are left out"] if there else []
    return kept, notes


def columns(recording: Recording, format: str) -> tuple[list[Signal], list[np.ndarray[tuple[int], np.dtype[np.float64]]], list[str]]:
    """The signals of one rate as columns of one length, in their units, NaN where missing."""
    kept, notes = _kept(recording, format)
    frames = max(len(signal.counts) for signal in kept)
    values = []
    for signal in kept:
        column = np.full(frames, np.nan)
        column[: len(signal.counts)] = signal.values
        values.append(column)
    return kept, values, notes


def write_csv(recording: Recording, path: Path) -> list[str]:
    """One row a sample, numbers that give the same binary64 back."""
    kept, values, notes = columns(recording, "CSV")
    patient, device = recording.patient, recording.device
    said = {"rate": repr(kept[0].rate).removesuffix(".0"), "start": recording.start.isoformat() if recording.start else None, "patient": patient.identifier,
            "sex": patient.sex, "age": f"{patient.age:g}" if patient.age is not None else None,
            "birth date": patient.birth_date.isoformat() if patient.birth_date else None, "manufacturer": device.manufacturer, "model": device.model}
    temporary = path.with_name(path.name + ".part")
    with open(temporary, "w", encoding="utf-8", newline="\n") as file:
        file.write("# precordia-csv 1\n")
        file.writelines(f"# {key}: {' '.join(value.split())}\n" for key, value in said.items() if value)
        file.writelines(f"# {' '.join(line.split())}\n" for line in recording.comments)
        file.write(",".join(_quoted(f"{signal.name} [{signal.unit or 'NU'}]") for signal in kept) + "\n")
        # An empty line would be no row: the hole of a single column is "nan".
        hole = "" if len(kept) > 1 else "nan"
        for row in zip(*(column.tolist() for column in values)):
            file.write(",".join(hole if value != value else repr(value).removesuffix(".0") for value in row) + "\n")
    os.replace(temporary, path)
    return notes


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n;') else text


def write_parquet(recording: Recording, path: Path) -> list[str]:
    """A column of binary64 for each signal; what the file says is JSON under the key `precordia` of the schema's metadata."""
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise missing(recording.path, "Parquet", "pyarrow") from None
    kept, values, notes = columns(recording, "Parquet")
    names: list[str] = []
    for signal in kept:
        names.append(signal.name if signal.name not in names else f"{signal.name} ({len(names) + 1})")
    fields = [pyarrow.field(name, pyarrow.float64(), metadata={"unit": signal.unit or ""}) for name, signal in zip(names, kept)]
    described = json.dumps(about(recording, kept[0].rate), ensure_ascii=False, sort_keys=True)
    table: Any = pyarrow.table([pyarrow.array(column, from_pandas=True) for column in values], schema=pyarrow.schema(fields, metadata={"precordia": described}))
    temporary = path.with_name(path.name + ".part")
    parquet.write_table(table, temporary)
    os.replace(temporary, path)
    return notes


def about(recording: Recording, rate: float) -> dict[str, object]:
    """All that a recording says, but for its samples, as JSON has it; what is unknown is not there."""
    patient = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in vars(recording.patient).items() if value not in (None, ())}
    device = {key: value for key, value in vars(recording.device).items() if value is not None}
    found: dict[str, object] = {
        "format": recording.format, "source": recording.path, "rate": rate, "start": recording.start.isoformat() if recording.start else None, "patient": patient, "device": device,
        "placement": recording.placement, "measurements": dict(recording.measurements), "statements": list(recording.statements), "comments": list(recording.comments),
        "notes": list(recording.notes), "extra": dict(recording.extra),
        "annotations": [{key: value for key, value in vars(one).items() if value is not None} for one in recording.annotations],
        "filters": {signal.name: {key: value for key, value in vars(signal.filters).items() if value is not None} for signal in recording.signals
                    if any(value is not None for value in vars(signal.filters).values())}}
    return {key: value for key, value in found.items() if value not in (None, {}, [])}
