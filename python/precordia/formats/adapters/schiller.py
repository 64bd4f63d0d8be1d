"""Schiller XML (SEMA). Our own: ecg2dcm takes 500 Hz and 1 uV where it does not find rate and resolution, and ecgdatakit does not read it."""
from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..layout import Layout
from ..recording import Device, Patient, Recording, Signal, microvolts_per


def read(path: str, format: str, layout: Layout) -> Recording:
    """Rhythm as signals, averages as medians. FormatError where rate, resolution or the form of the data is not stated."""
    try:
        from defusedxml import ElementTree
    except ImportError:
        raise missing(path, format, "defusedxml") from None
    if os.path.getsize(path) > 1 << 26:
        raise FormatError(path, format, "size", f"up to {1 << 26} bytes are read", value=os.path.getsize(path))
    try:
        root = ElementTree.parse(path).getroot()
    except Exception as error:  # noqa: BLE001
        raise FormatError(path, format, "XML", str(error) or type(error).__name__) from None
    notes: list[str] = []
    rhythm: tuple[Signal, ...] = ()
    medians: tuple[Signal, ...] = ()
    for wave in root.iter("wavedata"):
        kind = _text(wave, "type") or ""
        signals = _signals(path, format, wave, kind)
        if kind == "ECG_AVERAGES" and not medians:
            medians = signals
        elif kind.startswith("ECG_RHYTHM") and not rhythm:
            rhythm = signals
        elif signals:
            notes.append(f"wavedata {kind or 'without type'} is not read")
    if not rhythm:
        raise FormatError(path, format, "wavedata", "there is none of type ECG_RHYTHM" + (", only averaged beats" if medians else ""))
    patient, device = root.find("patdata"), next(root.iter("aquiringdevice"), None)
    measurements, extra = _measurements(root)
    sex = {"MALE": "M", "FEMALE": "F"}.get((_text(patient, "gender") or "").upper())
    born = _when(_text(patient, "birthdate"), "000000")
    return Recording(
        format, path, rhythm, _when(_text(root, ".//startdatetime/date"), _text(root, ".//startdatetime/time")),
        Patient(_text(patient, "id"), _text(patient, "lastname"), _text(patient, "firstname"), sex, born.date() if born else None,
                height=_number(patient, "height/value") or None, weight=_number(patient, "weight/value") or None,
                pacemaker={"ON": True}.get((_text(patient, "pacemaker/value") or "").upper())),
        Device(_text(device, "hardware/vendor"), _text(device, "hardware/model"), _text(device, "hardware/serialnum"), _text(device, "software/version")),
        measurements=measurements, medians=medians, notes=tuple(notes), extra=extra)


def _signals(path: str, format: str, wave: Any, kind: str) -> tuple[Signal, ...]:
    rate = _rate(path, format, wave, kind)
    gain, unit = _number(wave, "resolution/yres/unitperbit"), _text(wave, "resolution/yres/units")
    found: list[Signal] = []
    for channel in wave.findall("channel"):
        name, form, data = _text(channel, "name"), (_text(channel, "datastype") or "").upper(), _text(channel, "data")
        if not data:
            continue
        where = f"{kind}, channel {name or len(found) + 1}"
        if rate is None or rate <= 0:
            raise FormatError(path, format, f"{kind}, samplerate", "a number above 0 would be right", value=rate)
        if gain is None or gain == 0:
            raise FormatError(path, format, f"{kind}, yres/unitperbit", "a number other than 0 would be right", value=gain)
        if form != "COMMASEPARATE":
            raise FormatError(path, format, f"{where}, datastype", "COMMASEPARATE is read", value=form or "nothing")
        words = [word for word in data.replace("\n", "").split(",") if word.strip()]
        try:
            values = np.array([int(word) for word in words], np.int64)
        except ValueError as error:
            raise FormatError(path, format, f"{where}, data", str(error)) from None
        if values.size and np.abs(values).max() >= 2**31:
            raise FormatError(path, format, f"{where}, data", "32 bits would be right", value=int(np.abs(values).max()))
        scale = microvolts_per(unit)
        found.append(Signal(name or f"channel {len(found) + 1}", rate, values.astype(np.int32), "uV" if scale else unit, gain * (scale or 1.0), file_unit=unit))
    return tuple(found)


def _measurements(root: Any) -> tuple[dict[str, float], dict[str, str]]:
    names = {"HR": "heart_rate", "RR": "rr", "PQ": "pr", "PR": "pr", "QRS": "qrs", "QT": "qt", "QTC": "qtc", "P": "p_duration", "P_AXIS": "p_axis", "QRS_AXIS": "qrs_axis",
             "T_AXIS": "t_axis", "AXIS_P": "p_axis", "AXIS_QRS": "qrs_axis", "AXIS_T": "t_axis"}
    measurements: dict[str, float] = {}
    extra: dict[str, str] = {}
    for block in root.iter("annotation_global"):
        labels, values = ([(one.text or "").strip() for one in block.findall(tag)] for tag in ("name", "value"))
        for label, value in zip(labels, values):
            name = names.get(label.upper().replace(" ", "_"))
            try:
                number = float(value)
            except ValueError:
                name = None
            if name:
                measurements.setdefault(name, number)
            elif value:
                extra[label] = value
    return measurements, extra


def _rate(path: str, format: str, wave: Any, kind: str) -> float | None:
    """Hertz. These devices write an exponent of 1 beside the plain value; any other would say another rate."""
    exponent = _number(wave, "resolution/samplerate/exponent")
    if exponent not in (None, 0.0, 1.0):
        raise FormatError(path, format, f"{kind}, samplerate/exponent", "1 is read", value=exponent)
    plain = _number(wave, "resolution/samplerate")
    return plain if plain is not None else _number(wave, "resolution/samplerate/value")


def _when(day: str | None, time: str | None) -> datetime | None:
    """Date and time; None for 1970-01-01 0:00, which is a clock that nobody set."""
    try:
        when = datetime.strptime((day or "")[:8] + (time or "")[:6], "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return None if when == datetime(1970, 1, 1) else when


def _text(element: Any, path: str) -> str | None:
    found = element.find(path) if element is not None else None
    text = (found.text or "").strip() if found is not None else ""
    return text or None


def _number(element: Any, path: str) -> float | None:
    try:
        return float(_text(element, path) or "")
    except ValueError:
        return None
