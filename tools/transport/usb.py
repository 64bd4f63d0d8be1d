"""Tests of USB for tools/check-transport: libusb and umockdev's boards. A test's name is a sentence; it is given a Bench."""
import os
import random
from pathlib import Path

PATH = {"env": {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}}


def stream(place, count, seed=1):
    """Bytes that are recognised wherever they end up, and the file that holds them."""
    data = random.Random(seed).randbytes(count)
    path = place.folder / f"stream{seed}"
    path.write_bytes(data)
    return data, path


def opened(place, *orders, source="usb"):
    boards = place.plug("plug 1 A-17", *orders)
    drive = place.drive(source)
    assert "serial number A-17, usb:1209:0001 at /dev/bus/usb/001/002" in drive.news("opened ")
    return boards, drive


def whole(place):
    boards, drive = opened(place, "flies 1 0")
    first, path = stream(place, 300_000)
    second, other = stream(place, 100_000, 2)
    boards.order(f"file 1 {path} 294", "flies 1 8", f"file 1 {other} 4096", "flies 1 8")
    drive.wait_bytes(first + second)
    drive.counters(bytes=400_000, opened=1, transfers=-(-300_000 // 294) + -(-100_000 // 4096), refused=0)
    drive.end()
    log = boards.log(1)
    assert log == {"claims": 1, "releases": 1, "halts": 0, "flying": 0, "waiting": 0}, log


def unplugged(place):
    boards, drive = opened(place)
    data, path = stream(place, 5000)
    boards.order(f"file 1 {path} 300", "flies 1 8", "lands 1 -108 0102", "unplug 1")
    data += b"\1\2"
    assert drive.news("lost ") == "lost is gone: the device was unplugged"
    assert drive.news("refused ") == "refused the device that was open before is not attached"
    drive.wait_bytes(data)
    more, other = stream(place, 3000, 2)
    boards.order("plug 1 A-17", f"file 1 {other} 300", "flies 1 8")
    drive.news("opened ")
    drive.wait_bytes(data + more)
    drive.counters(bytes=8002, opened=2, lost=1, transfers=17 + 10)


def halted(place):
    boards, drive = opened(place)
    data, path = stream(place, 3000)
    more, other = stream(place, 3000, 2)
    boards.order(f"file 1 {path} 300", "lands 1 -32 0102", f"file 1 {other} 300", "flies 1 8", "lands 1 -32", "lands 1 0 0a", "flies 1 8")
    drive.wait_bytes(data + b"\1\2" + more + b"\n")
    drive.counters(bytes=6003, opened=1, transfers=21, stalls=2, refused=0)
    assert boards.log(1)["halts"] == 2


def stuck_in_halt(place):
    boards = place.plug("plug 1 A-17", "keep 1")
    drive = place.drive("usb", **PATH)
    drive.news("opened ")
    boards.order("lands 1 -32")
    assert drive.news("failed ").startswith("failed is stuck: the system did not give back 7 cancelled transfers within 2 s")
    drive.compare(drive.news("counters "), opened=1, refused=0)
    drive.end()


def never_back(place):
    place.plug("plug 1 A-17", "keep 1")
    drive = place.drive("usb", **PATH)
    drive.news("opened ")
    drive.end()


def overflow(place):
    boards, drive = opened(place)
    boards.order("lands 1 0 0102", f"lands 1 -75 {'ab' * 4096}", "lands 1 0 03", "flies 1 8")
    drive.wait_bytes(b"\1\2" + b"\xab" * 4096 + b"\3")
    drive.counters(bytes=4099, opened=1, transfers=2, overflows=1, refused=0)


def bus_errors(place):
    boards, drive = opened(place)
    boards.order("lands 1 -71", "lands 1 -71 01", "lands 1 -110", "lands 1 -84 02", "lands 1 0 03", *["lands 1 -71"] * 31, "lands 1 0 04", "flies 1 8")
    drive.wait_bytes(b"\1\2\3\4")
    drive.counters(bytes=4, opened=1, transfers=2, errors=35, refused=0)
    boards.order(*["lands 1 -71"] * 32)
    assert drive.news("lost ") == "lost is given up: 32 transfers one after the other failed, the last one with an error of the bus"
    drive.news("opened ")
    drive.counters(bytes=4, opened=2, lost=1, transfers=2, errors=67, refused=0)


def mixture(place):
    boards, drive = opened(place)
    chance, orders, expected = random.Random(3), [], b""
    counted = {"transfers": 0, "transfers_empty": 0, "stalls": 0, "overflows": 0, "errors": 0}
    for _ in range(400):
        status, counter = chance.choice([(0, "transfers")] * 4 + [(0, "transfers_empty"), (-32, "stalls"), (-75, "overflows"), (-71, "errors")])
        data = b"" if counter == "transfers_empty" else chance.randbytes(chance.randrange(counter == "transfers", 600))
        orders.append(f"lands 1 {status} {data.hex()}")
        counted[counter] += 1
        expected += data
    boards.order(*orders, "flies 1 8")
    drive.wait_bytes(expected)
    drive.counters(bytes=len(expected), opened=1, refused=0, **counted)
    assert boards.log(1)["halts"] == counted["stalls"]


def endless_halt(place):
    boards, drive = opened(place)
    boards.order(*["lands 1 -32"] * 32)
    assert drive.news("lost ") == "lost is given up: 32 transfers one after the other failed, the last one with a halt"
    drive.news("opened ")
    drive.counters(opened=2, lost=1, stalls=31, refused=0)


def short_and_empty(place):
    boards, drive = opened(place)
    boards.order("lands 1 0 01", "lands 1 0", "lands 1 0", "lands 1 0 0203", "lands 1 0", "flies 1 8")
    drive.wait_bytes(b"\1\2\3")
    drive.counters(bytes=3, opened=1, transfers=2, transfers_empty=3, refused=0)


def another_class(place):
    boards = place.plug("plug 1 A-17 ff4201", "plug 2 B-2 024501")
    drive = place.drive("usb:1209:0001")
    assert "is attached, and has not an interface of class FF, subclass 45, protocol 01" in drive.news("refused ")
    any_device = place.drive("usb")
    any_device.news("refused no ECG device is plugged in by USB: none has an interface of class FF")
    any_device.end()
    drive.tell("devices")
    assert drive.news("devices ") == "devices 0 "
    boards.order("plug 3 C-3")
    assert "serial number C-3" in drive.news("opened ")


def two_boards(place):
    boards = place.plug("plug 1 A-17", "plug 2 B-2")
    second = place.drive("usb:1209:0001:B-2")
    assert "serial number B-2, usb:1209:0001 at /dev/bus/usb/001/003" in second.news("opened ")
    first = place.drive("usb:1209:1:A-17")
    assert "serial number A-17, usb:1209:0001 at /dev/bus/usb/001/002" in first.news("opened ")
    boards.order("lands 2 0 02", "flies 2 8", "lands 1 0 01", "flies 1 8")
    second.wait_bytes(b"\2")
    first.wait_bytes(b"\1")
    third = place.drive("usb:1209:0001:C")
    assert third.news("refused ") == "refused is not attached; there is the same product with another serial number: A-17, B-2"
    fourth = place.drive("usb:1209:0002", "once")
    assert fourth.news("null ") == "null is not attached"
    fourth.end(status=1)
    third.tell("devices")
    assert third.news("devices ") == "devices 2 "
    assert third.news("device ") == "device usb:1209:0001:A-17 permitted=1 recognised=1 Precordia Test board"
    assert third.news("device ") == "device usb:1209:0001:B-2 permitted=1 recognised=1 Precordia Test board"


def another_patient(place):
    boards, drive = opened(place)
    boards.order("plug 2 B-2", "unplug 1")
    assert drive.news("lost ") == "lost is gone: the device was unplugged"
    assert drive.news("refused ") == (
        "refused the device that was open before is not attached; there is the same product with another serial number: B-2")
    boards.order("plug 1 A-17")
    assert "serial number A-17, usb:1209:0001" in drive.news("opened ")


def wrong_words(place):
    place.plug()
    for source in ("usb:1209", "usb:xyz:1", "usb:12345:1", "usb:1209:0001x", "usb:-1:1", "usb:1209:", "usb::1"):
        drive = place.drive(source)
        assert drive.news("null ").startswith("null names no USB device; usb, usb:1209:0001"), source
        drive.end(status=1)


def later(place):
    boards = place.plug()
    drive = place.drive("usb:1209:0001")
    assert drive.news("refused ") == "refused is not attached"
    # Far into the pause between tries, the announcement is what makes it quick.
    drive.quiet(1.0)
    boards.order("plug 1 A-17")
    drive.news("opened ", patience=0.5)
    found = drive.counters(opened=1)
    assert found["refused"] in (3, 4, 5), found


def taken(place):
    boards = place.plug("plug 1 A-17", "busy 1")
    drive = place.drive("usb")
    assert drive.news("refused ") == "refused its interface cannot be claimed: another program has it"
    boards.order("free 1")
    drive.news("opened ")


def not_permitted(place):
    boards = place.plug("plug 1 A-17")
    for folder, _, files in os.walk(boards.folder):
        for path in [folder, *(os.path.join(folder, name) for name in files)]:
            if not os.path.islink(path):
                os.chmod(path, 0o777)
    node = Path(boards.folder) / "dev/bus/usb/001/002"
    node.chmod(0o000)
    # Root may open everything.
    settings = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    drive = place.drive("usb", **settings)
    line = drive.news("refused ")
    for word in ("no right to /dev/bus/usb/001/002", "packaging/70-precordia.rules", "/etc/udev/rules.d", "udevadm control --reload", "plugdev"):
        assert word in line, line
    drive.tell("devices")
    drive.news("devices 1")
    assert drive.news("device ").startswith("device usb:1209:0001:A-17 permitted=0 recognised=1 Precordia Test board; may not be opened")
    node.chmod(0o666)
    drive.news("opened ")


def commands(place):
    boards, drive = opened(place)
    block = bytes(range(40))
    drive.tell(f"send {block.hex()}", "send 01")
    assert [drive.news("sent", "unsent"), drive.news("sent", "unsent")] == ["sent", "unsent"], "a second command while the first flies"
    boards.order("lands 1 0 05", "flies 1 8")
    drive.wait_bytes(b"\5")
    assert boards.commands == ["command 1 4101000000002800" + block.hex()], boards.commands
    drive.counters(bytes=1, opened=1, transfers=1, sent=40, unsent=1, refused=0)
    boards.order("refuse 1")
    drive.tell("send 0203")
    drive.news("sent")
    boards.order("lands 1 0 06", "flies 1 8", "accept 1")
    drive.wait_bytes(b"\5\6")
    drive.tell(f"send {'00' * 513}")
    drive.news("unsent")
    drive.counters(bytes=2, opened=1, transfers=2, sent=40, unsent=3, refused=0)


def last_command(place):
    boards, drive = opened(place, "hold 1")
    drive.tell("send 0102", "sending")
    assert [drive.news("sent"), drive.news("sending")] == ["sent", "sending 1"]
    boards.order("release 1", "lands 1 0 05", "flies 1 8")
    drive.wait_bytes(b"\5")
    drive.tell("sending")
    assert drive.news("sending") == "sending 0"
    boards.order("hold 1")
    drive.tell("send 0304", "finish")
    drive.news("sent")
    drive.news("ended")
    drive.compare(drive.news("counters "), bytes=1, opened=1, transfers=1, sent=2, unsent=1, refused=0)
    drive.end()


def resources(process):
    """Open files, and memory in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return len(os.listdir(f"/proc/{process.pid}/fd")), int(status.split("VmRSS:")[1].split()[0])


def hundred_cycles(place):
    boards = place.plug()
    checked, plain = place.drive("usb:1209:1:A-17"), place.drive("usb:1209:1:B-2", plain=True)
    before = None
    for cycle in range(100):
        boards.order("plug 1 A-17", "plug 2 B-2", "lands 1 0 01", "lands 2 0 01", "flies 1 8", "flies 2 8")
        for drive in (checked, plain):
            drive.until("opened ")
        for drive in (checked, plain):
            drive.wait_bytes(b"\1" * (cycle + 1))
        if cycle == 19:
            before = resources(plain.process)
        if cycle == 99:
            after = resources(plain.process)
        boards.order("unplug 1", "unplug 2")
        for drive in (checked, plain):
            drive.until("lost ")
    for drive in (checked, plain):
        drive.tell("counters")
        drive.compare(drive.until("counters "), bytes=100, opened=100, lost=100, transfers=100)
    assert after[0] == before[0], f"{before[0]} open files after 20 cycles, {after[0]} after 100"
    assert after[1] <= before[1] + 64, f"{before[1]} KiB after 20 cycles, {after[1]} KiB after 100"


TESTS = {
    "a recorded stream arrives whole and in order": whole,
    "a board that is unplugged in mid-transfer is lost, and goes on when it is back": unplugged,
    "a halt is cleared once and nothing before or behind it is lost": halted,
    "a halt whose transfers never come back ends the source and says so": stuck_in_halt,
    "transfers that never come back do not keep the program from ending": never_back,
    "a mixture of bytes, halts, overflows and errors arrives whole and is counted exactly": mixture,
    "a board that always halts is given up after 32 halts": endless_halt,
    "an overflow is counted and its bytes are delivered": overflow,
    "errors of the bus are counted, and 32 in a row are a loss": bus_errors,
    "short and empty transfers are counted apart": short_and_empty,
    "another class of interface is no device": another_class,
    "two boards are told apart by their serial numbers": two_boards,
    "whoever meant any board means after an unplug the one that was open": another_patient,
    "words that name no USB device are refused": wrong_words,
    "a board that appears later is opened at once": later,
    "an interface that another program has is waited for": taken,
    "a missing right is explained with the rule and the group": not_permitted,
    "commands go over the control path, one at a time": commands,
    "the last command is known to be under way, and counted where closing takes it back": last_command,
    "a hundred plug cycles leave nothing behind": hundred_cycles,
}
