"""SPEC.md's tables as data, and blocks read by nothing but them: what every description of the protocol is compared with."""
import re
import struct
from dataclasses import dataclass

from precordia_tools.wire import crc32c

MAGIC = b"\x9eECG"
HEADER, CHECK, LONGEST = 28, 4, 4096
FORMATS = {"u8": "<B", "u16": "<H", "u32": "<I", "u64": "<Q", "i16": "<h", "i32": "<i", "f64": "<d"}
# Lists and texts behind a payload's fixed part: their tables say where by a formula, which `read` follows.
LISTS = {"rates", "gains", "channels", "groups", "marks", "values", "payload", "check"}


@dataclass(frozen=True)
class Field:
    name: str
    offset: int
    size: int
    kind: str


def identifier(words):
    return re.sub(r"[ -]", "_", words.strip().lower())


def rows(text):
    """Every table as its heading, header cells and rows."""
    heading, table = "", None
    for line in text.splitlines() + [""]:
        if line.startswith("#"):
            heading = line.lstrip("# ")
        cells = [cell.strip() for cell in re.sub(r"\\\|", "/", line).strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            if table and len(table[1]) > 1:
                yield table[0], table[1][0], table[1][2:]
            table = None
        elif table is None:
            table = (heading, [cells])
        else:
            table[1].append(cells)


def part_of(heading, header):
    """The name of the part that a table of fields describes."""
    if found := re.fullmatch(r"field of (?:a )?(\w+)", header[3]):
        return found[1]
    return "header" if heading == "Blocks" else heading.split()[-1]


class Spec:
    def __init__(self, text):
        self.parts, self.lists, self.types, self.codes, self.limits, self.capabilities, self.usb = {}, {}, {}, {}, {}, {}, {}
        self.descriptors = {}
        for heading, header, body in rows(text):
            if header[:3] == ["offset", "size", "type"]:
                self.table(part_of(heading, header), body)
            elif header[:2] == ["type", "name"]:
                self.types = {identifier(name): int(number, 0) for number, name, *_ in body}
            elif header[:3] == ["of", "value", "code"]:
                for of, value, code, _ in body:
                    self.codes[f"{identifier(of)}_{identifier(code)}"] = int(value, 0)
            elif header[:2] == ["limit", "value"]:
                self.limits = {identifier(name): int(value) for name, value, _ in body}
            elif header[:2] == ["bit", "capability"]:
                self.capabilities = {identifier(name): 1 << int(bit) for bit, name, _ in body}
            elif header == ["field", "value"] and body[0][0] == "bmRequestType":
                self.usb = {"request_type": int(body[0][1].split(":")[0], 0), "request_command": int(body[1][1])}
            elif len(header) == 3 and header[2].endswith(" descriptor"):
                self.descriptors[header[2].split()[0]] = self.descriptor(header[2], body)
        missing = {"header", "hello", "configuration", "channel", "data", "group", "mark", "status", "event", "error", "answer", "configure"} - set(self.parts)
        if missing or not (self.types and self.codes and self.limits and self.capabilities and self.usb):
            raise ValueError(f"SPEC.md: no table for {', '.join(sorted(missing)) or 'types, codes, limits, capabilities or USB'}")

        parts = [self.descriptors.get(name, b"") for name in ("configuration", "interface", "endpoint")]
        if not all(parts) or int.from_bytes(parts[0][2:4], "little") != sum(map(len, parts)):
            raise ValueError("SPEC.md: the configuration descriptor's total length is not that of its parts")
        self.triple = tuple(parts[1][5:8])

    @staticmethod
    def descriptor(name, body):
        """A descriptor's bytes; of two rows at one offset the first."""
        found = b""
        for offset, cell, _ in body:
            numbers = bytes.fromhex(re.match(r"`([^`]*)`", cell)[1])
            if int(offset) + len(numbers) <= len(found):
                continue
            if int(offset) != len(found):
                raise ValueError(f"SPEC.md: {name}: offset {offset} where the bytes before end at {len(found)}")
            found += numbers
        if found[0] != len(found):
            raise ValueError(f"SPEC.md: {name}: its first byte says {found[0]} and it has {len(found)}")
        return found

    def table(self, part, body):
        fields, expected = [], 0
        for offset, size, kind, name, _ in body:
            if not offset.isdigit() or not size.isdigit():
                self.lists.setdefault(part, []).append((identifier(name), kind))
                if offset.isdigit() and int(offset) != expected:
                    raise ValueError(f"SPEC.md: {part}: {name} begins at {offset} where the field before ends at {expected}")
                continue
            offset, size = int(offset), int(size)
            if offset != expected:
                raise ValueError(f"SPEC.md: {part}: {name} begins at {offset} where the field before ends at {expected}")
            expected = offset + size
            if kind in FORMATS and struct.calcsize(FORMATS[kind]) != size:
                raise ValueError(f"SPEC.md: {part}: {name} is a {kind} of {size} bytes")
            if name != "reserved":
                fields.append(Field(identifier(name), offset, size, kind))
        self.parts[part] = fields
        self.limits_of = getattr(self, "limits_of", {})
        self.limits_of[part] = expected

    def bytes_of(self, part):
        return self.limits_of[part]

    def fields(self, part, data, at=0):
        """The fixed fields of a part at `at`."""
        found = {}
        for field in self.parts[part]:
            raw = data[at + field.offset:at + field.offset + field.size]
            if field.kind in FORMATS:
                found[field.name] = struct.unpack(FORMATS[field.kind], raw)[0]
            elif field.kind == "text":
                found[field.name] = raw.split(b"\0")[0].decode(errors="replace")
            else:
                found[field.name] = raw
        return found

    def name_of(self, number):
        return next((name for name, value in self.types.items() if value == number), None)

    def read(self, block):
        """A whole block by the tables: parts with their fields in order. Of a payload that contradicts itself only the header."""
        header = self.fields("header", block)
        found = [("header", header)]
        payload = block[HEADER:-CHECK]
        name = self.name_of(header["type"]) if header["version"] == 1 else None
        if name not in self.parts or len(payload) < self.bytes_of(name):
            return found
        main, fixed = self.fields(name, payload), self.bytes_of(name)
        parts, lists = [], {}

        def each(part, count, at):
            size = self.bytes_of(part)
            for index in range(count):
                parts.append((part, self.fields(part, payload, at + index * size)))
            return at + count * size

        if name == "hello":
            rates, gains = main["rate_count"], main["gain_count"]
            if rates > 16 or gains > 16 or len(payload) < fixed + 4 * rates + 2 * gains:
                return found
            lists = {"rates": list(struct.unpack_from(f"<{rates}I", payload, fixed)),
                     "gains": list(struct.unpack_from(f"<{gains}H", payload, fixed + 4 * rates))}
        elif name == "configuration":
            if len(payload) < fixed + main["channel_count"] * self.bytes_of("channel"):
                return found
            each("channel", main["channel_count"], fixed)
        elif name == "data":
            width, count = main["width"], main["sample_count"] * main["channel_count"]
            at = fixed + main["group_count"] * self.bytes_of("group") + main["mark_count"] * self.bytes_of("mark")
            if width not in (2, 3, 4) or len(payload) != at + count * width:
                return found
            each("mark", main["mark_count"], each("group", main["group_count"], fixed))
            lists = {"values": [int.from_bytes(payload[at + n * width:at + (n + 1) * width], "little", signed=True) for n in range(count)]}
        elif name in ("event", "error"):
            lists = {"text": payload[fixed:].split(b"\0")[0].decode(errors="replace")}
        return found + [(name, main | lists)] + parts


def packets(data):
    """What the packets of a serial line hold, by the rule of SPEC.md."""
    for packet in data.split(b"\0"):
        out, at = bytearray(), 0
        while at < len(packet):
            code = packet[at]
            out += packet[at + 1:at + code]
            at += code
            if code != 255 and at < len(packet):
                out.append(0)
        if out:
            yield bytes(out)


def blocks(data, framing):
    """Every valid block, found as "Finding blocks" says."""
    for stream in packets(data) if framing == "cobs" else [data]:
        at = stream.find(MAGIC)
        while 0 <= at:
            length = int.from_bytes(stream[at + 6:at + 8], "little")
            end = at + HEADER + length + CHECK
            if length <= LONGEST and end <= len(stream) and len(stream) - at >= 8 \
                    and crc32c(stream[at:end - CHECK]).to_bytes(4, "little") == stream[end - CHECK:end]:
                yield stream[at:end]
                at = stream.find(MAGIC, end)
            else:
                at = stream.find(MAGIC, at + 1)
