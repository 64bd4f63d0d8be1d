"""DICOM 12-lead, general and ambulatory ECG, by pydicom (MIT). Its waveform_array hides which samples are padding; so counts are scaled here."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..layout import Layout
from ..recording import MISSING, Annotation, Device, Filters, Patient, Recording, Signal, lead_of, microvolts_per

#: SCPECG and MDC codes of the leads, CID 3001.
SCP_CODES = {"5.6.3-9-1": "I", "5.6.3-9-2": "II", "5.6.3-9-61": "III", "5.6.3-9-62": "aVR", "5.6.3-9-63": "aVL", "5.6.3-9-64": "aVF",
             **{f"5.6.3-9-{number + 2}": f"V{number}" for number in range(1, 7)}}
MDC_CODES = {"2:1": "I", "2:2": "II", "2:61": "III", "2:62": "aVR", "2:63": "aVL", "2:64": "aVF", **{f"2:{number + 2}": f"V{number}" for number in range(1, 7)}}
MEASURES = {"2:16016": "heart_rate", "8867-4": "heart_rate", "2:16168": "rr", "2:15872": "pr", "2:16156": "qrs", "2:16160": "qt", "2:15876": "qtc",
            "2:16128": "p_axis", "2:16132": "qrs_axis", "2:16136": "t_axis"}
NAMES = {"ventricular heart rate": "heart_rate", "vent rate": "heart_rate", "ventricular rate": "heart_rate", "heart rate": "heart_rate", "rr interval": "rr", "pr interval": "pr",
         "qrs duration": "qrs", "qt interval": "qt", "qtc interval": "qtc", "p duration": "p_duration", "p axis": "p_axis", "qrs axis": "qrs_axis", "t axis": "t_axis"}
TYPES = {"SB": "i1", "UB": "u1", "SS": "<i2", "US": "<u2", "SL": "<i4", "UL": "<u4"}


def read(path: str, format: str, layout: Layout) -> Recording:
    """The original multiplex group with most channels; averaged beats are `medians`, other groups are told in `notes`."""
    try:
        import pydicom
    except ImportError:
        raise missing(path, format, "pydicom") from None
    try:
        data: Any = pydicom.dcmread(path)
        groups = _items(data, "WaveformSequence")
    except Exception as error:  # noqa: BLE001  a hostile file may break the library anywhere
        raise FormatError(path, format, "", str(error) or type(error).__name__) from None
    if not groups:
        kind = data.get("Modality", None)
        raise FormatError(path, format, "WaveformSequence (5400,0100)", "there is none: the file holds no waveform",
                          value=None if kind is None else f"modality {kind}")
    notes: list[str] = []
    big = data.file_meta.get("TransferSyntaxUID", None) == "1.2.840.10008.1.2.2" if hasattr(data, "file_meta") else False
    originals = [group for group in groups if str(group.get("WaveformOriginality", "ORIGINAL")) == "ORIGINAL"] or groups[:1]
    chosen = max(originals, key=lambda group: len(_items(group, "ChannelDefinitionSequence")))
    medians: tuple[Signal, ...] = ()
    for number, group in enumerate(groups, 1):
        if group is chosen:
            continue
        if str(group.get("WaveformOriginality", "")) == "DERIVED" and not medians:
            medians = _group(path, format, group, number, big, notes)
        else:
            notes.append(f"multiplex group {number} ({group.get('MultiplexGroupLabel', '') or 'no label'}) is not read")
    signals = _group(path, format, chosen, groups.index(chosen) + 1, big, notes)
    measurements, statements, annotations, extra = _annotations(data, signals[0].rate, groups.index(chosen) + 1)
    return Recording(format, path, signals, _start(data), _patient(data), _device(data), _placement(data), measurements, statements, annotations, medians,
                     notes=tuple(notes), extra=extra)


def _group(path: str, format: str, group: Any, number: int, big: bool, notes: list[str]) -> tuple[Signal, ...]:
    where = f"WaveformSequence item {number}"
    channels, frames, rate = (_number(path, format, group, where, name) for name in ("NumberOfWaveformChannels", "NumberOfWaveformSamples", "SamplingFrequency"))
    definitions = _items(group, "ChannelDefinitionSequence")
    interpretation, bits = str(group.get("WaveformSampleInterpretation", "")), group.get("WaveformBitsAllocated", None)
    if interpretation not in TYPES:
        raise FormatError(path, format, f"{where}, WaveformSampleInterpretation", f"one of {', '.join(TYPES)} is read", value=interpretation or "nothing")
    if len(definitions) != channels or channels < 1:
        raise FormatError(path, format, f"{where}, NumberOfWaveformChannels", f"{len(definitions)} channels are defined", value=int(channels))
    if rate <= 0:
        raise FormatError(path, format, f"{where}, SamplingFrequency", "above 0 would be right", value=rate)
    kind = np.dtype(TYPES[interpretation].replace("<", ">") if big else TYPES[interpretation])
    bytes_found = group.get("WaveformData", b"") or b""
    needed = int(channels) * int(frames) * kind.itemsize
    if bits is not None and bits != kind.itemsize * 8:
        raise FormatError(path, format, f"{where}, WaveformBitsAllocated", f"{kind.itemsize * 8} belong to {interpretation}", value=bits)
    if frames < 1 or len(bytes_found) < needed:
        raise FormatError(path, format, f"{where}, WaveformData", f"{int(channels)} channels of {int(frames)} samples need {needed} bytes",
                          value=f"{len(bytes_found)} bytes")
    counts = np.frombuffer(bytes_found, kind, int(channels) * int(frames)).reshape(int(frames), int(channels)).astype(np.int64)
    if kind.itemsize == 4 and interpretation == "UL" and counts.max(initial=0) >= 2**31:
        raise FormatError(path, format, f"{where}, WaveformData", "values of 2147483648 and more are not read", value=int(counts.max()))
    padding = group.get("WaveformPaddingValue", None)
    fill = _padding(padding, kind, counts, notes, where)
    return tuple(_channel(path, format, one, f"{where}, channel {column + 1}", float(rate), counts[:, column], fill, notes)
                 for column, one in enumerate(definitions))


def _padding(padding: Any, kind: np.dtype[Any], counts: Any, notes: list[str], where: str) -> int | None:
    """The count that means "no sample". A padding value that lies among what the signal does, such as 0, cannot be told from a sample: it is none."""
    if padding is None or padding == b"":
        return None
    value = int(np.frombuffer(padding, kind, 1)[0]) if isinstance(padding, bytes) and len(padding) >= kind.itemsize else None
    if value is None and isinstance(padding, int):
        value = padding - (1 << kind.itemsize * 8) if kind.kind == "i" and padding >= 1 << (kind.itemsize * 8 - 1) else padding
    if value is None or not np.any(counts == value):
        return None
    others = counts[counts != value]
    if others.size and others.min() <= value <= others.max():
        notes.append(f"{where}: the padding value {value} lies among the samples; they are taken as samples")
        return None
    return value


def _channel(path: str, format: str, one: Any, where: str, rate: float, counts: Any, fill: int | None, notes: list[str]) -> Signal:
    gain, unit, assumed = 1.0, None, False
    sensitivity = one.get("ChannelSensitivity", None)
    if sensitivity is not None:
        gain = float(sensitivity) * float(one.get("ChannelSensitivityCorrectionFactor", None) or 1.0)
        units = _items(one, "ChannelSensitivityUnitsSequence")
        unit = str(units[0].get("CodeValue", "")) if len(units) else None
    if not np.isfinite(gain) or gain == 0:
        raise FormatError(path, format, f"{where}, ChannelSensitivity", "a number other than 0 would be right", value=gain)
    offset, scale = float(one.get("ChannelBaseline", None) or 0.0), microvolts_per(unit)
    if sensitivity is None:
        notes.append(f"{where}: no ChannelSensitivity is stated: samples are counts")
    values = counts.astype(np.int32) if fill is None else np.where(counts == fill, MISSING, counts).astype(np.int32)
    edges = [float(value) if value is not None and float(value) > 0 else None
             for value in (one.get(name, None) for name in ("FilterLowFrequency", "FilterHighFrequency", "NotchFilterFrequency"))]
    factor = 1.0 if scale is None else scale
    skew = float(one.get("ChannelSampleSkew", None) or 0) or float(one.get("ChannelTimeSkew", None) or 0)
    if skew:
        notes.append(f"{where}: a skew of {skew:g} is stated and not mended")
    return Signal(name_of(one) or where.rsplit(", ", 1)[-1], rate, values, "uV" if scale is not None else unit, gain * factor, offset * factor, assumed, unit,
                  one.get("WaveformBitsStored", None), Filters(edges[0], edges[1], edges[2]))


def name_of(one: Any) -> str | None:
    """A channel's lead by its code, else by the words beside it."""
    source = _items(one, "ChannelSourceSequence")
    label = str(one.get("ChannelLabel", "") or "").strip()
    if len(source):
        code, scheme, meaning = (str(source[0].get(key, "") or "") for key in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning"))
        known = MDC_CODES.get(code) if scheme == "MDC" else SCP_CODES.get(code) if scheme.startswith("SCPECG") else None
        words = meaning.replace("(Einthoven)", "").strip()
        return known or lead_of(words) or lead_of(label) or label or words or None
    return lead_of(label) or label or None


def _items(data: Any, name: str) -> list[Any]:
    """The items of a sequence, none if it is not there."""
    return list(data.get(name, None) or ())


def _number(path: str, format: str, group: Any, where: str, name: str) -> float:
    value = group.get(name, None)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise FormatError(path, format, f"{where}, {name}", "is missing" if value is None else "a number would be right", value=value) from None


def _annotations(data: Any, rate: float, group: int) -> tuple[dict[str, float], tuple[str, ...], tuple[Annotation, ...], dict[str, str]]:
    measurements: dict[str, float] = {}
    extra: dict[str, str] = {}
    statements: list[str] = []
    places: list[Annotation] = []
    for one in _items(data, "WaveformAnnotationSequence"):
        concepts = _items(one, "ConceptNameCodeSequence")
        code = str(concepts[0].get("CodeValue", "")) if len(concepts) else ""
        meaning = str(concepts[0].get("CodeMeaning", "") or "") if len(concepts) else ""
        name = MEASURES.get(code) or NAMES.get(meaning.strip().lower().removesuffix(" global"))
        value = one.get("NumericValue", None)
        if name and value is not None:
            values = list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
            measurements.setdefault(name, float(values[0]))
        elif value is not None and meaning:
            extra[meaning] = str(value)
        text = str(one.get("UnformattedTextValue", "") or "").strip()
        channels = list(one.get("ReferencedWaveformChannels", None) or ())
        positions = one.get("ReferencedSamplePositions", None)
        listed = list(positions) if isinstance(positions, Iterable) else [positions]
        if positions is not None and channels and channels[0] != group:
            extra[f"group {channels[0]} {meaning or text}, sample"] = ", ".join(str(int(place)) for place in listed)
        elif positions is not None:
            places += [Annotation((int(place) - 1) / rate, text or meaning, sample=int(place) - 1) for place in listed]
        elif text:
            statements.append(text)
    return measurements, tuple(statements), tuple(places), extra


def _start(data: Any) -> datetime | None:
    when = str(data.get("AcquisitionDateTime", "") or "").strip()
    if not when:
        day = str(data.get("AcquisitionDate", "") or data.get("ContentDate", "") or data.get("StudyDate", "") or "").strip()
        time = str(data.get("AcquisitionTime", "") or data.get("ContentTime", "") or "").strip()
        when = day + time if day and time else ""
    return moment(when)


def moment(text: str) -> datetime | None:
    """A DICOM or HL7 time of at least a minute, with fraction and zone; None for anything less."""
    zone = None
    for sign in "+-":
        head, found, tail = text.partition(sign)
        if found and len(tail) == 4 and tail.isdigit():
            offset = timedelta(hours=int(tail[:2]), minutes=int(tail[2:]))
            text, zone = head, timezone(offset if sign == "+" else -offset)
    whole, _, fraction = text.replace(":", "").partition(".")
    if not whole.isdigit() or len(whole) not in (12, 14) or (fraction and not fraction.isdigit()):
        return None
    try:
        when = datetime.strptime(whole.ljust(14, "0"), "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return when.replace(microsecond=int(fraction[:6].ljust(6, "0")) if fraction else 0, tzinfo=zone)


def _patient(data: Any) -> Patient:
    name = data.get("PatientName", None)
    sex, age = str(data.get("PatientSex", "") or ""), str(data.get("PatientAge", "") or "")
    years = None
    if len(age) == 4 and age[:3].isdigit() and age[3] in "YMWD":
        years = int(age[:3]) / {"Y": 1, "M": 12, "W": 52.1775, "D": 365.2425}[age[3]]
    height, weight = data.get("PatientSize", None), data.get("PatientWeight", None)
    return Patient(
        _text(data, "PatientID"), str(getattr(name, "family_name", "") or "").strip() or None, str(getattr(name, "given_name", "") or "").strip() or None,
        sex if sex in ("M", "F", "O") else None, _day(str(data.get("PatientBirthDate", "") or "")), years,
        float(height) * 100 if height else None, float(weight) if weight else None)


def _device(data: Any) -> Device:
    return Device(*(_text(data, key) for key in (
        "Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions", "InstitutionName", "InstitutionalDepartmentName", "OperatorsName")))


def _placement(data: Any) -> str | None:
    for one in _items(data, "AcquisitionContextSequence"):
        concept, value = _items(one, "ConceptNameCodeSequence"), _items(one, "ConceptCodeSequence")
        if len(concept) and len(value) and str(concept[0].get("CodeMeaning", "")).lower() in ("lead system", "electrode placement"):
            return str(value[0].get("CodeMeaning", "")) or None
    return None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), "%Y%m%d").date()
    except ValueError:
        return None


def _text(data: Any, key: str) -> str | None:
    return str(data.get(key, "") or "").strip() or None
