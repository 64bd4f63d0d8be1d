"""Which format a file has, by its bytes; its name decides only where bytes cannot. Opens nothing but the file's beginning and headers of WFDB beside it."""
from __future__ import annotations

import itertools
import re
import struct
from pathlib import Path

from .errors import FormatError

HEAD = 65536

#: XML root elements, without namespace, of what is read.
ROOTS = {"AnnotatedECG": "HL7 aECG", "RestingECG": "MUSE XML", "restingecgdata": "Philips Sierra XML",
         "SchillerEDI": "Schiller XML"}

MAGICS = ((0, b"\x89HDF\r\n\x1a\n", "HDF5"), (128, b"DICM", "DICOM"), (0, b"\x93NUMPY", "npy"), (0, b"ISHNE1.0", "ISHNE"), (0, b"\xffBIOSEMI", "BDF"),
          (0, b"0       ", "EDF"), (0, b"MATLAB 5.0 MAT-file", "MATLAB"), (0, b"MATLAB 7.3 MAT-file", "MATLAB 7.3"), (257, b"ustar", "tar"),
          (0, b"PK\x03\x04", "zip"), (0, b"\x1f\x8b", "tar"), (0, b"BZh", "tar"), (0, b"\xfd7zXZ\x00", "tar"), (0, b"PAR1", "Parquet"),
          (0, b"ANN  1.0", "ISHNE annotations"))


def detect(path: str) -> str:
    """The format's name. FormatError where the file is not there or of no format that is read."""
    place = Path(path)
    if place.suffix == ".hea" or (not place.exists() and place.with_name(place.name + ".hea").exists()):
        return "WFDB"
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise FormatError(path, "", "", error.strerror or str(error)) from None
    if not head:
        raise FormatError(path, "", "", "the file is empty")
    found = of_bytes(head, place.suffix.lower())
    # A signal file of WFDB is known by the header that names it, whatever its bytes look like.
    if found in (None, "MATLAB 4", "MATLAB", "EDF", "CSV") and wfdb_header(path) is not None:
        return "WFDB"
    if found is None and place.with_suffix(".hea").exists():
        return "WFDB"
    if found is None:
        raise FormatError(path, "", "first bytes", "no format that is read begins so", value=head[:16].hex(" "))
    return found


def of_bytes(head: bytes, suffix: str = "") -> str | None:
    """The format of a file that begins so; None if it is none that is read."""
    for offset, magic, name in MAGICS:
        if head[offset:offset + len(magic)] == magic:
            return name
    if _is_scp(head) or suffix == ".scp":
        return "SCP-ECG"
    text = text_of(head)
    if text is None:
        return "MATLAB 4" if _is_matlab4(head) else None
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        root = root_of(text)
        return ROOTS.get(root.split(".")[-1].split(":")[-1], f"XML of root <{root}>") if root else "XML of no root"
    return "CSV" if "\n" in text or "\r" in text else None


def text_of(head: bytes) -> str | None:
    """The beginning as text, None if it is none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    # UTF-16 without a byte order mark, as XML allows.
    if head[:4] in (b"<\0?\0", b"\0<\0?"):
        return head.decode("utf-16-le" if head[1] == 0 else "utf-16-be", "replace")
    if b"\0" in head:
        return None
    return head.decode("utf-8", "replace")


def root_of(text: str) -> str | None:
    """The name of an XML document's first element."""
    text = re.sub(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?[^>]*>", "", text, flags=re.S)
    found = re.search(r"<([A-Za-z_][\w.:-]*)", text)
    return found[1] if found else None


def wfdb_header(path: str) -> Path | None:
    """The WFDB header beside a signal file that names it."""
    place = Path(path)
    beside = [place.with_name(place.name + ".hea"), place.with_suffix(".hea")]
    if place.suffix in (".mat", ".xyz") or place.suffix.startswith(".d"):
        # A record's signals may lie in files of other names: REC_e.dat, REC_p.dat.
        beside += itertools.islice((one for one in place.parent.glob("*.hea") if one.name[:3] == place.name[:3]), 1000)
    for header in beside:
        try:
            text = header.read_bytes()[: 1 << 20].decode("latin-1")
        except (OSError, ValueError):
            continue
        if any(line.split()[:1] == [place.name] for line in text.splitlines()):
            return header
    return None


def _is_scp(head: bytes) -> bool:
    """Section 0 at byte 7 with its ten-byte pointers; "SCPECG" is optional before version 3."""
    if len(head) < 32 or struct.unpack_from("<H", head, 8)[0] != 0:
        return False
    length = struct.unpack_from("<I", head, 10)[0]
    return head[16:22] == b"SCPECG" or (26 <= length <= 4096 and (length - 16) % 10 == 0 and head[22:24] == b"\0\0"
                                        and struct.unpack_from("<I", head, 28)[0] == 7)


def _is_matlab4(head: bytes) -> bool:
    if len(head) < 20:
        return False
    kind, rows, columns, imaginary, name = struct.unpack_from("<5i", head)
    return kind in (0, 10, 20, 30, 40, 50) and rows > 0 and columns > 0 and imaginary in (0, 1) and 1 <= name <= 64 and head[19 + name:20 + name] == b"\0"
