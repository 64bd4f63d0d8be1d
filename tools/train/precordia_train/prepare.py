# From recordings to a cache: PTB-XL's own layout, or any reader of precordia_train.datasets.
# Separate from preprocess.py, which is the arithmetic alone.
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import cache, code66, preprocess, ptbxl
from .configuration import InputSettings

#: Folds of the splits that published sets come with.
SPLITS = {"train": 1, "validation": 9, "test": 10}

#: The engine's shipped input.
INPUT = cache.Input(
    preprocess.RATE, preprocess.WINDOW, list(preprocess.LEADS), preprocess.STEP, preprocess.ZERO_POINT, preprocess.SECTIONS.tolist()
)


def columns(microvolts: np.ndarray, rate: int, about: cache.Input) -> np.ndarray:
    """[..., samples, 12] microvolts at `rate` hertz -> u8 [..., columns, leads]; for `INPUT` the same bytes as preprocess.network_input."""
    x = preprocess.resampled(microvolts - microvolts[..., :1, :], rate, about.rate)
    x = x[..., [preprocess.LEADS.index(lead) for lead in about.leads]]
    return preprocess.units(preprocess.filtered(x, np.array(about.sections)), about.step)


def held(microvolts: np.ndarray) -> np.ndarray:
    """[samples, leads] with the last number where a sample is none, 0 before the first."""
    bad = ~np.isfinite(microvolts)
    if not bad.any():
        return microvolts
    last = np.maximum.accumulate(np.where(bad, -1, np.arange(len(microvolts))[:, None]), 0)
    return np.where(last >= 0, np.take_along_axis(microvolts, np.maximum(last, 0), 0), 0.0)


def _limited(table: preprocess.Tables, last: int | None) -> preprocess.Tables:
    keep = np.flatnonzero(table.ecg_id <= (table.ecg_id.max() if last is None else last))
    return replace(
        table, ecg_id=table.ecg_id[keep], patient=table.patient[keep], fold=table.fold[keep], labels=table.labels[keep],
        low=[table.low[row] for row in keep], high=[table.high[row] for row in keep],
    )  # fmt: skip


def prepare_ptbxl(root: Path, folder: Path, about: cache.Input, progress=lambda items, **_: items, last: int | None = None) -> None:
    """Fills `folder`, outside the repository, from PTB-XL's tables and records up to the ecg_id `last`: the 100 Hz ones for an input of 100
    Hz, those of 500 Hz for any other."""
    table = _limited(preprocess.tables(root), last)
    names = table.low if about.rate == 100 else table.high
    samples = 10 * about.rate
    sets, rate = ptbxl.label_sets(root, table), 100 if about.rate == 100 else 500
    inputs = cache.created(cache.begun(folder) / "inputs.npy", (len(names) * samples, len(about.leads)))
    batch = 102_400 // about.rate
    for start in progress(range(0, len(names), batch), desc="prepare", unit="batch"):
        records = [preprocess.read_record(root / name, rate)[0] for name in names[start : start + batch]]
        for name, record in zip(names[start:], records):
            if len(record) != 10 * rate:
                raise ValueError(f"{root / name}: {len(record)} samples at {rate} Hz; PTB-XL's records have {10 * rate}")
        u = columns(np.stack(records), rate, about)
        inputs[start * samples : (start + len(records)) * samples] = u.reshape(-1, len(about.leads))
    inputs.flush()
    tables = ("ptbxl_database.csv", "scp_statements.csv", "12sl_statements.csv", "12slv23ToSNOMED.csv")
    paths = [*(root / name for name in tables), code66.TABLE, code66.SOURCES]
    sources = {path.name: cache.sha256(path) for path in paths if path.exists()}
    starts = np.arange(len(names) + 1, dtype=np.int64) * samples
    cache.write(folder, about, cache.Table("ptbxl", names, table.patient, table.fold, starts, sets, sources))


def prepare_dataset(name: str, root: Path, folder: Path, about: cache.Input, progress=lambda items, **_: items) -> None:
    """Fills `folder` from any set that precordia_train.datasets reads; its codes are the set "statements". Records keep their own length;
    those shorter than a second, and empty ones, are left out. Folds are the set's own, or `SPLITS`, or 0."""
    from . import datasets

    dataset = datasets.open_dataset(name, root)
    pieces, exams = [], []
    for exam in progress(dataset, desc="prepare", unit="record", total=len(dataset)):
        if len(exam.microvolts) < exam.rate:
            continue
        u = columns(held(exam.microvolts), exam.rate, about)
        pieces.append(u)
        exams.append((exam.name, str(exam.patient), exam.fold or SPLITS.get(exam.split, 0), exam.labels))
    if not pieces:
        raise ValueError(f"{root}: no record of a second or more")
    cache.begun(folder)
    starts = np.concatenate([[0], np.cumsum([len(u) for u in pieces])]).astype(np.int64)
    np.save(folder / "inputs.npy", np.concatenate(pieces))
    names, groups, folds, labels = zip(*exams)
    statements = cache.LabelSet("statements", list(dataset.codes), list(dataset.codes), [""] * len(dataset.codes), np.stack(labels))
    digest = hashlib.sha256(b"".join(hashlib.sha256(u.tobytes()).digest() for u in pieces)).hexdigest()
    table = cache.Table(dataset.name, list(names), list(groups), np.array(folds), starts, [statements], {"records": digest})
    cache.write(folder, about, table)


def described(settings: InputSettings | None) -> cache.Input:
    """An input's definition; the engine's without one. Raises `ValueError` for leads that no model has, and for another zero point than
    that of `preprocess.units`."""
    if settings is None:
        return INPUT
    if settings.leads != [lead for lead in preprocess.LEADS if lead in settings.leads]:
        raise ValueError(f"input.leads = {settings.leads}: some of {', '.join(preprocess.LEADS)}, in this order, are right")
    if settings.zero_point != preprocess.ZERO_POINT:
        raise ValueError(f"input.zero_point = {settings.zero_point}: {preprocess.ZERO_POINT} is right")
    return cache.Input(
        settings.rate, settings.window, settings.leads, settings.step, settings.zero_point, settings.sections, settings.whole_window
    )
