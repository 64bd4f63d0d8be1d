"""Reads bytes by a Kaitai Struct description: the part of the language that precordia.ksy uses, because the official compiler is among neither
Debian's nor PyPI's packages.

Known: seq with contents, integers, f8, str, strz, size, size-eos, encoding, repeat eos and expr, switch-on, enum, user types, value instances. Anything else is an error, so
that a description which says more than is read here does not pass.
"""
import re
import struct

import yaml

FORMATS = {"u1": "<B", "u2": "<H", "u4": "<I", "u8": "<Q", "s1": "<b", "s2": "<h", "s4": "<i", "f8": "<d"}
KNOWN = {"id", "type", "contents", "size", "size-eos", "encoding", "repeat", "repeat-expr", "enum", "doc"}


class Fault(Exception):
    pass


class Description:
    def __init__(self, text):
        self.top = yaml.safe_load(text)
        self.types, self.enums = self.top["types"], self.top.get("enums", {})
        if self.top["meta"].get("endian") != "le" or set(self.top) - {"meta", "seq", "types", "enums"}:
            raise Fault("the description is not of the kind that this reads")

    def parse(self, data, kind=None):
        """A structure from the begin of `data`: its fields, and where it ends."""
        return self.structure(self.types[kind] if kind else self.top, data, 0, None)

    def value(self, expression, here):
        if isinstance(expression, int):
            return expression
        choice = re.fullmatch(r"(.+?) \? (.+?) : (.+)", expression)
        if choice:
            return self.value(choice[2] if self.value(choice[1], here) else choice[3], here)
        code = re.sub(r"\.to_i\b", "", expression)
        if not re.fullmatch(r"[\w\s+*=().]+", code):
            raise Fault(f"expression {expression!r} is not read here")
        return eval(code, {"__builtins__": {}}, {name: value for name, value in here.items() if isinstance(value, int)})

    def structure(self, definition, data, at, parent):
        if set(definition) - {"seq", "instances", "meta", "types", "enums", "doc"}:
            raise Fault(f"unknown keys {set(definition)}")
        here = {}
        for entry in definition["seq"]:
            if set(entry) - KNOWN or not isinstance(entry["id"], str) or entry.get("size-eos") not in (None, True):
                raise Fault(f"{entry['id']}: a key or a value is not read here: {entry}")
            repeat = entry.get("repeat")
            if repeat is None:
                here[entry["id"]], at = self.one(entry, data, at, here)
                continue
            found, count = [], self.value(entry["repeat-expr"], here) if repeat == "expr" else None
            while at < len(data) if count is None else len(found) < count:
                value, at = self.one(entry, data, at, here)
                found.append(value)
            here[entry["id"]] = found
        for name, instance in definition.get("instances", {}).items():
            here[name] = self.value(instance["value"], here)
        return here, at

    def one(self, entry, data, at, here):
        kind = entry.get("type")
        if isinstance(kind, dict):
            kind = kind["cases"].get(self.value(kind["switch-on"], here))
        if "contents" in entry:
            wanted = bytes(entry["contents"])
            if data[at:at + len(wanted)] != wanted:
                raise Fault(f"{entry['id']}: {data[at:at + len(wanted)].hex()} where {wanted.hex()} must be")
            return wanted, at + len(wanted)
        size = self.value(entry["size"], here) if "size" in entry else len(data) - at if entry.get("size-eos") else None
        if size is not None:
            if at + size > len(data):
                raise Fault(f"{entry['id']}: {size} bytes where {len(data) - at} are left")
            part = data[at:at + size]
            if kind in ("str", "strz"):
                return part.split(b"\0")[0].decode(entry["encoding"], errors="replace"), at + size
            return (part if kind is None else self.structure(self.types[kind], part, 0, here)[0]), at + size
        if kind in FORMATS:
            count = struct.calcsize(FORMATS[kind])
            if at + count > len(data):
                raise Fault(f"{entry['id']}: the bytes end")
            return struct.unpack_from(FORMATS[kind], data, at)[0], at + count
        return self.structure(self.types[kind], data, at, here)
