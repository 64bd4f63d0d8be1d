# Records of two leads for a program that asks for twelve.
# As the issue's own scorer makes them; used only where the program does not take a record as it is.
from pathlib import Path

from . import program, records

LEADS = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
# How a record may be heard as it is: by its own names, then with names for leads that have none.
WAYS = [(), ("--leads", "ECG=II,ECG=V5"), ("--leads", "ECG=II")]


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
    for way in WAYS:
        told = program.lines(command, record, "--json", *options, *way)
        if told is not None:
            return told, " ".join(("as it is",) + way)
    made = crude(record, Path(scratch) / record.name)
    return program.lines(command, made, "--json", *options), "as twelve crude leads"
