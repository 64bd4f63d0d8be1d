"""The check at the end of each block on the wire, and blocks taken apart and sealed again. Standard library only."""
import struct


def remainder(value):
    """Of CRC-32C, a bit at a time."""
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value


REMAINDERS = [remainder(byte) for byte in range(256)]


def crc32c(data):
    """The check of some bytes."""
    value = 0xFFFFFFFF
    for byte in data:
        value = REMAINDERS[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def blocks_of(stream):
    """A plain stream's blocks without their checks."""
    place = 0
    while place < len(stream):
        end = place + 28 + struct.unpack_from("<H", stream, place + 6)[0]
        yield bytearray(stream[place:end])
        place = end + 4


def sealed(blocks):
    """Blocks with their checks, one after the other."""
    return b"".join(bytes(block) + struct.pack("<I", crc32c(block)) for block in blocks)
