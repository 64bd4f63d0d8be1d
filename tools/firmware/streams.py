"""The vectors against SPEC.md's tables, and against the descriptions for other programs."""
import json
import subprocess
import tempfile
from pathlib import Path

from . import capture, kaitai
from .common import PROTOCOL, needed
from .spec import Spec, blocks


class Vectors:
    def __init__(self):
        self.spec = Spec((PROTOCOL / "SPEC.md").read_text())
        self.streams = []
        for path in sorted((PROTOCOL / "vectors").glob("*.json")):
            text = json.loads(path.read_text())
            data = path.with_suffix(".bin").read_bytes()
            self.streams.append((path.stem, data, text.get("whole", text), text["framing"], list(blocks(data, text["framing"]))))

    @staticmethod
    def is_plain_sailing(text):
        """Whether every block's message came, once, so that the messages follow from the blocks alone."""
        counters = text["counters"]
        return not any(counters[name] for name in ("blocksRepeated", "blocksMalformed", "restarts", "framesRepeated", "framesUnconfigured"))


def known(value, field):
    """A value as the vectors' JSON has it: null where it says "not available"."""
    size = {"ticks": 8, "tick_rate": 4, "cause": 1, "frames": 8, "samples_dropped": 8, "blocks_dropped": 8, "buffer": 2, "battery": 2, "width": 2}
    if field in ("temperature", "amplitude"):
        return None if value == -32768 else value
    return None if field in size and value == (1 << 8 * size[field]) - 1 else value


def messages(parsed):
    """What blocks say, in the words of the vectors' JSON, as far as it does not need a decoder's memory."""
    out, configuration, leads = [], None, []
    for parts in parsed:
        if len(parts) < 2:
            continue
        name, main = parts[1]
        rest = parts[2:]
        if name == "hello":
            out.append({"message": "hello", "maker": main["maker"], "product": main["product"], "serial": main["serial_number"],
                        "firmware": main["firmware_version"], "channels": main["channel_count"], "capabilities": main["capabilities"],
                        "cause": known(main["cause"], "cause"), "rates": main["rates"], "gains": main["gains"]})
        elif name == "configuration":
            if (main, rest) == configuration:
                continue
            configuration = (main, rest)
            leads = [channel["lead"] for _, channel in rest]
            of = {channel["lead"]: channel for _, channel in rest if channel["lead"] < 12}
            derived = 0x3C if {0, 1} <= set(of) else 0
            carried = sum(1 << lead for lead in of)
            out.append({"message": "stream", "configuration": main["number"], "rate": main["rate"],
                        "frames": known(main["frames"], "frames"), "leads": carried, "derived": derived & ~carried,
                        "microvoltsPerCount": [of[n]["scale"] if n in of else 1.0 for n in range(12)],
                        "baseline": [of[n]["baseline"] if n in of else 0 for n in range(12)]})
        elif name == "data":
            groups = [part for kind, part in rest if kind == "group"]
            for mark in (part for kind, part in rest if kind == "mark"):
                out.append({"message": "pace", "sample": main["sample"] + mark["sample"], "fraction": mark["fraction"],
                            "width": known(mark["width"], "width"), "amplitude": known(mark["amplitude"], "amplitude")})
            of_sample = [group for group in groups for _ in range(group["sample_count"])]
            channels, lowest = main["channel_count"], -(1 << 8 * main["width"] - 1)
            for index in range(main["sample_count"]):
                values = dict(zip(leads, main["values"][index * channels:(index + 1) * channels]))
                derived = {2, 3, 4, 5} if {0, 1} <= set(values) else set()
                missing = sum(1 << n for n in range(12) if values.get(n, lowest) == lowest and n not in derived - set(values))
                out.append({"message": "frame", "index": main["sample"] + index,
                            "counts": [None if missing >> n & 1 else values.get(n, 0) for n in range(12)], "missing": missing,
                            "clipped": of_sample[index]["clipped"] & 0xFFF, "off": of_sample[index]["off"] & 0x3FF})
        elif name == "status":
            out.append({"message": "status", "samplesDropped": known(main["samples_dropped"], "samples_dropped"),
                        "blocksDropped": known(main["blocks_dropped"], "blocks_dropped"), "buffer": known(main["buffer"], "buffer"),
                        "battery": known(main["battery"], "battery"), "temperature": known(main["temperature"], "temperature"),
                        "state": main["state"] if main["state"] < 4 else None, "onBattery": {0: True, 1: False}.get(main["supply"])})
        elif name == "event":
            out.append({"message": "event", "sample": None if main["sample"] == (1 << 64) - 1 else main["sample"], "code": main["code"],
                        "value": main["value"], "text": main["text"]})
        elif name == "error":
            out.append({"message": "error", "code": main["code"], "severity": main["severity"], "detail": main["detail"], "text": main["text"]})
        elif name == "answer":
            out.append({"message": "answer", "command": main["command"], "sequence": main["sequence"], "result": main["result"]})
    return out


