"""HL7 aECG (PORT_MT020001). Our own: no kept library writes it; the reader of ecgdatakit is the test's judge."""
from __future__ import annotations

import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ..errors import FormatError
from ..recording import LEADS, Filters, Recording, Signal
from ._counts import counts_of, plain

MDC, ACT = "2.16.840.1.113883.6.24", "2.16.840.1.113883.5.4"
#: A root for identifiers that have none of their own.
ROOT = "2.25.261137186013951163087151921402115290131"
MEASURES = {"heart_rate": ("MDC_ECG_HEART_RATE", "bpm"), "rr": ("MDC_ECG_TIME_PD_RR", "ms"), "pr": ("MDC_ECG_TIME_PD_PR", "ms"), "qrs": ("MDC_ECG_TIME_PD_QRS", "ms"),
            "qt": ("MDC_ECG_TIME_PD_QT", "ms"), "qtc": ("MDC_ECG_TIME_PD_QTc", "ms"), "qtc_bazett": ("MDC_ECG_TIME_PD_QTcB", "ms"), "qtc_fridericia": ("MDC_ECG_TIME_PD_QTcF", "ms"),
            "p_duration": ("MDC_ECG_TIME_PD_P", "ms"), "p_axis": ("MDC_ECG_ANGLE_P_FRONT", "deg"), "qrs_axis": ("MDC_ECG_ANGLE_QRS_FRONT", "deg"), "t_axis": ("MDC_ECG_ANGLE_T_FRONT", "deg")}


def write(recording: Recording, path: Path) -> list[str]:
    """Writes the twelve leads and others that MDC names, as integers with scale and origin; patient, device, filters, measurements, statements, averaged beats."""
    notes: list[str] = []
    if recording.start is None:
        raise FormatError(recording.path, "HL7 aECG", "effectiveTime", "aECG needs a start, and the file does not say it", remedy="--start 2026-11-30T12:00:00 says it")
    signals = [signal for signal in recording.voltages if signal.lead]
    notes += [f"{signal.name}: no lead of the twelve, no voltage or another rate; left out" for signal in recording.signals if signal not in signals]
    if not signals:
        raise FormatError(recording.path, "HL7 aECG", "leads", f"none of the signals is one of {', '.join(LEADS)}")
    if recording.annotations:
        notes.append(f"{len(recording.annotations)} annotations at times are left out")
    begin, end = recording.start, recording.start + timedelta(seconds=max(signal.seconds for signal in signals))
    content = [f'<id root="{_identifier(recording)}"/>', '<code code="93000" codeSystem="2.16.840.1.113883.6.12" codeSystemName="CPT-4"/>',
               f'<effectiveTime><low value="{_time(begin)}"/><high value="{_time(end)}" inclusive="false"/></effectiveTime>', _subject(recording)]
    inner = [*_filters(signals, notes), _sequences(signals, begin, notes), *_findings(recording)]
    if recording.medians:
        inner.append(_derived(recording, notes))
    content.append(f'<component><series><id root="{ROOT}" extension="rhythm"/><code code="RHYTHM" codeSystem="{ACT}"/>'
                   f'<effectiveTime><low value="{_time(begin)}"/><high value="{_time(end)}" inclusive="false"/></effectiveTime>'
                   f"{_device(recording)}{''.join(inner)}</series></component>")
    text = ('<?xml version="1.0" encoding="UTF-8"?>\n<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:voc="urn:hl7-org:v3/voc" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" type="Observation">\n' + "\n".join(content) + "\n</AnnotatedECG>\n")
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
    return notes


def _sequences(signals: list[Signal], begin: datetime | None, notes: list[str]) -> str:
    """Time and leads of one series, absolute or, without a beginning, relative."""
    rate = signals[0].rate
    head = f'<code code="TIME_ABSOLUTE" codeSystem="{ACT}"/><value xsi:type="GLIST_TS"><head value="{_time(begin)}"/>' if begin else (
        f'<code code="TIME_RELATIVE" codeSystem="{ACT}"/><value xsi:type="GLIST_PQ"><head value="0" unit="s"/>')
    parts = [f'<component><sequence classCode="OBS">{head}<increment value="{1 / rate!r}" unit="s"/></value></sequence></component>']
    frames = max(len(signal.counts) for signal in signals)
    for signal in signals:
        # aECG has no place for a missing sample: a null flavour of digits is not read by anybody.
        counts = counts_of(signal, 32, None)
        values = np.zeros(frames, np.int64)
        values[: len(counts.values)] = counts.values
        holes = int(signal.missing.sum()) + frames - len(counts.values)
        if holes:
            notes.append(f"{signal.name}: {holes} samples that are missing are written as 0")
        if counts.loss:
            notes.append(f"{signal.name}: values are rounded by up to {counts.loss:.3g} uV")
        digits = " ".join(map(str, values.tolist()))
        parts.append(f'<component><sequence classCode="OBS"><code code="MDC_ECG_LEAD_{(signal.lead or signal.name).upper()}" codeSystem="{MDC}"/><value xsi:type="SLIST_PQ">'
                     f'<origin value="{plain(counts.offset)}" unit="uV"/><scale value="{plain(counts.gain)}" unit="uV"/><digits>{digits}</digits></value></sequence></component>')
    return f"<component><sequenceSet>{''.join(parts)}</sequenceSet></component>"


