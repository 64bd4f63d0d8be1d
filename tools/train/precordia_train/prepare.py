# From recordings to a cache: PTB-XL's own layout, or any reader of precordia_train.datasets.
# Separate from preprocess.py, which is the arithmetic alone.
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import cache, preprocess, ptbxl

#: The engine's shipped input.
INPUT = cache.Input(
    preprocess.RATE, preprocess.WINDOW, list(preprocess.LEADS), preprocess.STEP, preprocess.ZERO_POINT, preprocess.SECTIONS.tolist()
)


def _limited(table: preprocess.Tables, last: int | None) -> preprocess.Tables:
    keep = np.flatnonzero(table.ecg_id <= (table.ecg_id.max() if last is None else last))
    return replace(
        table, ecg_id=table.ecg_id[keep], patient=table.patient[keep], fold=table.fold[keep], labels=table.labels[keep],
        low=[table.low[row] for row in keep], high=[table.high[row] for row in keep],
    )  # fmt: skip


def prepare_ptbxl(root: Path, folder: Path, progress=lambda items, **_: items, last: int | None = None, batch: int = 1024) -> None:
    """Fills `folder`, outside the repository, from PTB-XL's tables and 100 Hz records up to the ecg_id `last`."""
    table = _limited(preprocess.tables(root), last)
    count = len(table.low)
    folder.mkdir(parents=True, exist_ok=True)
    inputs = np.lib.format.open_memmap(folder / "inputs.npy", "w+", np.uint8, (count * INPUT.window, 12))
    for start in progress(range(0, count, batch), desc="prepare", unit="batch"):
        records = [preprocess.read_record(root / name) for name in table.low[start : start + batch]]
        u = preprocess.network_input(np.stack([x for x, _ in records]), INPUT.rate)
        inputs[start * INPUT.window : (start + len(records)) * INPUT.window] = u.reshape(-1, 12)
    inputs.flush()
    names = ("ptbxl_database.csv", "scp_statements.csv", "12sl_statements.csv")
    sources = {name: cache.sha256(root / name) for name in names if (root / name).exists()}
    starts = np.arange(count + 1, dtype=np.int64) * INPUT.window
    cache.write(
        folder, INPUT,
        cache.Table("ptbxl", table.low, table.patient, table.fold, starts, ptbxl.label_sets(root, table), sources),
    )  # fmt: skip
