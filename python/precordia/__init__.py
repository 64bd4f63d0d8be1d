"""libprecordia for Python: a 12-lead ECG as numpy arrays in, events out. The same engine, and the same bytes, as in a device."""
from ._library import PrecordiaError, version
from .engine import Engine, Event, Measurement, Model
from .record import Record, read_record

__all__ = ["Engine", "Event", "Measurement", "Model", "PrecordiaError", "Record", "read_record", "version"]
