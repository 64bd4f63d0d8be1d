"""SCP-ECG, HL7 aECG, GE MUSE XML, Philips Sierra XML and ISHNE, by ecgdatakit (Apache-2.0)."""
from __future__ import annotations

import importlib
import math
import os
import re
import struct
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..layout import Layout
from ..recording import MISSING, Annotation, Device, Filters, Patient, Recording, Signal, microvolts_per

PARSERS = {"SCP-ECG": ("scp_ecg", "SCPECGParser"), "HL7 aECG": ("hl7_aecg", "HL7aECGParser"), "MUSE XML": ("ge_muse_xml", "GEMuseXMLParser"),
           "Philips Sierra XML": ("sierra_xml", "SierraXMLParser"), "ISHNE": ("ishne_holter", "ISHNEHolterParser")}
#: XML of exams is below 10 MB; a parsed tree takes twenty times the file.
SIZE = {"ISHNE": 1 << 31, "SCP-ECG": 1 << 26}
MEASUREMENTS = {"heart_rate": "heart_rate", "rr_interval": "rr", "pr_interval": "pr", "qrs_duration": "qrs", "qt_interval": "qt", "qtc_bazett": "qtc_bazett",
                "qtc_fridericia": "qtc_fridericia", "p_axis": "p_axis", "qrs_axis": "qrs_axis", "t_axis": "t_axis"}


def read(path: str, format: str, layout: Layout) -> Recording:
    """One exam. FormatError names what ecgdatakit refused."""
    size, limit = os.path.getsize(path), SIZE.get(format, 1 << 26)
    if size > limit:
        raise FormatError(path, format, "size", f"up to {limit} bytes are read", value=size)
    if format == "SCP-ECG":
        check_scp(path)
    module, name = PARSERS[format]
    try:
        parser = getattr(importlib.import_module(f"ecgdatakit.parsing.parsers.{module}"), name)()
    except ImportError:
        raise missing(path, format, "ecgdatakit") from None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            record = parser.parse(Path(path))
        except ValueError as error:
            raise FormatError(path, format, "", _said(error, path)) from None
        except Exception as error:  # noqa: BLE001  a hostile file may break the library anywhere
            raise FormatError(path, format, "", _said(error, path)) from None
    notes = [_said(warning.message, path) for warning in caught]
    return _recording(path, format, record, notes)


def check_scp(path: str) -> None:
    """What ecgdatakit does not name: an index that counts from 0, or words of the size that are the wrong way round."""
    with open(path, "rb") as file:
        head = file.read(32)
    if len(head) < 32:
        raise FormatError(path, "SCP-ECG", "section 0", "32 bytes at least would be right", value=f"{len(head)} bytes")
    size, index = struct.unpack_from("<I", head, 2)[0], struct.unpack_from("<I", head, 28)[0]
    if index != 7:
        raise FormatError(path, "SCP-ECG", "section 0, index of section 0", "7 would be right: EN 1064 counts bytes from 1", value=index)
    actual = os.path.getsize(path)
    if size > actual:
        raise FormatError(path, "SCP-ECG", "record size", f"the file has {actual} bytes; it may have been cut short", value=size)


def _said(error: object, path: str) -> str:
    """The library's words without the path, which every message has already."""
    text = re.sub(r"\s*\bin " + re.escape(path), "", str(error)).replace(path, os.path.basename(path))
    return text if not isinstance(error, Exception) or text else type(error).__name__


def _recording(path: str, format: str, record: Any, notes: list[str]) -> Recording:
    raw: Mapping[str, Any] = record.raw_metadata
    rate = _exact_rate(raw)
    if rate is not None:
        notes = [note for note in notes if "not an integer" not in note]
    acquisition, device = record.recording.acquisition, record.recording.device
    stated = acquisition.filters
    filters = Filters(stated.highpass, stated.lowpass, stated.notch if stated.notch_active is not False else None)
    signals = tuple(signal(path, format, lead, rate, filters, acquisition.signal.bits_per_sample) for lead in record.leads)
    if not signals or not any(len(one.counts) for one in signals):
        raise FormatError(path, format, "leads", "the file holds no samples")
    if any(one.unit is None for one in signals):
        notes.append("no unit of voltage is stated: samples are counts")
    extra = {str(key): str(value) for key, value in record.annotations.items()}
    if record.interpretation.source:
        extra["statements_source"] = record.interpretation.source
    if record.interpretation.severity:
        extra["severity"] = record.interpretation.severity
    if record.file_format.version:
        extra["format_version"] = str(record.file_format.version)
    start = record.recording.date
    return Recording(
        format, path, signals, start if isinstance(start, datetime) else None, _patient(record.patient),
        Device(_word(device.manufacturer), _word(device.model) or _word(device.name), _word(device.serial_number), _word(device.software_version),
               _word(device.institution), _word(device.department), _word(record.recording.technician)),
        _word(acquisition.signal.electrode_placement), _measurements(record, extra),
        tuple(" (".join(part.strip() for part in pair if part.strip()) + ")" * (sum(bool(part.strip()) for part in pair) - 1)
              for pair in record.interpretation.statements if any(part.strip() for part in pair)),
        _beats(raw, signals[0].rate), tuple(signal(path, format, lead, None, filters, None) for lead in record.median_beats),
        (), tuple(dict.fromkeys(notes)), extra)


