"""A recorded exam as the gadget plays it, out of what `precordia simulate --record` says a device would send.

The gadget makes blocks of its own from this, so that faults can be made one block at a time and counted. Standard library only.
"""
import struct

NO_SAMPLE = -(1 << 31)
HEADER, CHECK = 28, 4
CONFIGURATION, DATA = 2, 3


class Block:
    """A block of a stream, where it lies in it, and of a data block its frames."""

    def __init__(self, stream, place):
        self.place, self.type = place, stream[place + 5]
        length, self.session, self.sequence = struct.unpack_from("<HII", stream, place + 6)
        self.end = place + HEADER + length + CHECK
        self.first, self.count = 0, 0
        if self.type == DATA:
            self.first, self.count = struct.unpack_from("<QxxB", stream, place + HEADER)


def in_order(stream):
    """Every block of a whole, undamaged stream."""
    place = 0
    while place < len(stream):
        block = Block(stream, place)
        yield block
        place = block.end


def blocks(stream):
    """Type and payload of each block of a whole, undamaged stream."""
    for block in in_order(stream):
        yield block.type, stream[block.place + HEADER:block.end - CHECK]


def values(payload, offset, count, width):
    for place in range(offset, offset + count * width, width):
        value = int.from_bytes(payload[place:place + width], "little", signed=True)
        yield NO_SAMPLE if value == -1 << 8 * width - 1 else value


def frames(payload):
    """The frames of a data block as the exam file has them."""
    count, width, channels, groups, marks = struct.unpack_from("<5B", payload, 10)
    flags = []
    for group in range(groups):
        samples, off, clipped = struct.unpack_from("<BxHH", payload, 16 + 6 * group)
        flags += [(off, clipped)] * samples
    numbers = list(values(payload, 16 + 6 * groups + 8 * marks, count * channels, width))
    for index, (off, clipped) in enumerate(flags):
        yield struct.pack(f"<HH{channels}i", off, clipped, *numbers[index * channels:(index + 1) * channels])


def of_stream(stream):
    """The exam file's bytes: header, channels as the configuration has them, frames."""
    configuration = next(payload for kind, payload in blocks(stream) if kind == CONFIGURATION)
    channels, = struct.unpack_from("<B", configuration, 2)
    rate, = struct.unpack_from("<I", configuration, 4)
    sensed, watched = struct.unpack_from("<HH", configuration, 16)
    samples = [frame for kind, payload in blocks(stream) if kind == DATA for frame in frames(payload)]
    head = struct.pack("<4sIIHHQ", b"EXAM", channels, rate, sensed, watched, len(samples))
    return head + configuration[24:24 + 24 * channels] + b"".join(samples)
