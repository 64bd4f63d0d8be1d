"""libprecordia for Python: a 12-lead ECG as numpy arrays in, events out. The same engine, and the same bytes, as in a device.

    verdict = precordia.classify(array, 500)          # microvolts of shape (frames, 12), I to V6
    print(verdict.quality, verdict.statements["AFIB"])

`read` and `read_all` read recordings of every format; they need `pip install 'precordia[formats]'` and no libprecordia, which is loaded when it is first used.
"""
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._arguments import LEADS, ArgumentError
    from ._library import PrecordiaError, version
    from .arrays import Beats, Quality, beats, classify, measure, quality, stream
    from .engine import Engine, Event, Measurement, Model
    from .exams import Exams, Verdict
    from .formats import FormatError, Recording, read, read_all
    from .link import Link, LinkFrames, LinkStream
    from .record import Record, read_record

__version__ = "0.1.0"

__all__ = [
    "LEADS", "ArgumentError", "Beats", "Engine", "Event", "Exams", "FormatError", "Link", "LinkFrames", "LinkStream", "Measurement", "Model", "PrecordiaError", "Quality",
    "Record", "Recording", "Verdict", "beats", "classify", "measure", "quality", "read", "read_all", "read_record", "stream", "version"]

_PLACES = {
    **dict.fromkeys(("LEADS", "ArgumentError"), "_arguments"), **dict.fromkeys(("PrecordiaError", "version"), "_library"),
    **dict.fromkeys(("Beats", "Quality", "beats", "classify", "measure", "quality", "stream"), "arrays"),
    **dict.fromkeys(("Engine", "Event", "Measurement", "Model"), "engine"), **dict.fromkeys(("Exams", "Verdict"), "exams"),
    **dict.fromkeys(("Record", "read_record"), "record"), **dict.fromkeys(("FormatError", "Recording", "read", "read_all"), "formats"),
    **dict.fromkeys(("Link", "LinkFrames", "LinkStream"), "link")}


def __getattr__(name: str) -> object:
    """Loads what is used: the library with the engine, the readers with `read`."""
    if name not in _PLACES:
        raise AttributeError(f"module 'precordia' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module("." + _PLACES[name], __name__), name)
    globals()[name] = found
    return found
