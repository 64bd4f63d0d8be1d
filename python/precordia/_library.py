"""The functions of precordia.h as ctypes sees them. Nothing here but declarations; engine.py is what one uses."""
import ctypes as c
import os
from collections.abc import Sequence
from pathlib import Path

from numpy.typing import ArrayLike

from . import _arguments as arguments
from ._arguments import LEADS

ABI = 1


class PrecordiaError(Exception):
    """What the library refused, in its own words; `name` is the error's stable name."""

    def __init__(self, name: str, explanation: str):
        super().__init__(explanation)
        self.name = name


class Text(c.Structure):
    _fields_ = [("bytes", c.c_void_p), ("count", c.c_size_t)]

    def __str__(self) -> str:
        return c.string_at(self.bytes, self.count).decode() if self.count else ""


class ModelMemory(c.Structure):
    _fields_ = [("reserved", c.c_uint64 * 10)]


class ModelFault(c.Structure):
    _fields_ = [("explanation", c.c_char_p), ("code", c.c_int32), ("reserved", c.c_int32), ("offset", c.c_uint64), ("value", c.c_int64)]


class ModelFacts(c.Structure):
    _fields_ = [("name", Text), ("sha256", c.POINTER(c.c_uint8)), *[(name, c.c_uint32) for name in (
        "version", "rate", "window", "hop", "hop_unit", "statements", "labels", "label_sets", "classes", "reserved")]]


class LabelSet(c.Structure):
    _fields_ = [("name", Text), ("first", c.c_uint32), ("count", c.c_uint32)]


class Label(c.Structure):
    _fields_ = [("code", Text), ("words", Text), ("group", Text), ("threshold", c.c_float), ("alarm_threshold", c.c_float),
                ("priority", c.c_uint32), ("reserved", c.c_uint32)]


class Stream(c.Structure):
    _fields_ = [("rate", c.c_uint32), ("channels", c.c_uint32), ("lead", c.c_uint8 * 12), ("derived", c.c_uint16), ("unplaced", c.c_uint16),
                ("microvolts_per_count", c.c_double * 12), ("baseline", c.c_int32 * 12)]


class Options(c.Structure):
    _fields_ = [("hop", c.c_uint32), ("display_notch", c.c_uint32), ("asystole_seconds", c.c_float), ("heart_rate_high", c.c_float),
                ("heart_rate_low", c.c_float), ("measure_seconds", c.c_uint32), ("patient", c.c_uint32), ("reserved", c.c_uint32)]


class Event(c.Structure):
    _fields_ = [("sample", c.c_uint64), ("value", c.c_float), ("code", c.c_uint16), ("leads", c.c_uint16), ("reasons", c.c_uint16),
                ("kind", c.c_uint8), ("priority", c.c_uint8), ("electrodes", c.c_uint16), ("more_reasons", c.c_uint16)]


class Measurement(c.Structure):
    _fields_ = [*[(name, c.c_float) for name in ("heart_rate", "p", "pr", "qrs", "qt", "qtc", "p_axis", "qrs_axis", "t_axis")],
                ("st_j", c.c_float * 12), ("st_j60", c.c_float * 12), ("leads", c.c_uint16),
                *[(name, c.c_uint8) for name in ("beats", "measured_beats", "p_present", "p_gap", "qrs_gap", "qt_gap")],
                ("is_withheld", c.c_bool), ("is_voltage_doubted", c.c_bool), ("reserved", c.c_uint16)]


class Verdict(c.Structure):
    _fields_ = [("frames", c.c_uint64), ("windows", c.c_uint32), ("windows_all", c.c_uint32), ("windows_unknown", c.c_uint32), ("reasons", c.c_uint32),
                ("leads", c.c_uint16), ("is_known", c.c_bool), ("is_short", c.c_bool), ("reserved", c.c_uint32)]


