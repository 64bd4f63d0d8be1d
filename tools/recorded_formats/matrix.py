# The tables of docs/formats.md: each file, what is read of it, and what each format that is written keeps of it.
import tempfile
from pathlib import Path

import numpy as np
from precordia import FormatError, read, read_all
from precordia.formats import write
from precordia.formats.reading import files_in

ENDINGS = {"wfdb": "r.hea", "edf": "r.edf", "dicom": "r.dcm", "aecg": "r.xml", "csv": "r.csv", "parquet": "r.parquet"}
TRIPLE = "scp_aecg_dicom_triple/Example"


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def result(recording):
    """What a recording holds, in a few words."""
    if isinstance(recording, FormatError):
        return f"error: {', '.join(word for word in (recording.format, recording.field) if word)}", cell(str(recording).split(": ", 1)[1])
    signals = recording.voltages or recording.signals
    names = ", ".join(signal.lead or signal.name for signal in signals[:3]) + (f" … {len(signals)}" if len(signals) > 3 else "")
    words = f"{names}; {signals[0].rate:g} Hz; {max(signal.seconds for signal in signals):g} s"
    if len(recording.signals) > len(signals):
        words += f"; {len(recording.signals) - len(signals)} other signals"
    patient, device = recording.patient, recording.device
    told = [word for word, there in (
        ("start", recording.start), ("patient", patient.identifier), ("sex", patient.sex), ("age", patient.age), ("born", patient.birth_date),
        ("device", device.model or device.manufacturer), ("filters", any(signal.filters.highpass or signal.filters.lowpass or signal.filters.notch for signal in signals)),
        ("placement", recording.placement), (f"{len(recording.measurements)} measurements", recording.measurements), (f"{len(recording.statements)} statements", recording.statements),
        (f"{len(recording.annotations)} annotations", recording.annotations), ("averaged beats", recording.medians), ("comments", recording.comments)) if there]
    return words, cell("; ".join([", ".join(told) or "samples alone", *dict.fromkeys(_kind(note) for note in recording.notes)]))


def _kind(note):
    """A note without the names and numbers that differ from file to file, when they are many."""
    return note if len(note) < 110 else note[:107] + "…"


def tables(real, made):
    """Lines of each table by its name. `real` is the folder of real files, `made` those of the tests by name."""
    rows, recordings = [], {}
    for place in files_in(real):
        name = place.relative_to(real).as_posix()
        for one in read_all(place):
            if isinstance(one, FormatError) and one.field == "first bytes":
                continue
            words, more = result(one)
            rows.append(f"| {name} | {one.format or '-'} | {words} | {more.replace(str(real) + '/', '')} |")
            if not isinstance(one, FormatError):
                recordings[name] = one
    made_rows = []
    for name, place in made.items():
        said = {"rate": 500, "unit": "uV"} if name.endswith((".npy", ".mat")) else {}
        for one in read_all(place, **said):
            words, more = result(one)
            shown = name + ("!" + one.path.rpartition("!")[2] if "!" in one.path else "")
            made_rows.append(f"| {shown} | {one.format} | {words} | {more.replace(str(place.parent) + '/', '')} |")
    head = ["| file | format | read | with it |", "|---|---|---|---|"]
    return {"formats.files": head + rows, "formats.made": head + made_rows, "formats.triple": triple(real), "formats.written": written(recordings)}


def triple(real):
    """The largest difference of the three files of one ECG, lead by lead."""
    scp, aecg, dicom = (read(real / f"{TRIPLE}.{ending}") for ending in ("scp", "xml", "dcm"))

    def column(recording, lead):
        return recording.microvolts[:, recording.leads.index(lead)]

    lines = ["| lead | SCP-ECG and aECG, uV | SCP-ECG and DICOM, uV |", "|---|---|---|"]
    for lead in sorted(scp.leads):
        lines.append(f"| {lead} | {np.abs(column(scp, lead) - column(aecg, lead)).max():g} | {np.abs(column(scp, lead) - column(dicom, lead)).max():g} |")
    return lines


def written(recordings):
    """For each format that is written: how many of the real recordings it took, and the largest error of a sample when read again."""
    lines = ["| written as | recordings | largest error of a sample | refused, by reason |", "|---|---|---|---|"]
    short = {name: one for name, one in recordings.items() if sum(len(signal.counts) for signal in one.signals) < 1_000_000}
    for format, ending in ENDINGS.items():
        worst, done, refused = 0.0, 0, {}
        with tempfile.TemporaryDirectory() as folder:
            for one in short.values():
                path = Path(folder) / ending
                try:
                    write(one, path, format)
                    worst = max(worst, _error(one, path, format))
                    done += 1
                except FormatError as error:
                    refused[error.field] = refused.get(error.field, 0) + 1
        reasons = ", ".join(f"{field} {count}" for field, count in sorted(refused.items())) or "none"
        lines.append(f"| {format} | {done} of {len(short)} | {worst:.2g} uV | {reasons} |")
    return lines


def _error(recording, path, format):
    """The largest difference, in microvolts, of the leads that came back under their own names."""
    if format == "parquet":
        import pyarrow.parquet as parquet

        table = parquet.read_table(path)
        back = {name: table[name].to_numpy() for name in table.column_names}
    else:
        back = {signal.lead or signal.name: signal.values for signal in read(path).signals if signal.unit == "uV"}
    worst = 0.0
    for signal in recording.voltages:
        found = back.get(signal.lead or signal.name, back.get(signal.name))
        if found is not None and len(recording.voltages) == len({one.name for one in recording.voltages}):
            difference = np.abs(found[: len(signal.counts)] - signal.values)
            worst = max(worst, float(np.max(difference[~np.isnan(difference)], initial=0.0)))
    return worst
