"""Recorded ECGs of every format as one type: `read`, `read_all` and `write`. Needs `pip install 'precordia[formats]'`."""
from .errors import FormatError
from .reading import read, read_all
from .writing import write
from .recording import LEADS, MISSING, Annotation, Device, Filters, Patient, Recording, Signal

__all__ = ["LEADS", "MISSING", "Annotation", "Device", "Filters", "FormatError", "Patient", "Recording", "Signal", "read", "read_all", "write"]
