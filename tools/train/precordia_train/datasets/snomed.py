# SNOMED CT codes as PTB-XL statements, after the reviewed table models/snomed.csv.
# Separate from the readers, whose labels are the codes as published: what a code is evidence for is a judgement, and lies in that table.
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from .exam import Dataset, DatasetError
from .tables import rows

#: A label that the set's codes cannot tell.
UNKNOWN = 255


def table(path: Path) -> dict:
    """Code -> (name, statements). Of several rows of a code the first is the challenges' meaning."""
    found = {}
    for row in rows(path, ("snomed", "name", "statements")):
        found.setdefault(row["snomed"], (row["name"], [each.strip() for each in row["statements"].split(";") if each.strip()]))
    return found


def statements(dataset: Dataset, path: Path, codes: list) -> Dataset:
    """The same tracings labelled with the statements `codes`, u8: 1 stated, 0 not, `UNKNOWN` where the set's codes cannot tell.

    A code of one statement states it. A code of several states one of them, so each is unknown. A statement that no code of the set means
    is unknown everywhere. A code that the table lacks is an error; one that has no statement there says nothing.
    """
    known, place = table(path), {code: index for index, code in enumerate(codes)}
    absent = [index for index, code in enumerate(dataset.codes) if code not in known]
    if absent:
        counts = dataset.labels().sum(axis=0, dtype=int)
        said = ", ".join(f"{dataset.codes[index]} ({counts[index]} records)" for index in absent)
        raise DatasetError(f"{path}: no row for {said}; a row with empty statements says that a code means none of them")
    strange = Counter(each for code in dataset.codes for each in known[code][1] if each not in place)
    if strange:
        raise DatasetError(f"{path}: {', '.join(strange)} are none of the {len(codes)} statements")
    columns = [[place[each] for each in known[code][1]] for code in dataset.codes]
    told = {column for meant in columns for column in meant if len(meant) == 1}
    nothing = np.array([0 if column in told else UNKNOWN for column in range(len(codes))], np.uint8)
    entries = []
    for entry in dataset.entries:
        labels, meant = nothing.copy(), [columns[index] for index in np.flatnonzero(entry.labels)]
        for several in (True, False):
            for column in (column for each in meant if (len(each) > 1) == several for column in each):
                labels[column] = UNKNOWN if several else 1
        entries.append(replace(entry, labels=labels))
    return replace(dataset, codes=list(codes), entries=entries, empty=[])