def check_vectors(change=None):
    vectors, faults, compared, spoken = Vectors(), [], 0, 0
    for name, data, text, framing, found in vectors.streams:
        if change:
            data, text, found = change(name, data, text, found)
        parsed = [vectors.spec.read(block) for block in found]
        headers = [{"version": h["version"], "type": h["type"], "length": h["length"], "session": h["session"], "sequence": h["sequence"],
                    "ticks": known(h["ticks"], "ticks"), "tickRate": known(h["tick_rate"], "tick_rate")} for h in (parts[0][1] for parts in parsed)]
        if "blocks" in text and headers != text["blocks"] or len(found) != text["counters"]["blocks"]:
            faults.append(f"vectors/{name}: SPEC.md's tables give {len(found)} blocks, and not those of the JSON")
        compared += len(found)
        if not vectors.is_plain_sailing(text):
            continue
        said = messages(parsed)
        wanted = [message for message in text["messages"] if message["message"] != "command"]
        for wrong, right in zip(said, wanted):
            if wrong != right:
                faults.append(f"vectors/{name}: SPEC.md's tables say {json.dumps(wrong)[:150]} where the decoder says {json.dumps(right)[:150]}")
                break
        if len(said) != len(wanted):
            faults.append(f"vectors/{name}: SPEC.md's tables give {len(said)} messages where the decoder gives {len(wanted)}")
        spoken += len(wanted)
    if compared < 200 or spoken < 400:
        faults.append(f"only {compared} blocks and {spoken} messages were compared")
    return [f"vectors: {compared} blocks and {spoken} messages of {len(vectors.streams)} streams are what SPEC.md's tables say"], faults


def from_kaitai(structure, name):
    """What the description read, as parts in SPEC.md's words."""
    def plain(fields):
        return {key: value for key, value in fields.items() if not isinstance(value, (list, dict)) and not key.startswith("reserved")}

    header = plain({key: value for key, value in structure.items() if key != "check" and key != "payload"})
    payload = structure["payload"]
    if not isinstance(payload, dict):
        return [("header", header)]
    main, parts = plain(payload), []
    for key, part in (("channels", "channel"), ("groups", "group"), ("marks", "mark")):
        parts += [(part, plain(entry)) for entry in payload.get(key, [])]
    for key in ("rates", "gains", "values"):
        if key in payload:
            main[key] = [entry["value"] if isinstance(entry, dict) else entry for entry in payload[key]]
    return [("header", header), (name, main)] + parts