def _derived(recording: Recording, notes: list[str]) -> str:
    medians = [signal for signal in recording.medians if signal.lead and signal.unit == "uV"]
    if not medians:
        return ""
    return (f'<derivation><derivedSeries><id root="{ROOT}" extension="beat"/><code code="REPRESENTATIVE_BEAT" codeSystem="{ACT}"/>'
            f"{_sequences(medians, None, notes)}</derivedSeries></derivation>")


def _filters(signals: list[Signal], notes: list[str]) -> list[str]:
    """Filters of the whole series; those of leads that differ are told."""
    filters = signals[0].filters
    if any(signal.filters != filters for signal in signals):
        notes.append("filters differ from lead to lead; they are left out")
        filters = Filters()
    kinds = (("MDC_ECG_CTL_VBL_ATTR_FILTER_HIGH_PASS", filters.highpass, "MDC_ECG_CTL_VBL_ATTR_FILTER_CUTOFF_FREQ"),
             ("MDC_ECG_CTL_VBL_ATTR_FILTER_LOW_PASS", filters.lowpass, "MDC_ECG_CTL_VBL_ATTR_FILTER_CUTOFF_FREQ"),
             ("MDC_ECG_CTL_VBL_ATTR_FILTER_NOTCH", filters.notch, "MDC_ECG_CTL_VBL_ATTR_FILTER_NOTCH_FREQ"))
    return [f'<controlVariable><controlVariable><code code="{code}" codeSystem="{MDC}"/><component><controlVariable><code code="{inner}" codeSystem="{MDC}"/>'
            f'<value xsi:type="PQ" value="{value:g}" unit="Hz"/></controlVariable></component></controlVariable></controlVariable>' for code, value, inner in kinds if value is not None]


def _findings(recording: Recording) -> list[str]:
    parts = [f'<component><annotation><code code="{MEASURES[name][0]}" codeSystem="{MDC}"/><value xsi:type="PQ" value="{value:g}" unit="{MEASURES[name][1]}"/></annotation></component>'
             for name, value in recording.measurements.items() if name in MEASURES]
    if recording.statements:
        lines = "".join(f'<component><annotation><code code="MDC_ECG_INTERPRETATION_STATEMENT" codeSystem="{MDC}"/><value xsi:type="ST">{_text(text)}</value></annotation></component>'
                        for text in recording.statements)
        parts.append(f'<component><annotation><code code="MDC_ECG_INTERPRETATION" codeSystem="{MDC}"/>{lines}</annotation></component>')
    return [f"<subjectOf><annotationSet>{''.join(parts)}</annotationSet></subjectOf>"] if parts else []


def _subject(recording: Recording) -> str:
    patient = recording.patient
    name = "".join(f"<{tag}>{_text(word)}</{tag}>" for tag, word in (("family", patient.family_name), ("given", patient.given_name)) if word)
    person = [f"<name>{name}</name>" if name else "", f'<administrativeGenderCode code="{"UN" if patient.sex == "O" else patient.sex}" codeSystem="2.16.840.1.113883.5.1"/>' if patient.sex else "",
              f'<birthTime value="{patient.birth_date:%Y%m%d}"/>' if patient.birth_date else ""]
    demographic = f"<subjectDemographicPerson>{''.join(person)}</subjectDemographicPerson>" if any(person) else ""
    identifier = f'<id root="{ROOT}" extension={quoteattr(patient.identifier)}/>' if patient.identifier else '<id nullFlavor="UNK"/>'
    return (f"<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>{identifier}{demographic}</trialSubject></subject>"
            f'<componentOf><clinicalTrial><id nullFlavor="NA"/></clinicalTrial></componentOf></subjectAssignment></componentOf></timepointEvent></componentOf>')


def _device(recording: Recording) -> str:
    device = recording.device
    if not any((device.manufacturer, device.model, device.serial, device.software)):
        return ""
    parts = [f'<id root="{ROOT}" extension={quoteattr(device.serial)}/>' if device.serial else "", f"<manufacturerModelName>{_text(device.model)}</manufacturerModelName>" if device.model else "",
             f"<softwareName>{_text(device.software)}</softwareName>" if device.software else ""]
    organization = f"<manufacturerOrganization><name>{_text(device.manufacturer)}</name></manufacturerOrganization>" if device.manufacturer else ""
    return f"<author><seriesAuthor><manufacturedSeriesDevice>{''.join(parts)}</manufacturedSeriesDevice>{organization}</seriesAuthor></author>"


def _identifier(recording: Recording) -> uuid.UUID:
    """The same for the same recording, so that the same bytes are written."""
    samples = b"".join(np.ascontiguousarray(signal.counts).tobytes() for signal in recording.voltages)
    return uuid.uuid5(uuid.NAMESPACE_OID, repr((recording.format, recording.start, recording.patient)) + str(hash_of(samples)))


def hash_of(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _time(when: datetime) -> str:
    zone = f"{when:%z}"[:5] if when.tzinfo is not None else ""
    return f"{when:%Y%m%d%H%M%S}" + (f".{when.microsecond:06d}".rstrip("0") if when.microsecond else "") + zone


def _text(text: str) -> str:
    """Text that XML can hold."""
    return escape("".join(character if character >= " " or character in "\t\n" else " " for character in text))
