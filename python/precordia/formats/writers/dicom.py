"""DICOM 12-lead ECG, or general ECG where a recording is more than that, by pydicom (MIT). Our own object: ecg2dcm's writer takes no float rate and pins an old pydicom."""
from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FormatError, missing
from ..recording import LEADS, Recording, Signal
from ._counts import counts_of, plain

TWELVE, GENERAL, AMBULATORY = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.9.1.2", "1.2.840.10008.5.1.4.1.1.9.1.3"
CODES = {"I": ("2:1", "Lead I"), "II": ("2:2", "Lead II"), "III": ("2:61", "Lead III"), "aVR": ("2:62", "aVR, augmented voltage, right"),
         "aVL": ("2:63", "aVL, augmented voltage, left"), "aVF": ("2:64", "aVF, augmented voltage, foot"), **{f"V{index}": (f"2:{index + 2}", f"Lead V{index}") for index in range(1, 7)}}
MEASURES = {"heart_rate": ("2:16016", "Ventricular Heart Rate", "{H.B.}/min"), "rr": ("2:16168", "RR interval global", "ms"), "pr": ("2:15872", "PR interval global", "ms"),
            "qrs": ("2:16156", "QRS duration global", "ms"), "qt": ("2:16160", "QT interval global", "ms"), "qtc": ("2:15876", "QTc interval global", "ms"),
            "p_axis": ("2:16128", "P Axis", "deg"), "qrs_axis": ("2:16132", "QRS axis", "deg"), "t_axis": ("2:16136", "T axis", "deg")}
UNITS = {"{H.B.}/min": "BPM", "ms": "millisecond", "deg": "degree", "uV": "microvolt"}
PAD = -(1 << 15)


def write(recording: Recording, path: Path) -> list[str]:
    """Writes 16-bit samples with gain, filters, patient, device, measurements, statements. Returns what DICOM, or these objects, have no room for."""
    try:
        import pydicom
    except ImportError:
        raise missing(recording.path, "DICOM", "pydicom") from None
    notes: list[str] = []
    signals = recording.voltages
    if not signals:
        raise FormatError(recording.path, "DICOM", "signals", "none is a voltage")
    notes += [f"{signal.name}: no voltage, or another rate; left out" for signal in recording.signals if signal not in signals]
    kind = _object(recording, signals, notes)
    if recording.start is None:
        raise FormatError(recording.path, "DICOM", "AcquisitionDateTime", "DICOM needs a start, and the file does not say it", remedy="--start 2026-11-30T12:00:00 says it")
    data = _dataset(pydicom, recording, kind)
    groups = [_group(pydicom, list(signals), "RHYTHM", "ORIGINAL", notes)]
    if recording.medians and kind == GENERAL:
        groups.append(_group(pydicom, list(recording.medians), "MEDIAN BEAT", "DERIVED", notes))
    data.WaveformSequence = pydicom.Sequence(groups)
    data.WaveformAnnotationSequence = pydicom.Sequence(_annotations(pydicom, recording, notes))
    if not len(data.WaveformAnnotationSequence):
        del data.WaveformAnnotationSequence
    temporary = str(path) + ".part"
    if int(pydicom.__version__.split(".")[0]) >= 3:
        pydicom.dcmwrite(temporary, data, enforce_file_format=True)
    else:
        data.is_little_endian, data.is_implicit_VR = True, False
        pydicom.dcmwrite(temporary, data, write_like_original=False)
    os.replace(temporary, path)
    return notes