def check_ksy(text=None):
    vectors, faults, compared, whole = Vectors(), [], 0, 0
    try:
        description = kaitai.Description(text or (PROTOCOL / "precordia.ksy").read_text())
        for name, data, content, framing, found in vectors.streams:
            for number, block in enumerate(found):
                wanted = vectors.spec.read(block)
                if len(wanted) < 2 and block[4] == 1 and vectors.spec.name_of(block[5]) in vectors.spec.parts:
                    continue  # a payload that contradicts itself
                structure, end = description.parse(block, "block")
                if from_kaitai(structure, wanted[1][0] if len(wanted) > 1 else None) != wanted or end != len(block):
                    faults.append(f"precordia.ksy: vectors/{name}, block {number}: {from_kaitai(structure, '')} where SPEC.md has {wanted}"[:400])
                compared += 1
            if framing == "plain" and content["counters"]["bytesSkipped"] == 0 and content["counters"]["blocksMalformed"] == 0:
                if len(description.parse(data)[0]["blocks"]) != len(found):
                    faults.append(f"precordia.ksy: vectors/{name}: not as many blocks as SPEC.md finds")
                whole += 1
    except (kaitai.Fault, KeyError, TypeError, ValueError) as error:
        return [], [f"precordia.ksy: {error!r}"]
    if compared < 150 or whole < 15:
        faults.append(f"precordia.ksy: only {compared} blocks and {whole} whole streams were compared")
    return [f"ksy: {compared} blocks, and {whole} whole streams"], faults


# Wireshark waits at the end of a stream for bytes that were announced and never come; and it shows the fields of a payload that contradicts itself.
NOT_SHOWN = {"bad-length-long", "malformed-data", "too-long-payload", "every-cut"}


def check_lua(text=None):
    needed("tshark", "tshark")
    vectors, faults, lines = Vectors(), [], []
    spec = vectors.spec
    names = {f"precordia.{part}.{field.name}": (part, field.name) for part, fields in spec.parts.items() for field in fields if field.kind != "f64"}
    names |= {"precordia.data.value": ("data", "values"), "precordia.hello.rate": ("hello", "rates"), "precordia.hello.gain": ("hello", "gains")}
    names |= {"precordia.event.text": ("event", "text"), "precordia.error.text": ("error", "text")}
    streams = [stream for stream in vectors.streams if stream[3] == "plain" and stream[1]]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "precordia.lua"
        script.write_text(text or (PROTOCOL / "precordia.lua").read_text())
        for transport, make, key, first, portion in (("TCP", capture.over_tcp, "tcp.stream", 0, 150), ("USB", capture.over_usb, "usb.device_address", 1, 64)):
            # A stream that begins inside a block or with noise is not found by itself.
            shown = [stream for stream in streams if stream[1].startswith(b"\x9eECG") and stream[0] not in NOT_SHOWN]
            try:
                found = capture.fields(make([stream[1] for stream in shown], portion), script, list(names), key, Path(folder))
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                return lines, [f"precordia.lua over {transport}: {error}"]
            count = 0
            for number, (name, data, content, framing, valid) in enumerate(shown):
                parsed = [part for block in valid for part in spec.read(block)]
                for field, (part, entry) in names.items():
                    wanted = []
                    for kind, fields in parsed:
                        if kind == part and entry in fields:
                            value = fields[entry]
                            wanted += value if isinstance(value, list) else [int.from_bytes(value, "little") if isinstance(value, bytes) else value]
                    wanted = [str(value) for value in wanted]
                    given = found.get(number + first, {}).get(field, [])
                    if spec_is_text(field):
                        given, wanted = [value for value in given if value], [value for value in wanted if value]
                    if given != wanted:
                        faults.append(f"precordia.lua over {transport}: vectors/{name}: {field} is {given[:5]} where SPEC.md has {wanted[:5]}")
                        break
                    count += len(wanted)
            lines.append(f"lua: {count} values of {len(shown)} streams over {transport}")
            if count < 2000:
                faults.append(f"precordia.lua over {transport}: only {count} values were compared")
    return lines, faults


def spec_is_text(field):
    return field.split(".")[-1] in ("text", "maker", "product", "serial_number", "firmware_version")
