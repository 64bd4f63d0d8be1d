# Records of two leads for a program that asks for twelve.
# As the issue's own scorer makes them; used only where the program does not take a record as it is.
from pathlib import Path

from . import program, records

LEADS = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
KNOWN = {name.lower() for name in ["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{n}" for n in range(1, 7)), "MLI", "MLII", "MLIII"]}
# What a channel without a lead's name is taken for, the first that is free: a monitor's V is mostly V5, an MCL is nearest to V1, and the first of others is mostly II.
GUESSES = {"V": ["V5", "V1", "V2"], "M": ["V1", "V5", "V2"]}
OTHERS = ["II", "V5", "V1", "V2"]


def naming(names):
    """The options by which a record's channels are heard that have no lead's name; none where all have."""
    taken = {name.lower().removeprefix("ml") for name in names if name.lower() in KNOWN}
    entries = []
    for name in names:
        if name.lower() in KNOWN:
            continue
        lead = next(lead for lead in GUESSES.get(name[:1].upper(), OTHERS) if lead.lower() not in taken)
        taken.add(lead.lower())
        entries.append(f"{name}={lead}")
    return ("--leads", ",".join(entries)) if entries else ()


def crude(record, path):
    """The record's first two channels as the eight measured leads of a body that nobody has."""
    import numpy as np

    rate, _, values = records.samples(record)
    values = np.nan_to_num(values)
    first, second = values[:, 0], values[:, min(1, values.shape[1] - 1)]
    eight = [.5 * first, first, second, .8 * second, .5 * (first + second), first, first, .8 * first]
    return records.write(path, rate, LEADS, 1000 * np.stack(eight, 1))


def lines(command, record, scratch, options):
    """The program's lines about a record: as it is where the program takes it, else as twelve crude leads; and which way it was."""
    names = [fields[8] for fields in records.header(record.with_suffix(".hea"))[2] if len(fields) > 8]
    way = naming(names)
    told = program.lines(command, record, "--json", *options, *way)
    if told is not None:
        return told, " ".join(("as it is",) + way)
    made = crude(record, Path(scratch) / record.name)
    return program.lines(command, made, "--json", *options), "as twelve crude leads"