def _object(recording: Recording, signals: tuple[Signal, ...], notes: list[str]) -> str:
    """The object whose bounds the recording keeps: PS3.3 A.34.3 to A.34.5."""
    rate, frames = signals[0].rate, max(len(signal.counts) for signal in signals)
    names = [signal.lead for signal in signals]
    if None not in names and len(set(names)) == len(names) and len(names) <= 13 and frames <= 16384 and 200 <= rate <= 1000 and not recording.medians:
        return TWELVE
    if len(signals) <= 24 and frames <= 16384 and 200 <= rate <= 1000:
        return GENERAL
    if len(signals) > 12 or not 50 <= rate <= 1000:
        raise FormatError(recording.path, "DICOM", "rate, samples, channels",
                          "12-lead and general ECG have 200 to 1000 Hz and up to 16384 samples, ambulatory ECG 50 to 1000 Hz and 12 channels",
                          value=f"{rate:g} Hz, {frames} samples, {len(signals)} channels")
    if recording.medians:
        notes.append("averaged beats are left out: ambulatory ECG has one group")
    return AMBULATORY


def _dataset(pydicom: Any, recording: Recording, kind: str) -> Any:
    """All but the waveform. Identifiers are made of the content: the same recording gives the same bytes."""
    digest = hashlib.sha256(repr((recording.format, recording.patient, recording.start)).encode())
    for signal in recording.signals:
        digest.update(np.ascontiguousarray(signal.counts).tobytes())
    number = int.from_bytes(digest.digest()[:12], "big")
    meta = pydicom.dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = kind, f"2.25.{number}3"
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data = pydicom.Dataset()
    data.file_meta = meta
    if not hasattr(data, "preamble"):
        data.preamble = b"\0" * 128
    patient, device, start = recording.patient, recording.device, recording.start
    assert start is not None
    day, time = f"{start:%Y%m%d}", f"{start:%H%M%S}" + (f".{start.microsecond:06d}" if start.microsecond else "")
    zone = f"{start:%z}"[:5] if start.tzinfo is not None else ""
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID, data.SOPInstanceUID = kind, meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID, data.SeriesInstanceUID = f"2.25.{number}1", f"2.25.{number}2"
    data.PatientName = "^".join([patient.family_name or "", patient.given_name or ""]).rstrip("^")
    data.PatientID, data.PatientSex = patient.identifier or "", patient.sex or ""
    data.PatientBirthDate = f"{patient.birth_date:%Y%m%d}" if patient.birth_date else ""
    if patient.age is not None and 0 <= patient.age < 1000:
        data.PatientAge = f"{int(patient.age):03d}Y"
    if patient.height is not None:
        data.PatientSize = f"{patient.height / 100:g}"
    if patient.weight is not None:
        data.PatientWeight = f"{patient.weight:g}"
    data.StudyDate, data.StudyTime, data.StudyID, data.AccessionNumber, data.ReferringPhysicianName = day, time, "1", "", ""
    data.Modality, data.SeriesNumber, data.InstanceNumber = "ECG", "1", "1"
    data.Manufacturer = (device.manufacturer or "unknown")[:64]
    for key, value in (("ManufacturerModelName", device.model or "unknown"), ("DeviceSerialNumber", device.serial or "unknown"), ("SoftwareVersions", device.software or "unknown"), ("InstitutionName", device.institution),
                       ("InstitutionalDepartmentName", device.department), ("OperatorsName", device.operator)):
        if value:
            setattr(data, key, value[:64])
    data.ContentDate, data.ContentTime, data.AcquisitionDateTime = day, time, day + time + zone
    context = []
    if recording.placement:
        item = pydicom.Dataset()
        item.ValueType, item.ConceptNameCodeSequence = "TEXT", pydicom.Sequence([_code(pydicom, "10:11345", "MDC", "Lead System")])
        item.TextValue = recording.placement
        context.append(item)
    data.AcquisitionContextSequence = pydicom.Sequence(context)
    return data


