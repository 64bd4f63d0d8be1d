"""CSV with a stated layout, by Python's csv. Our own layout, and any table of numbers whose rate, unit and leads the caller says.

    # precordia-csv 1
    # rate: 500
    # start: 2026-11-30T12:00:00
    # patient: 17
    I [uV],II [uV],V1 [uV]
    -5,12.5,
    0,10,3

A heading names the signals, each with its unit; an empty cell is a sample that is missing. A first column `sample` or `time [s]` counts, and is checked.
"""
from __future__ import annotations

import csv
import io
import itertools
import os
import re
from collections.abc import Iterator
from datetime import date, datetime

import numpy as np

from ..errors import FormatError
from ..layout import Layout
from ..recording import Device, Patient, Recording, Signal, microvolts_per
from .hdf5 import of_array

LIMIT = 1 << 30
COUNTERS = ("sample", "index", "time", "t", "seconds", "frame")


def read(path: str, format: str, layout: Layout) -> Recording:
    """A table of numbers, comma, semicolon, tab or blanks between."""
    size = os.path.getsize(path)
    if size > LIMIT:
        raise FormatError(path, format, "size", f"up to {LIMIT} bytes are read", value=size)
    with open(path, "rb") as file:
        text = file.read().decode("utf-8-sig", "replace")
    lines = text.splitlines()
    said, comments, start = _comments(lines)
    body = lines[start:]
    if not body:
        raise FormatError(path, format, "table", "there is no row")
    separator = next((mark for mark in (",", ";", "\t") if mark in body[0]), None)
    if separator is None and ("[" in body[0] or lines[0].startswith("# precordia-csv")):
        separator = ","
    rows = csv.reader(body, delimiter=separator) if separator else (line.split() for line in body)
    first = next(iter(rows))
    heading = [cell.strip() for cell in first] if any(cell.strip() and not _is_number(cell) for cell in first) else None
    values = _numbers(path, format, rows if heading else itertools.chain([first], rows), len(first), start + (2 if heading else 1))
    return _recording(path, format, layout, said, comments, heading, values)


def _comments(lines: list[str]) -> tuple[dict[str, str], list[str], int]:
    """`# key: value` lines before the table, other comments, and where the table begins."""
    said: dict[str, str] = {}
    comments: list[str] = []
    place = 0
    while place < len(lines) and (not lines[place].strip() or lines[place].lstrip().startswith("#")):
        line = lines[place].lstrip("# \t").rstrip()
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() in KEYS:
            said[key.strip().lower()] = value.strip()
        elif line and not line.startswith("precordia-csv"):
            comments.append(line)
        place += 1
    return said, comments, place


KEYS = ("rate", "unit", "start", "patient", "sex", "age", "birth date", "manufacturer", "model")