def _exact_rate(raw: Mapping[str, Any]) -> float | None:
    """The rate before ecgdatakit rounds it to a whole number of hertz."""
    interval = raw.get("rhythm_sample_interval_us")
    if isinstance(interval, (int, float)) and interval > 0:
        return 1e6 / interval
    for value in [raw.get("sampling_rate_exact"), *(inner.get("sampling_rate_exact") for inner in raw.values() if isinstance(inner, Mapping))]:
        if isinstance(value, (int, float)) and value > 0:
            return float(round(value)) if abs(value - round(value)) < 1e-6 * value else float(value)
    return None


def signal(path: str, format: str, lead: Any, rate: float | None, filters: Filters, bits: int | None) -> Signal:
    """One lead of ecgdatakit, its raw counts kept as integers."""
    samples = np.asarray(lead.samples, np.float64)
    scale = microvolts_per(lead.resolution_unit or None) if lead.is_raw else microvolts_per(lead.units or None)
    rate = rate if rate is not None else float(lead.sampling_rate)
    if not math.isfinite(rate) or rate <= 0:
        raise FormatError(path, format, f"lead {lead.label}, rate", "a rate above 0 would be right", value=rate)
    gain, offset = (float(lead.resolution), float(lead.offset)) if lead.is_raw else (1.0, 0.0)
    if scale is not None and (not math.isfinite(gain) or gain == 0 or not math.isfinite(offset)):
        raise FormatError(path, format, f"lead {lead.label}, gain", "a number other than 0 would be right", value=gain)
    holes = np.isnan(samples)
    whole = np.where(holes, 0.0, samples)
    counts: Any = samples
    if np.all(whole == np.rint(whole)) and np.all(np.abs(whole) < 2**31):
        counts = np.where(holes, MISSING, whole).astype(np.int32)
        # ISHNE has a value for a lead that is off.
        if format == "ISHNE":
            counts[counts == -32768] = MISSING
    factor = 1.0 if scale is None else scale
    return Signal(str(lead.label), rate, counts, None if scale is None else "uV", gain * factor, offset * factor,
                  file_unit=(lead.adc_resolution_unit or lead.resolution_unit or lead.units) or None, resolution=bits,
                  filters=Filters(filters.highpass, filters.lowpass, filters.notch, _word(lead.prefiltering)))


def _patient(found: Any) -> Patient:
    return Patient(
        _word(found.patient_id), _word(found.last_name), _word(found.first_name), found.sex if found.sex in ("M", "F", "O") else None,
        found.birth_date.date() if isinstance(found.birth_date, datetime) else found.birth_date, found.age, found.height or None, found.weight or None,
        found.has_pacemaker, tuple(found.medications), _word(found.clinical_history))


def _measurements(record: Any, extra: Mapping[str, str]) -> dict[str, float]:
    values = {name: getattr(record.measurements, key) for key, name in MEASUREMENTS.items()}
    found = {name: float(value) for name, value in values.items() if value is not None}
    for key, name in (("qtc", "qtc"), ("MDC_ECG_TIME_PD_QTc", "qtc"), ("QTCorrected", "qtc"), ("MDC_ECG_TIME_PD_P", "p_duration"), ("pdur", "p_duration")):
        number = re.match(r"\s*(-?\d+(?:\.\d+)?)\s*(?:ms\b.*)?$", extra.get(key, ""))
        if number and name not in found:
            found[name] = float(number[1])
    return found


def _beats(raw: Mapping[str, Any], rate: float) -> tuple[Annotation, ...]:
    """Places of beats, where the file has them as plain numbers of samples."""
    places = raw.get("qrs_locations") or raw.get("qrs_positions")
    if not isinstance(places, (list, tuple)) or not all(isinstance(place, int) for place in places):
        return ()
    return tuple(Annotation(place / rate, "QRS", sample=place) for place in places)


def _word(text: object) -> str | None:
    """A text that says something, or None."""
    found = str(text).strip() if text is not None else ""
    return found or None