def _group(pydicom: Any, signals: list[Signal], label: str, origin: str, notes: list[str]) -> Any:
    frames = max(len(signal.counts) for signal in signals)
    values = np.full((frames, len(signals)), PAD, np.int64)
    group = pydicom.Dataset()
    group.WaveformOriginality = origin
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples, group.SamplingFrequency = len(signals), frames, _ds(signals[0].rate)
    group.MultiplexGroupLabel = label
    channels = []
    for column, signal in enumerate(signals):
        counts = counts_of(signal, 16, PAD)
        values[: len(counts.values), column] = counts.values
        if counts.loss:
            notes.append(f"{signal.name}: values are rounded by up to {counts.loss:.3g} uV")
        channels.append(_channel(pydicom, signal, counts.gain, counts.offset, notes))
    group.ChannelDefinitionSequence = pydicom.Sequence(channels)
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    if np.any(values == PAD):
        group.add_new(0x5400100A, "OW", PAD.to_bytes(2, "little", signed=True))
    group.add_new(0x54001010, "OW", np.ascontiguousarray(values.astype("<i2")).tobytes())
    return group


def _channel(pydicom: Any, signal: Signal, gain: float, offset: float, notes: list[str]) -> Any:
    one = pydicom.Dataset()
    one.ChannelLabel = signal.name[:16]
    code, meaning = CODES[signal.lead] if signal.lead else ("2:0", "Unspecified lead")
    one.ChannelSourceSequence = pydicom.Sequence([_code(pydicom, code, "MDC", meaning)])
    one.ChannelSensitivity, one.ChannelSensitivityCorrectionFactor, one.ChannelBaseline = _ds(gain), "1", _ds(offset)
    one.ChannelSensitivityUnitsSequence = pydicom.Sequence([_code(pydicom, "uV", "UCUM", "microvolt")])
    one.ChannelSampleSkew, one.WaveformBitsStored = "0", 16
    for key, value in (("FilterLowFrequency", signal.filters.highpass), ("FilterHighFrequency", signal.filters.lowpass), ("NotchFilterFrequency", signal.filters.notch)):
        if value is not None:
            setattr(one, key, _ds(value))
    if abs(float(_ds(gain)) - gain) > 1e-12 * abs(gain):
        notes.append(f"{signal.name}: the gain {gain!r} becomes {_ds(gain)}, for want of digits")
    return one


def _annotations(pydicom: Any, recording: Recording, notes: list[str]) -> list[Any]:
    found = []
    for name, value in recording.measurements.items():
        if name not in MEASURES:
            notes.append(f"the measurement {name} is left out")
            continue
        code, meaning, unit = MEASURES[name]
        one = pydicom.Dataset()
        one.ReferencedWaveformChannels, one.AnnotationGroupNumber = [1, 0], 0
        one.ConceptNameCodeSequence = pydicom.Sequence([_code(pydicom, code, "MDC", meaning)])
        one.MeasurementUnitsCodeSequence = pydicom.Sequence([_code(pydicom, unit, "UCUM", UNITS[unit])])
        one.NumericValue = _ds(value)
        found.append(one)
    for text in recording.statements:
        one = pydicom.Dataset()
        one.ReferencedWaveformChannels, one.AnnotationGroupNumber, one.UnformattedTextValue = [1, 0], 0, text
        found.append(one)
    for note in recording.annotations:
        sample = note.sample if note.sample is not None else round(note.seconds * recording.rate)
        one = pydicom.Dataset()
        one.ReferencedWaveformChannels, one.AnnotationGroupNumber, one.UnformattedTextValue = [1, 0], 0, note.text
        one.TemporalRangeType, one.ReferencedSamplePositions = "POINT", sample + 1
        found.append(one)
    return found


def _code(pydicom: Any, value: str, scheme: str, meaning: str) -> Any:
    one = pydicom.Dataset()
    one.CodeValue, one.CodingSchemeDesignator, one.CodeMeaning = value, scheme, meaning
    return one


def _ds(value: float) -> str:
    """The number with most digits that 16 characters hold."""
    return next((text for text in (plain(value), *(f"{value:.{digits}g}" for digits in range(15, 5, -1))) if len(text) <= 16), f"{value:.6g}")


assert set(LEADS) == set(CODES)
