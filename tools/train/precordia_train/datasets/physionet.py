# The sets whose records are WFDB: PTB-XL with its tables, and the challenges of 2020 and 2021 with SNOMED CT codes in the headers.
# Separate from the table-driven layouts because here the header tells rate, unit, leads and, for the challenges, labels.
import re
from pathlib import Path

import numpy as np

from .. import preprocess
from . import wfdb16
from .exam import Dataset, DatasetError, Entry

#: CPSC2018's nine classes: the SNOMED CT code of the challenges' headers, and the word that the first release of 2020 has instead.
CPSC2018 = {
    "426783006": "Normal", "164889003": "AF", "270492004": "I-AVB", "164909002": "LBBB", "59118001": "RBBB",
    "284470004": "PAC", "164884008": "PVC", "429622005": "STD", "164931005": "STE",
}  # fmt: skip


def ptbxl(root: Path, rate: int = 500, partial: bool = False) -> Dataset:
    """PTB-XL 1.0.3: 71 statements, one with any likelihood being positive; `fold` is strat_fold. `rate`: 100 or 500.

    `partial`: records that are not there are left out; otherwise reading one is an error.
    """
    if rate not in (100, 500):
        raise DatasetError(f"ptbxl: rate {rate}; 100 and 500 Hz are published")
    found = preprocess.tables(root)
    paths = [root / name for name in (found.low if rate == 100 else found.high)]
    entries = [
        Entry(str(ecg_id), str(ecg_id), str(patient), labels, fold=int(fold))
        for ecg_id, patient, labels, fold in zip(found.ecg_id, found.patient, found.labels, found.fold)
    ]
    whole = Dataset("ptbxl", root, found.codes, entries, lambda index: wfdb16.read(paths[index], rate), seconds=(9, 11))
    return whole.chosen(i for i, path in enumerate(paths) if wfdb16.header_path(path).is_file()) if partial else whole


def diagnoses(head: wfdb16.Header, words: dict) -> list[str]:
    """The SNOMED CT codes of a header's #Dx, `words` being read as the codes they stand for."""
    text = head.comment("Dx")
    if text is None:
        raise DatasetError(f"{head.path}: no comment #Dx, which holds the diagnoses' SNOMED CT codes")
    codes = [words.get(code.strip(), code.strip()) for code in text.split(",") if code.strip()]
    for code in codes:
        if not re.fullmatch(r"\d{6,18}", code):
            raise DatasetError(f"{head.path}: #Dx has {code!r}, which is no SNOMED CT code")
    return codes


def headers(root: Path) -> list[wfdb16.Header]:
    """Every record's header below `root`, by record name."""
    if not root.is_dir():
        raise DatasetError(f"{root}: no such folder")
    found = sorted(root.rglob("*.hea"), key=lambda path: (path.stem, path))
    if not found:
        raise DatasetError(f"{root}: no records (*.hea) in it or below")
    for one, next_one in zip(found, found[1:]):
        if one.stem == next_one.stem:
            raise DatasetError(f"{next_one}: a second record {one.stem}; the first is {one}")
    return [wfdb16.header(path) for path in found]


def cinc(root: Path, rate: int | None = None, codes=None, name: str = "cinc", words=None, seconds=(5, 3600)) -> Dataset:
    """The challenges' layout. Labels are SNOMED CT codes, all that occur, or `codes`, any other being an error.

    The sets do not tell patients apart: each record stands for its own. CinC's HRnnnnn are PTB-XL's ecg_id nnnnn: mind its folds.
    """
    heads = headers(root)
    found = [diagnoses(head, words or {}) for head in heads]
    codes = list(codes) if codes else sorted({code for dx in found for code in dx}, key=int)
    place = {code: index for index, code in enumerate(codes)}
    entries = []
    for head, dx in zip(heads, found):
        unknown = [code for code in dx if code not in place]
        if unknown:
            raise DatasetError(f"{head.path}: #Dx has {', '.join(unknown)}, not one of {name}'s {len(codes)} codes {', '.join(codes)}")
        labels = np.zeros(len(codes), np.uint8)
        labels[[place[code] for code in dx]] = 1
        entries.append(Entry(head.path.stem, head.path.stem, head.path.stem, labels))
    return Dataset(name, root, codes, entries, lambda index: wfdb16.read(heads[index].path, rate), seconds=seconds)


def cpsc2018(root: Path, rate: int | None = 500) -> Dataset:
    """CPSC2018 in the challenges' layout: always the nine classes in the order of `CPSC2018`."""
    return cinc(root, rate, CPSC2018, "cpsc2018", {word: code for code, word in CPSC2018.items()}, seconds=(5, 150))
