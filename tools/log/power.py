"""What is left on a medium after a loss of power, from a trace of writes and flushes (tools/log/disk.c).

The model: what was flushed is there. Of what was written to a file after its last flush each sector of 512 bytes is there or not, by chance, in any
order; a torn sector does not exist. A file that was made is there once it was flushed, and by chance before. Truncations, removals and renames took place up
to some moment between the last flush of anything and the end.
"""
import random
import struct
from pathlib import Path

SECTOR = 512


def read(path):
    """The operations of a trace: kind, path, number, data."""
    data, at, operations = path.read_bytes(), 0, []
    while at + 15 <= len(data):
        kind, length, number, count = struct.unpack_from("<cHQI", data, at)
        end = at + 15 + length + count
        if end > len(data):
            break
        operations.append((kind.decode(), data[at + 15:at + 15 + length].decode(), number, data[at + 15 + length:end]))
        at = end
    return operations


class Medium:
    """Files as they are on the medium, and what is still in the cache."""

    def __init__(self):
        self.durable, self.pending = {}, {}

    def apply(self, operation):
        kind, path, number, data = operation
        pending = self.pending.setdefault(path, [])
        if kind == "w":
            pending.append(("w", number, data))
        elif kind == "t":
            pending.append(("t", number, b""))
        elif kind == "f":
            self.durable[path] = merged(self.durable.get(path, b""), pending, 1.0, None)
            self.pending[path] = []
        elif kind == "u":
            self.durable.pop(path, None)
            self.pending.pop(path, None)
        elif kind == "r":
            target = data.decode()
            if path in self.durable or self.pending.get(path):
                self.durable[target] = self.durable.pop(path, b"")
                self.pending[target] = self.pending.pop(path, [])

    def after_power_loss(self, chance, source):
        """The files that are found; `chance` is that of a sector's having been written without a flush."""
        files = {}
        for path in set(self.durable) | set(self.pending):
            pending = self.pending.get(path, [])
            if path not in self.durable and not (pending and source.random() < 0.5):
                continue
            files[path] = merged(self.durable.get(path, b""), pending, chance, source)
        return files


def merged(content, pending, chance, source):
    content = bytearray(content)
    for kind, number, data in pending:
        if kind == "t":
            if chance == 1.0 or source.random() < chance:
                del content[number:]
                content.extend(bytes(number - len(content)))
            continue
        for start in range(0, len(data), SECTOR):
            piece = data[start:start + SECTOR]
            if chance < 1.0 and source.random() >= chance:
                continue
            place = number + start
            if len(content) < place + len(piece):
                content.extend(bytes(place + len(piece) - len(content)))
            content[place:place + len(piece)] = piece
    return bytes(content)


def lay_out(files, old, new):
    """Writes the files that lay in the folder `old` into the folder `new`; shared memory does not outlive the power."""
    (new / "snippets").mkdir(parents=True)
    for path, content in files.items():
        if path.endswith("-shm"):
            continue
        place = new / Path(path).relative_to(old)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def seeded(*parts):
    return random.Random(":".join(str(part) for part in parts))