def _numbers(path: str, format: str, rows: Iterator[list[str]], width: int, first: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    found: list[list[float]] = []
    try:
        for number, row in enumerate(rows, first):
            if not row or not any(cell.strip() for cell in row) and width > 1 and len(row) <= 1:
                continue
            if len(row) != width:
                raise FormatError(path, format, f"line {number}", f"{width} columns as in the first row would be right", value=f"{len(row)} columns")
            try:
                found.append([float(cell) if cell.strip() else np.nan for cell in row])
            except ValueError:
                bad = next(cell for cell in row if cell.strip() and not _is_number(cell))
                raise FormatError(path, format, f"line {number}, column {row.index(bad) + 1}", "a number would be right", value=bad) from None
    except csv.Error as error:
        raise FormatError(path, format, "table", str(error)) from None
    if not found:
        raise FormatError(path, format, "table", "there is no row of numbers")
    return np.array(found)


def _recording(path: str, format: str, layout: Layout, said: dict[str, str], comments: list[str], heading: list[str] | None, values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Recording:
    names = [_split(cell) for cell in heading] if heading else None
    notes: list[str] = []
    rate = layout.rate if layout.rate is not None else _rate(path, format, said.get("rate"))
    counter = names is not None and names[0][0].lower() in COUNTERS or names is None and layout.leads is not None and len(layout.leads) == values.shape[1] - 1
    counter = counter or (names is None and layout.leads is None and values.shape[1] == 13)
    if counter:
        rate, note = _check_counter(path, format, names[0] if names else ("sample", None), values[:, 0], rate)
        notes += [note] if note else []
        names, values = names[1:] if names else None, values[:, 1:]
    if values.shape[1] < 1:
        raise FormatError(path, format, "columns", "a signal would be right", value=0)
    if names is None or layout.leads is not None:
        leads = layout.leads
        if leads is not None and len(leads) != values.shape[1]:
            raise FormatError(path, format, "leads", f"{len(leads)} names for {values.shape[1]} columns", value=",".join(leads))
        filled = Layout(rate, layout.unit or said.get("unit"), leads, layout.values_per_unit)
        found = of_array(path, format, values, filled, notes, {}).signals
    else:
        if rate is None:
            Layout().complete(path, format, values.shape[1])
        found = tuple(_signal(path, format, name, unit or layout.unit or said.get("unit"), float(rate or 0), values[:, column],
                              1.0 if unit or not layout.unit else 1.0 / layout.values_per_unit) for column, (name, unit) in enumerate(names))
    patient = Patient(said.get("patient"), sex=said["sex"] if said.get("sex") in ("M", "F", "O") else None,
                      age=float(said["age"]) if _is_number(said.get("age", "")) else None, birth_date=_day(said.get("birth date")))
    return Recording(format, path, found, _moment(said.get("start")), patient, Device(said.get("manufacturer"), said.get("model")), comments=tuple(comments), notes=tuple(notes))


def _signal(path: str, format: str, name: str, unit: str | None, rate: float, values: np.ndarray[tuple[int], np.dtype[np.float64]], step: float) -> Signal:
    scale = microvolts_per(unit)
    if unit is None:
        raise FormatError(path, format, f"column {name}, unit", "the file does not say it", remedy="a heading such as 'I [uV]', --unit uV|mV|V, or unit= in Python, says it")
    return Signal(name, rate, np.ascontiguousarray(values), "uV" if scale else unit, (scale or 1.0) * step, file_unit=unit)


def _check_counter(path: str, format: str, name: tuple[str, str | None], column: np.ndarray[tuple[int], np.dtype[np.float64]], rate: float | None) -> tuple[float | None, str]:
    """A column of sample numbers or seconds must go up by equal steps; seconds also say the rate."""
    steps = np.diff(column)
    is_time = name[0].lower() in ("time", "t", "seconds") or (name[1] or "") == "s"
    if not len(steps):
        return rate, ""
    step = float(np.median(steps))
    if not np.all(np.isfinite(column)) or step <= 0 or np.any(np.abs(steps - step) > 0.51 * step):
        place = int(np.flatnonzero(~(np.abs(steps - step) <= 0.51 * max(step, 1e-300)))[0]) if step > 0 else 0
        raise FormatError(path, format, f"column {name[0]}, row {place + 2}", "samples are missing, or the steps are not equal", value=column[place + 1])
    if is_time and rate is None:
        return round((len(column) - 1) / float(column[-1] - column[0]), 6), "the rate is that of the column of time"
    if not is_time and step != 1:
        raise FormatError(path, format, f"column {name[0]}", "steps of 1 would be right", value=step)
    return rate, ""


def _split(cell: str) -> tuple[str, str | None]:
    found = re.fullmatch(r"(.+?)\s*[\[(]([^\])]*)[\])]", cell.strip())
    return (found[1], found[2].strip() or None) if found else (cell.strip(), None)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _rate(path: str, format: str, text: str | None) -> float | None:
    if text is None:
        return None
    if not _is_number(text) or not 0 < float(text) <= 1e6:
        raise FormatError(path, format, "rate", "above 0 and up to 1000000 Hz would be right", value=text)
    return float(text)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
