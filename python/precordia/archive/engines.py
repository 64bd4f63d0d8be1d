"""Who does the blocks: processes of this machine, or a cluster. An engine gives blocks to workers and results back, in any order; nothing else."""
from __future__ import annotations

import logging
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

from .job import Block, RunError
from .work import Done, do_block

Result = Done | tuple[Block, str]
#: How often a block may take its worker with it before it is left undone.
TRIES = 3


def local(blocks: Iterable[Block], folder: str, root: str, model: str, jobs: int) -> Iterator[Result]:
    """Processes of this machine, or this one alone. One that dies is replaced, and what it was at done again."""
    if jobs == 1:
        for block in blocks:
            try:
                yield do_block(folder, root, model, block)
            except Exception as error:  # noqa: BLE001  one block's fault is told, and the others are done
                yield block, _said(error)
        return
    todo, tries = iter(blocks), dict[int, int]()
    again: list[Block] = []
    while True:
        pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"))
        waiting: dict[Future[Done], Block] = {}
        broken = False
        try:
            while not broken:
                while len(waiting) < 2 * jobs and (following := again.pop() if again else next(todo, None)) is not None:
                    waiting[pool.submit(do_block, folder, root, model, following)] = following
                if not waiting:
                    return
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    block = waiting.pop(future)
                    try:
                        yield future.result()
                    except BrokenProcessPool:
                        broken = True
                        waiting[future] = block
                        break
                    except Exception as error:  # noqa: BLE001  one block's fault is told, and the others are done
                        yield block, _said(error)
        except BrokenProcessPool:
            broken = True
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        for block in sorted(waiting.values(), key=lambda one: one.number):
            tries[block.number] = tries.get(block.number, 0) + 1
            if tries[block.number] < TRIES * (1 + jobs):
                again.append(block)
            else:
                yield block, "its worker died each time"
        print("precordia-archive: a worker died; what it was at is done again", file=sys.stderr)


def dask(blocks: Iterable[Block], folder: str, root: str, model: str, address: str | None, jobs: int) -> Iterator[Result]:
    """A Dask cluster at `address`, or one of processes of this machine."""
    try:
        import distributed as module
    except ImportError:
        raise RunError("Dask is not installed: pip install 'precordia[dask]'") from None
    # Dask's own types say too little for a strict check.
    distributed: Any = module
    cluster = None
    logging.getLogger("distributed").setLevel(logging.ERROR)
    if address is None:
        cluster = distributed.LocalCluster(n_workers=jobs, threads_per_worker=1, processes=True, dashboard_address=None)
    with distributed.Client(address or cluster) as client:
        if address is not None:
            print(f"precordia-archive: dashboard at {client.dashboard_link}", file=sys.stderr)
        try:
            yield from _of_client(client, blocks, folder, root, model)
        finally:
            if cluster is not None:
                cluster.close()


def _of_client(client: Any, blocks: Iterable[Block], folder: str, root: str, model: str) -> Iterator[Result]:
    """Never more in flight than keeps every worker busy: the scheduler's memory stays flat, however many blocks there are."""
    from distributed import as_completed

    completing: Any = as_completed
    todo = iter(blocks)

    def submit(block: Block) -> object:
        return client.submit(do_block, folder, root, model, block, pure=False, retries=TRIES)

    width = 4 * max(1, sum(client.nthreads().values()))
    waiting = {submit(block): block for block in islice(todo, width)}
    completed = completing(list(waiting))
    for future in completed:
        block = waiting.pop(future)
        try:
            yield future.result()
        except Exception as error:  # noqa: BLE001
            yield block, _said(error)
        future.release()
        following = next(todo, None)
        if following is not None:
            new = submit(following)
            waiting[new] = following
            completed.add(new)


def spark(blocks: Iterable[Block], folder: str, root: str, model: str, address: str | None, jobs: int) -> Iterator[Result]:
    """Spark at `address`, a master such as local-cluster[2,1,1024], yarn or k8s://…; by mapInArrow, a task for each block."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise RunError("Spark is not installed: pip install 'precordia[spark]', with Java 17") from None
    from .spark import done_blocks

    # Workers that Spark starts on this machine run this very Python, with what is installed beside it.
    if address is None or address.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("precordia-archive").config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "ERROR")
    session = builder.master(address or f"local[{jobs}]").getOrCreate()
    try:
        yield from done_blocks(session, list(blocks), folder, root, model)
    except PySparkException as error:
        raise RunError(f"Spark gave up: {_said(error).splitlines()[0]}") from None
    finally:
        session.stop()


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
