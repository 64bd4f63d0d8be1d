"""Compares the tables of SPEC.md with everything that repeats them: the C header, the host's sources, the Kaitai and Wireshark descriptions.

Each comparison takes texts, not files, so that a test can change one and see that it is found.
"""
import re

from . import kaitai
from .spec import identifier

SPEC, C, BLOCK, TRANSPORT, KSY, LUA = (
    "firmware-protocol/SPEC.md", "firmware-protocol/reference/wire_layout.h", "Sources/PrecordiaLink/Block.swift",
    "Sources/CPrecordiaTransport/include/precordia_transport.h", "firmware-protocol/precordia.ksy", "firmware-protocol/precordia.lua")
KINDS = {"u8": "u1", "u16": "u2", "u32": "u4", "u64": "u8", "i16": "s2", "i32": "s4", "f64": "f8", "text": "strz"}
LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
ELECTRODES = ["RA", "LA", "LL", "RL", "V1", "V2", "V3", "V4", "V5", "V6"]


def differences(what, wanted, found):
    """Names whose values differ, or that only one side has."""
    for name in sorted(set(wanted) | set(found)):
        if wanted.get(name) != found.get(name):
            yield f"{what}: {name} is {found.get(name, 'not there')}; SPEC.md has {wanted.get(name, 'no such thing')}"


def c_header(spec, text):
    """Every constant of the layout, by its name: the tables give each and no other."""
    wanted = {"MAGIC": int.from_bytes(b"\x9eECG", "little"), "VERSION": 1, "NO_LEAD": 0xFF, "LEADS": 12}
    for part, fields in spec.parts.items():
        wanted |= {f"{part}_{field.name}": field.offset for field in fields}
        if part != "header":
            wanted[f"{part}_bytes"] = spec.bytes_of(part)
        for name, _ in spec.lists.get(part, []):
            if name == "text":
                wanted[f"{part}_text"] = spec.bytes_of(part)
    wanted |= {f"type_{name}": number for name, number in spec.types.items()} | spec.codes | spec.capabilities | spec.limits
    wanted |= {f"lead_{name}": number for number, name in enumerate(LEADS)} | {f"electrode_{name}": 1 << bit for bit, name in enumerate(ELECTRODES)}
    wanted |= {f"usb_{name}": number for name, number in spec.usb.items()} | {"usb_command_bytes": 64}
    wanted |= dict(zip(("usb_class", "usb_subclass", "usb_protocol"), spec.triple))
    found = {}
    for name, value in re.findall(r"\bWIRE_(\w+) = ([^,\n}]+)", text):
        found[name.lower()] = 1 << int(value.split("<<")[1]) if "<<" in value else int(value, 0)
    return differences(C, {name.lower(): value for name, value in wanted.items()}, found)


def swift(spec, text):
    """The host's block types and sizes."""
    found = {identifier(re.sub(r"([A-Z])", r" \1", name)): int(value, 0) for name, value in re.findall(r"^    case (\w+) = (\w+)$", text, re.M)}
    yield from differences(BLOCK, spec.types, found)
    numbers = {name: int(value.replace("_", ""), 0) for name, value in re.findall(r"static var (\w+): \w+ \{ @_noAllocation @_noLocks get \{ (\w+) \} \}", text)}
    wanted = {"magic": 0x4743459E, "version": 1, "byteCount": spec.limits["header_bytes"], "checkByteCount": spec.limits["check_bytes"],
              "maximumPayload": spec.limits["maximum_payload"], "maximumBlock": spec.limits["maximum_block"]}
    yield from differences(BLOCK, wanted, numbers)
    reads = dict(re.findall(r"^        (\w+) = bytes(?:\.u(?:16|32|64))?[\[(](\d+)[\])]", text, re.M))
    offsets = {"tickRate" if field.name == "tick_rate" else field.name: str(field.offset) for field in spec.parts["header"] if field.name != "magic"}
    yield from differences(BLOCK + ", header", offsets, reads)


def transport(spec, text):
    wanted = dict(zip(("CLASS", "SUBCLASS", "PROTOCOL"), spec.triple)) | {"REQUEST_COMMAND": spec.usb["request_command"]}
    return differences(TRANSPORT, wanted, {name: int(value, 0) for name, value in re.findall(r"PRECORDIA_USB_(\w+) = (\w+)", text)})


def kaitai_fields(description, definition):
    """The fixed fields of a type: offset, bytes and kind by name."""
    at, found = 0, {}
    for entry in definition["seq"]:
        kind = entry.get("type", "")
        if "contents" in entry:
            size = len(entry["contents"])
        elif isinstance(entry.get("size"), int):
            size = entry["size"]
        elif "repeat" not in entry and isinstance(kind, str) and kind in kaitai.FORMATS:
            size = int(kind[1])
        else:
            break
        if not str(entry["id"]).startswith("reserved"):
            found[entry["id"]] = (at, size, kind)
        at += size
    return found


