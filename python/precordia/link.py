"""A device's bytes as arrays of counts: the wire protocol, firmware-protocol/SPEC.md. Apart from engine.py, because an engine needs no device."""
from __future__ import annotations

import ctypes as c
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import _library as lib
from ._arguments import LEADS, ArgumentError
from ._library import check, library
from .exams import MARKS


@dataclass(frozen=True)
class LinkStream:
    """What a device's counts mean from here on."""

    rate: int
    leads: tuple[str, ...]
    derived: tuple[str, ...]
    microvolts_per_count: NDArray[np.float64]
    baseline: NDArray[np.int32]
    #: How many frames will come; None if nobody knows.
    frames: int | None


@dataclass(frozen=True)
class LinkFrames:
    """Frames one after the other: `index` is the first one's number as the device counts, `counts` of shape (frames, leads), `marks` of dtype `exams.MARKS`. Where frames
    were lost, the next ones begin with another number."""

    index: int
    counts: NDArray[np.int32]
    marks: NDArray[np.void]

    def as_microvolts(self, stream: LinkStream) -> NDArray[np.float64]:
        """The samples in microvolts, NaN where one is missing."""
        values = (self.counts - stream.baseline) * stream.microvolts_per_count
        for channel, lead in enumerate(stream.leads):
            values[self.marks["missing"] >> LEADS.index(lead) & 1 != 0, channel] = np.nan
        return values


_STREAM, _FRAME, _NOTHING = 1, 2, 0


class Link:
    """A decoder of what a device sends, in portions of any size. `framing` is "plain" (USB, TCP, files) or "cobs" (serial lines)."""

    def __init__(self, framing: str = "plain") -> None:
        if framing not in ("plain", "cobs"):
            raise ArgumentError("framing", framing, "'plain' or 'cobs'")
        self._memory = c.create_string_buffer(library.precordia_link_bytes())
        self._link = c.c_void_p()
        check(library.precordia_link_init(self._link, self._memory, len(self._memory), int(framing == "cobs")))
        self._channels = 0

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[LinkStream | LinkFrames]:
        """What is in the bytes: streams as they begin, and their frames. Takes bytes only as far as it is iterated."""
        held = np.frombuffer(data, np.uint8)
        taken = 0
        while taken < len(held):
            taken += library.precordia_link_feed(self._link, held[taken:].ctypes.data, len(held) - taken)
            yield from self._messages()

    def finish(self) -> Iterator[LinkStream | LinkFrames]:
        """What is left in the decoder when no more bytes will come."""
        library.precordia_link_finish(self._link)
        yield from self._messages()

    @property
    def counters(self) -> dict[str, int]:
        """Everything that was counted, so that nothing is lost silently."""
        found = lib.LinkCounters()
        library.precordia_link_counters_of(self._link, found)
        return {field[0]: getattr(found, field[0]) for field in lib.LinkCounters._fields_}

    def _messages(self) -> Iterator[LinkStream | LinkFrames]:
        index, counts, marks = c.c_uint64(), (c.c_int32 * 12)(), (c.c_uint16 * 4)()
        first, rows, wrong = 0, list[list[int]](), list[tuple[int, ...]]()
        while (kind := library.precordia_link_next(self._link)) != _NOTHING:
            if kind == _FRAME:
                library.precordia_link_frame_of(self._link, index, counts, marks)
                if rows and index.value != first + len(rows):
                    yield self._frames(first, rows, wrong)
                    rows, wrong = [], []
                if not rows:
                    first = index.value
                rows.append(counts[: self._channels])
                wrong.append(tuple(marks))
            elif kind == _STREAM:
                if rows:
                    yield self._frames(first, rows, wrong)
                    rows, wrong = [], []
                yield self._stream()
        if rows:
            yield self._frames(first, rows, wrong)

    def _frames(self, first: int, rows: list[list[int]], wrong: list[tuple[int, ...]]) -> LinkFrames:
        return LinkFrames(first, np.array(rows, np.int32), np.array(wrong, MARKS))

    def _stream(self) -> LinkStream:
        stream, leads, frames = lib.Stream(), c.c_uint16(), c.c_uint64()
        library.precordia_link_stream_of(self._link, stream, leads, frames)
        self._channels = count = stream.channels
        return LinkStream(
            stream.rate, tuple(LEADS[stream.lead[channel]] for channel in range(count)), lib.leads_of(stream.derived),
            np.array(stream.microvolts_per_count[:count]), np.array(stream.baseline[:count], np.int32), None if frames.value == 2**64 - 1 else frames.value)