class Quality(c.Structure):
    _fields_ = [("verdict", c.c_uint32), *[(name, c.c_uint16) for name in ("reasons", "off", "flat", "clipped", "gap", "noisy", "out_of_range", "absent")],
                ("samples", c.c_uint32)]


class Class(c.Structure):
    _fields_ = [("code", Text), ("words", Text), ("group", Text), ("status", Text), ("evidence", c.c_uint32), ("reserved", c.c_uint32)]


class Counters(c.Structure):
    _fields_ = [(name, c.c_uint64) for name in (
        "frames", "frames_missing", "frames_out_of_order", "samples_missing", "frames_clipped", "windows", "windows_unknown",
        "alerts_raised", "alerts_cleared", "events_dropped", "beats")]


class LinkCounters(c.Structure):
    _fields_ = [(name, c.c_uint64) for name in (
        "bytes", "bytes_skipped", "blocks", "checksum_failures", "packets_broken", "blocks_missing", "blocks_repeated", "blocks_other_version", "blocks_unknown",
        "blocks_malformed", "restarts", "frames", "frames_missing", "frames_repeated", "frames_unconfigured", "device_samples_dropped")]


class Report(c.Structure):
    _fields_ = [("name", Text), ("top", c.c_int32), ("reserved", c.c_uint32)]


P = c.POINTER
# Result and parameters of each function; a pointer that may be null is void here.
SIGNATURES = {
    "abi": (c.c_uint32,),
    "version": (c.c_char_p,),
    "error_name": (c.c_char_p, c.c_int32),
    "error_explanation": (c.c_char_p, c.c_int32),
    "event_name": (c.c_char_p, c.c_uint32),
    "priority_name": (c.c_char_p, c.c_uint32),
    "lead_name": (c.c_char_p, c.c_uint32),
    "reason_name": (c.c_char_p, c.c_uint32),
    "model_open": (c.c_int32, P(ModelMemory), c.c_char_p),
    "model_close": (None, P(ModelMemory)),
    "model_last_fault": (c.c_bool, P(ModelMemory), P(ModelFault)),
    "model_describe": (c.c_int32, P(ModelMemory), P(ModelFacts)),
    "model_label_set": (c.c_bool, P(ModelMemory), c.c_uint32, P(LabelSet)),
    "model_label": (c.c_bool, P(ModelMemory), c.c_uint32, P(Label)),
    "model_condition": (Text, P(ModelMemory), c.c_uint32),
    "model_class": (c.c_bool, P(ModelMemory), c.c_uint32, P(Class)),
    "exam_bytes": (c.c_int32, P(ModelMemory), P(Stream), P(c.c_size_t)),
    "exam_init": (c.c_int32, P(c.c_void_p), c.c_void_p, c.c_size_t, P(ModelMemory), P(Stream)),
    "exam_classify_counts": (None, c.c_void_p, c.c_void_p, c.c_void_p, c.c_size_t, P(Verdict)),
    "exam_classify_microvolts": (None, c.c_void_p, c.c_void_p, c.c_void_p, c.c_size_t, P(Verdict)),
    "exam_probabilities": (None, c.c_void_p, c.c_uint32, c.c_uint32, c.c_void_p),
    "exam_class_probabilities": (None, c.c_void_p, c.c_uint32, c.c_uint32, c.c_void_p),
    "exam_quality": (c.c_size_t, c.c_void_p, c.c_void_p, c.c_size_t),
    "engine_quality": (None, c.c_void_p, P(Quality)),
    "engine_quality_index": (None, c.c_void_p, c.c_void_p),
    "engine_bytes": (c.c_int32, P(ModelMemory), P(Stream), P(Options), P(c.c_size_t)),
    "engine_init": (c.c_int32, P(c.c_void_p), c.c_void_p, c.c_size_t, P(ModelMemory), P(Stream), P(Options)),
    "engine_reset": (None, c.c_void_p),
    "engine_push_counts": (c.c_size_t, c.c_void_p, c.c_uint64, c.c_void_p, c.c_void_p, c.c_size_t),
    "engine_push_microvolts": (c.c_size_t, c.c_void_p, c.c_uint64, c.c_void_p, c.c_void_p, c.c_size_t),
    "engine_drain": (c.c_bool, c.c_void_p),
    "engine_poll": (c.c_bool, c.c_void_p, P(Event)),
    "engine_probabilities": (None, c.c_void_p, c.c_uint32, c.c_uint32, c.c_void_p),
    "engine_measurement": (c.c_bool, c.c_void_p, P(Measurement)),
    "engine_heart_rate": (c.c_double, c.c_void_p),
    "engine_counters": (None, c.c_void_p, P(Counters)),
    "link_bytes": (c.c_size_t,),
    "link_init": (c.c_int32, P(c.c_void_p), c.c_void_p, c.c_size_t, c.c_uint32),
    "link_feed": (c.c_size_t, c.c_void_p, c.c_void_p, c.c_size_t),
    "link_finish": (None, c.c_void_p),
    "link_next": (c.c_uint32, c.c_void_p),
    "link_stream_of": (c.c_bool, c.c_void_p, P(Stream), P(c.c_uint16), P(c.c_uint64)),
    "link_frame_of": (None, c.c_void_p, P(c.c_uint64), c.c_void_p, c.c_void_p),
    "link_counters_of": (None, c.c_void_p, P(LinkCounters)),
    "report_stream": (c.c_size_t, P(Report), c.c_void_p, c.c_uint16, c.c_uint64, c.c_void_p, c.c_size_t),
    "report_event": (c.c_size_t, P(Report), c.c_void_p, P(Event), c.c_void_p, c.c_size_t),
    "report_end": (c.c_size_t, P(Report), c.c_void_p, c.c_uint64, c.c_bool, c.c_void_p, c.c_size_t),
}


