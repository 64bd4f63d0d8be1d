"""libprecordia for Python: a 12-lead ECG as numpy arrays in, events out. The same engine, and the same bytes, as in a device.

`read` and `read_all` read recordings of every format; they need `pip install 'precordia[formats]'` and no libprecordia, which is loaded when it is first used.
"""
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._library import PrecordiaError, version
    from .engine import Engine, Event, Measurement, Model
    from .formats import FormatError, Recording, read, read_all
    from .record import Record, read_record

__all__ = ["Engine", "Event", "FormatError", "Measurement", "Model", "PrecordiaError", "Record", "Recording", "read", "read_all", "read_record", "version"]

_PLACES = {
    "PrecordiaError": "_library", "version": "_library", "Engine": "engine", "Event": "engine", "Measurement": "engine", "Model": "engine", "Record": "record", "read_record": "record",
    "FormatError": "formats", "Recording": "formats", "read": "formats", "read_all": "formats"}


def __getattr__(name: str) -> object:
    """Loads what is used: the library with the engine, the readers with `read`."""
    if name not in _PLACES:
        raise AttributeError(f"module 'precordia' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module("." + _PLACES[name], __name__), name)
    globals()[name] = found
    return found