def ksy(spec, text):
    description = kaitai.Description(text)
    for part, fields in spec.parts.items():
        definition = description.types["block" if part == "header" else part]
        wanted = {field.name: (field.offset, field.size, KINDS.get(field.kind, "")) for field in fields}
        yield from differences(f"{KSY}, {part}", wanted, kaitai_fields(description, definition))
    yield from differences(KSY, spec.types, {name: number for number, name in description.enums["block_type"].items()})


def lua(spec, text):
    found, part = {}, None
    for line in re.search(r"local layout = \{\n(.*?)\n\}\n", text, re.S)[1].splitlines():
        part = next(iter(re.findall(r"^    (\w+) = \{", line)), part)
        for name, kind, offset, size in re.findall(r"\{ \"(\w+)\", \"(\w+)\", (\d+), (\d+)", line):
            found[f"{part}.{name}"] = (int(offset), int(size), kind)
    wanted = {f"{part}.{field.name}": (field.offset, field.size, "u32" if field.name == "magic" else field.kind)
              for part, fields in spec.parts.items() for field in fields}
    wanted |= {f"{part}.text": (spec.bytes_of(part), 0, "text") for part in ("event", "error")}
    yield from differences(LUA, wanted, found)
    names = {identifier(name): int(number, 0) for number, name in re.findall(r"\[(\w+)\] = \"([^\"]+)\"", re.search(r"local types = \{(.*?)\}", text, re.S)[1])}
    yield from differences(LUA, spec.types, names)
    bytes_of = {name: int(count) for name, count in re.findall(r"(\w+) = (\d+)", re.search(r"local least = \{(.*?)\}", text)[1])}
    yield from differences(LUA, {part: spec.bytes_of(part) for part in bytes_of}, bytes_of)


COMPARISONS = {C: c_header, BLOCK: swift, TRANSPORT: transport, KSY: ksy, LUA: lua}

# What must be found: a file, a text in it, and what it is changed to.
FAULTS = [
    (SPEC, "| 12 | 4 | u32 | sequence |", "| 12 | 4 | u32 | number |"), (SPEC, "| 2 | 1 | u8 | channel count | that", "| 2 | 1 | i8 | channel count | that"),
    (SPEC, "| 3 | data | device", "| 9 | data | device"), (SPEC, "| 5 | has thermometer |", "| 9 | has thermometer |"),
    (SPEC, "| error code | 7 | temperature |", "| error code | 8 | temperature |"), (SPEC, "| 18 | 2 | u16 | watched |", "| 18 | 4 | u32 | watched |"),
    (SPEC, "| repeat window | 64 |", "| repeat window | 32 |"), (SPEC, "`FF 45 01`", "`FF 46 01`"), (SPEC, "`09 02 19 00`", "`09 02 18 00`"),
    (SPEC, "`07 05`", "`08 05`"), (SPEC, "| 7 | `40` |", "| 8 | `40` |"), (SPEC, "| bRequest | 1 |", "| bRequest | 2 |"),
    (SPEC, "| 8 | rest | text | text |", "| 9 | rest | text | text |"),
    (C, "WIRE_CHANNEL_BASELINE = 4", "WIRE_CHANNEL_BASELINE = 6"), (C, "WIRE_TYPE_STOP = 0x84", "WIRE_TYPE_STOP = 0x85"),
    (C, "WIRE_TELLS_PACE = 1 << 2", "WIRE_TELLS_PACE = 1 << 3"), (C, "WIRE_RESULT_VALUE = 3", "WIRE_RESULT_VALUES = 3"),
    (C, "WIRE_MAXIMUM_PAYLOAD = 4096", "WIRE_MAXIMUM_PAYLOAD = 4095"),
    (BLOCK, "case stop = 0x84", "case stop = 0x85"), (BLOCK, "tickRate = bytes.u32(24)", "tickRate = bytes.u32(20)"), (BLOCK, "get { 4128 }", "get { 4124 }"),
    (TRANSPORT, "PRECORDIA_USB_SUBCLASS = 0x45", "PRECORDIA_USB_SUBCLASS = 0x46"),
    (KSY, "- id: amplitude\n        type: s2", "- id: amplitude\n        type: u2"), (KSY, "0x85: reset", "0x87: reset"),
    (LUA, '{ "fraction", "u16", 2, 2 }', '{ "fraction", "u16", 3, 2 }'), (LUA, "status = 24, event", "status = 23, event"), (LUA, '[0x83] = "start"', '[0x83] = "begin"'),
]