def _load() -> c.CDLL:
    """The library that PRECORDIA_LIBRARY names, the wheel's, or the system's."""
    beside = Path(__file__).with_name("libprecordia.so.1")
    found = c.CDLL(os.environ.get("PRECORDIA_LIBRARY") or (str(beside) if beside.exists() else "libprecordia.so.1"))
    for name, (result, *parameters) in SIGNATURES.items():
        function = getattr(found, "precordia_" + name)
        function.restype, function.argtypes = result, parameters
    if found.precordia_abi() != ABI:
        raise ImportError(f"libprecordia has interface {found.precordia_abi()}; this package is made for {ABI}")
    return found


library = _load()


def leads_of(bits: int) -> tuple[str, ...]:
    """Names of the leads in a set."""
    return tuple(lead for place, lead in enumerate(LEADS) if bits >> place & 1)


def reasons_of(bits: int) -> tuple[str, ...]:
    """Stable names of the reasons in a set."""
    return tuple(library.precordia_reason_name(1 << bit).decode() for bit in range(32) if bits >> bit & 1)


def stream_of(rate: int, leads: Sequence[str], scale: ArrayLike, baseline: ArrayLike, derived: Sequence[str] = ()) -> Stream:
    """A stream as C has it, of checked values. `ArgumentError` names what cannot be."""
    names = arguments.leads_of(leads)
    more = arguments.leads_of(derived) if derived else ()
    scales, zeros = arguments.scales_of(scale, len(names)), arguments.baselines_of(baseline, len(names))
    stream = Stream(rate=arguments.rate_of(rate), channels=len(names), derived=sum(1 << LEADS.index(lead) for lead in more))
    for channel, lead in enumerate(names):
        stream.lead[channel] = LEADS.index(lead)
        stream.microvolts_per_count[channel], stream.baseline[channel] = float(scales[channel]), int(zeros[channel])
    return stream


def version() -> str:
    """The library's version, which every event carries."""
    return str(library.precordia_version().decode())


def check(error: int) -> None:
    """Raises what the library refused."""
    if error:
        raise PrecordiaError(library.precordia_error_name(error).decode(), library.precordia_error_explanation(error).decode())
