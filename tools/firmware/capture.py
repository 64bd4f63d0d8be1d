"""Streams as a network or USB capture, and what Wireshark's dissector says of them."""
import struct
import subprocess


def _record(data):
    return struct.pack("<IIII", 0, 0, len(data), len(data)) + data


def _file(link, packets):
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link) + b"".join(_record(packet) for packet in packets)


def _tcp(stream, sequence, flags, data=b"", back=False):
    ports = (20000 + stream, 40000) if back else (40000, 20000 + stream)
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, 1, 0x50, flags, 65535, 0, 0) + data
    ends = (b"\x0a\0\0\x01", b"\x0a\0\0\x02")
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + b"".join(ends[::-1] if back else ends) + tcp


def over_tcp(streams, portion):
    """A connection for each stream, its bytes in segments of `portion`."""
    packets = []
    for number, data in enumerate(streams):
        packets += [_tcp(number, 0, 0x02), _tcp(number, 0, 0x12, back=True), _tcp(number, 1, 0x10)]
        packets += [_tcp(number, 1 + at, 0x18, data[at:at + portion]) for at in range(0, len(data), portion)]
    return _file(101, packets)


def over_usb(streams, portion):
    """A device for each stream, its bytes in bulk transfers of `portion`, as Linux's usbmon gives them."""
    packets = []
    for number, data in enumerate(streams):
        for index, at in enumerate(range(0, len(data), portion)):
            part = data[at:at + portion]
            packets.append(struct.pack("<QBBBBHBBqiiII8siiII", index, ord("C"), 3, 0x81, number + 1, 1, ord("-"), 0, 0, 0, 0, len(part), len(part),
                                       b"", 0, 0, 0, 0) + part)
    return _file(220, packets)


def fields(pcap, script, names, key, folder):
    """The dissector's fields in order, for each stream: `names` to lists of texts."""
    path = folder / "streams.pcap"
    path.write_bytes(pcap)
    command = ["tshark", "-n", "-X", f"lua_script:{script}", "-r", path, "-T", "fields", "-E", "separator=\t", "-E", "aggregator=;", "-e", key]
    for name in names:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    wrong = [line for line in done.stderr.splitlines() if "lua" in line.lower() or "tshark" in line.lower()]
    if done.returncode != 0 or wrong:
        raise RuntimeError("tshark: " + ("\n".join(wrong) or done.stderr.strip()))
    found = {}
    for line in done.stdout.splitlines():
        stream, *values = line.split("\t")
        if stream == "":
            continue
        lists = found.setdefault(int(stream, 0), {name: [] for name in names})
        for name, value in zip(names, values):
            if value != "":
                lists[name] += value.split(";")
    return found
