"""Blocks as rows of a Spark data frame. Apart from the other engines, because it is sent to workers, which have no session."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from .job import Block
from .work import Done, do_block

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RESULT = "block long, rows long, errors long, seconds double, fault string"


def done_blocks(session: SparkSession, blocks: list[Block], folder: str, root: str, model: str) -> Iterator[Done | tuple[Block, str]]:
    """A task for each block. Spark does a task again whose worker died; a block that fails by itself is told, and the others are done."""
    if not blocks:
        return
    by_number = {block.number: block for block in blocks}
    rows = [(block.number, block.offset, block.lines, block.exams) for block in blocks]
    frame = session.createDataFrame(rows, "number long, offset long, lines long, exams long").repartition(len(rows), "number")
    for row in frame.mapInArrow(_work(folder, root, model), RESULT).toLocalIterator(prefetchPartitions=True):
        yield (by_number[row.block], row.fault) if row.fault else Done(row.block, row.rows, row.errors, row.seconds)


def _work(folder: str, root: str, model: str) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function of mapInArrow: a partition of blocks in, a row for each of them out."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for one in batch.to_pylist():
                block, fault = Block(one["number"], one["offset"], one["lines"], one["exams"]), None
                try:
                    done = do_block(folder, root, model, block)
                except Exception as error:  # noqa: BLE001
                    done, fault = Done(block.number, 0, 0, 0.0), str(error) or type(error).__name__
                yield pa.RecordBatch.from_pylist([{"block": done.block, "rows": done.rows, "errors": done.errors, "seconds": done.seconds, "fault": fault}],
                                                 schema=pa.schema([("block", pa.int64()), ("rows", pa.int64()), ("errors", pa.int64()), ("seconds", pa.float64()),
                                                                   ("fault", pa.string())]))

    return work
