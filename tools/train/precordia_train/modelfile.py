# The model file in Python: the dataclasses, the writer and a reader that checks what the Swift reader checks.
# Separate from the quantiser because it needs numpy alone; docs/model-format.md is the specification of both sides.
import dataclasses
import hashlib
import struct
from dataclasses import dataclass, field

import numpy as np

MAGIC = b"PRECMODL"
FORMAT = 2
NONE = 0xFFFFFFFF
CONVOLUTION, POOL, DEPTHWISE = 1, 2, 3
STREAMING, WHOLE_WINDOW = 1, 2
POOLED, FLATTENED = 1, 2
HEADER = 256
PRIORITIES = ("none", "information", "low", "medium", "high")
#: Lead masks: bit n is lead n of I, II, III, aVR, aVL, aVF, V1 ... V6. All twelve, or the eight that the other four follow from.
TWELVE, EIGHT = 0xFFF, 0xFC3
#: The name of the first label set, the one that events and alerts are about.
STATEMENTS = "statements"
#: What the labels behind a class are worth.
NOT_COVERED, HUMAN, MACHINE = 0, 1, 2


class ModelError(ValueError):
    """The file breaks docs/model-format.md; the message says where."""


@dataclass
class Tensor:
    channels: int
    zero_point: int
    scale: float
    samples_per_column: int


@dataclass
class Layer:
    """Weights s8: convolution [out][kernel][in], depthwise [channels][kernel]; a pool has none. `left`: columns of padding on the left,
    0 ... kernel - stride, the rest of kernel - stride being on the right; None stands for all of it, as a streaming model has it."""

    kind: int
    input: int
    residual: int = NONE
    kernel: int = 1
    stride: int = 1
    rectifier: bool = False
    residual_scale: float = 0.0
    weights: np.ndarray = None
    bias: np.ndarray = None
    scale: np.ndarray = None
    left: int = None

    def __post_init__(self):
        self.left = self.kernel - self.stride if self.left is None else self.left


@dataclass
class LabelSet:
    """Consecutive labels that belong together: `first` ... `first + count - 1`."""

    name: str
    first: int
    count: int


@dataclass
class Label:
    """`threshold`: from here on the statement is named. `alarm_threshold`: from here on it may raise an alert; None stands for the same."""

    code: str
    statement: str
    group: str
    threshold: float = 0.5
    priority: int = 0
    slope: float = 1.0
    offset: float = 0.0
    alarm_threshold: float = None

    def __post_init__(self):
        self.alarm_threshold = self.threshold if self.alarm_threshold is None else self.alarm_threshold


@dataclass
class Class:
    """`evidence` None stands for human labels where there are sources, and for not covered where there are none."""

    code: str
    statement: str
    group: str
    status: str
    sources: list = field(default_factory=list)
    evidence: int = None

    def __post_init__(self):
        self.evidence = (HUMAN if self.sources else NOT_COVERED) if self.evidence is None else self.evidence


@dataclass
class Model:
    """All that a model file holds. Arrays: weights s8, bias s32, scale f32; kernel index 0 is the oldest column.

    The head is pooled (`mean_weights`, `maximum_weights` s8 [labels][channels], `mean_scale`, `maximum_scale`) or, where `flat_weights` is
    given, flattened (`flat_weights` s8 [labels][columns * channels], a column's channels together, `flat_scale` f32 [labels]; the other
    four are None). Without `sets` all labels are statements."""

    name: str
    version: int
    rate: int
    window: int
    hop: int
    step: float
    sections: np.ndarray
    tensors: list
    layers: list
    mean_weights: np.ndarray
    maximum_weights: np.ndarray
    mean_scale: np.ndarray
    maximum_scale: np.ndarray
    bias: np.ndarray
    labels: list = field(default_factory=list)
    classes: list = field(default_factory=list)
    persistence: tuple = (3, 5)
    hysteresis: float = 0.7
    hold_off: int = 10
    zero_point: int = 128
    hash: bytes = b""
    sets: list = None
    leads: int = TWELVE
    whole_window: bool = False
    flat_weights: np.ndarray = None
    flat_scale: np.ndarray = None

    def all_sets(self) -> list:
        return [LabelSet(STATEMENTS, 0, len(self.labels))] if self.sets is None else self.sets

    @property
    def columns(self) -> int:
        """Feature columns of a whole window."""
        return self.window // self.column

    @property
    def column(self) -> int:
        """Samples a feature column."""
        return self.tensors[-1].samples_per_column


#: Magnitude of every scale, of the head's bias, and of calibrations: no logit can leave binary32's range.
LARGEST = 1e9


def check(model: Model) -> None:
    """The limits on values that docs/model-format.md states and the Swift reader holds. Raises `ModelError`."""

    def require(holds, what: str) -> None:
        if not holds:
            raise ModelError(what)

    def bounded(values, what: str) -> None:
        require((np.abs(np.asarray(values, np.float64)) <= LARGEST).all(), f"{what}: not finite, or a magnitude above {LARGEST:g}")

    require(1 <= model.rate <= 10_000, f"rate {model.rate}: 1 to 10000 hertz are right")
    require(
        0 < model.window <= 2**20 and (model.whole_window or model.window % model.rate == 0),
        f"window {model.window} at {model.rate} Hz: a whole number of seconds, at most {2**20} samples, is right",
    )
    require(model.window % model.column == 0, f"window {model.window}: a multiple of the {model.column} samples a column is right")
    require(
        0 < model.hop <= model.window and (model.whole_window or model.hop % model.column == 0),
        f"hop {model.hop}: 1 to the window's {model.window} samples, whole columns of {model.column} if streaming, are right",
    )
    require(model.leads in (TWELVE, EIGHT), f"lead mask {model.leads:#x}: {TWELVE:#x} or {EIGHT:#x} are right")
    require(model.tensors[0].channels == model.leads.bit_count(), f"the input has {model.tensors[0].channels} channels, not one a lead")
    require(model.whole_window or model.flat_weights is None, "a flattened head needs a whole window")
    require(np.isfinite(model.step) and model.step > 0 and np.isfinite(1 / model.step), f"input step {model.step}: not above 0 and finite")
    m, n = model.persistence
    require(1 <= m <= n <= 32, f"alert persistence {m} of {n}: m of n with 1 <= m <= n <= 32 is right")
    require(0 < model.hysteresis <= 1, f"alert hysteresis {model.hysteresis}: above 0 up to 1 is right")
    require(len(model.sections) <= 32, f"{len(model.sections)} filter sections: at most 32 are right")
    for index, (b0, b1, b2, a1, a2) in enumerate(model.sections):
        require(max(abs(b0), abs(b1), abs(b2)) <= 1000, f"filter section {index}: b0, b1 or b2 not finite, or a magnitude above 1000")
        require(abs(a2) < 1 and abs(a1) < 1 + a2, f"filter section {index}: a1 {a1}, a2 {a2}: abs(a2) < 1 and abs(a1) < 1 + a2 is right")
    for index, tensor in enumerate(model.tensors):
        require(np.isfinite(tensor.scale) and tensor.scale > 0, f"tensor {index}: scale {tensor.scale}: not above 0 and finite")
    held = sum(model.window // tensor.samples_per_column * tensor.channels for tensor in model.tensors)
    require(held <= 2**28, f"the tensors of a window have {held} bytes: at most {2**28} are right")
    around = sum((layer.kernel - layer.stride) * model.tensors[layer.input].channels for layer in model.layers)
    require(around <= 2**28, f"the kernels read {around} bytes around the window's tensors: at most {2**28} are right")
    for index, layer in enumerate(model.layers):
        bounded(layer.residual_scale, f"layer {index}: residual scale")
        if layer.kind != POOL:
            bounded(layer.scale, f"layer {index}: scale")
        most = layer.kernel - layer.stride
        holds = 0 <= layer.left <= most if model.whole_window and layer.kind != POOL else layer.left == most
        require(holds, f"layer {index}: padding {layer.left}: 0 to {most}, in a streaming model and for a pool {most}, is right")
    for what, dtype, shape, values in head_blocks(model):
        require(np.shape(values) == shape, f"head: {what}: shape {np.shape(values)}, {shape} is right")
        if dtype == "<f4":
            bounded(values, f"head: {what}")
    first = 0
    for each in model.all_sets():
        require(each.first == first and each.count > 0, f"label set {each.name}: {each.count} from {each.first}, not 1 or more from {first}")
        first += each.count
    require(first == len(model.labels), f"the label sets hold {first} of {len(model.labels)} labels")
    statements = model.all_sets()[0]
    require(statements.name == STATEMENTS, f"the first label set is {statements.name}, not {STATEMENTS}")
    require(len(model.all_sets()) <= 16, f"{len(model.all_sets())} label sets: at most 16 are right")
    for index, label in enumerate(model.labels):
        bounded((label.slope, label.offset), f"label {label.code}: calibration")
        for what, value in (("threshold", label.threshold), ("alarm threshold", label.alarm_threshold)):
            require(np.isfinite(value), f"label {label.code}: {what} {value} is not finite")
        require(not label.priority or index < statements.count, f"label {label.code}: a priority outside of the statements")
        require(
            not label.priority or label.alarm_threshold > 0, f"label {label.code}: alarm threshold {label.alarm_threshold} is not above 0"
        )
    for each in model.classes:
        require(each.evidence in (1, 2) if each.sources else each.evidence == 0, f"class {each.code}: evidence {each.evidence}")


def head_blocks(model: Model) -> list:
    """The head's blocks in the file's order: what, dtype, shape, values."""
    labels, channels = len(model.labels), model.tensors[-1].channels
    if model.flat_weights is not None:
        return [
            ("weights", "i1", (labels, model.columns * channels), model.flat_weights), ("scale", "<f4", (labels,), model.flat_scale),
            ("bias", "<f4", (labels,), model.bias),
        ]  # fmt: skip
    return [
        ("mean weights", "i1", (labels, channels), model.mean_weights), ("maximum weights", "i1", (labels, channels), model.maximum_weights),
        ("mean scale", "<f4", (labels,), model.mean_scale), ("maximum scale", "<f4", (labels,), model.maximum_scale),
        ("bias", "<f4", (labels,), model.bias),
    ]  # fmt: skip


class _Writer:
    """Bytes after the header, every block at a multiple of 64."""

    def __init__(self):
        self.bytes = bytearray(HEADER)
        self.text = bytearray()
        self.places = {}

    def block(self, data) -> int:
        self.bytes += bytes(-len(self.bytes) % 64)
        at = len(self.bytes)
        self.bytes += data
        return at

    def string(self, text: str) -> bytes:
        """Eight bytes: offset from the start of the strings, bytes. Equal strings are stored once."""
        raw = text.encode()
        if text not in self.places:
            self.places[text] = len(self.text)
            self.text += raw
        return struct.pack("<II", self.places[text], len(raw))


def _array(values, dtype) -> bytes:
    return np.ascontiguousarray(values, dtype).tobytes()


def encoded(model: Model) -> bytes:
    """The file's bytes. Byte-identical for equal models. Raises `ModelError` for a model that no reader would take."""
    check(model)
    out = _Writer()
    name = out.string(model.name)
    sections = out.block(_array(model.sections, "<f8"))
    tensors = out.block(b"".join(struct.pack("<IIfI", t.channels, t.zero_point, t.scale, t.samples_per_column) for t in model.tensors))
    layers = out.block(bytes(64 * len(model.layers)))
    for index, layer in enumerate(model.layers):
        places = (0, 0, 0)
        if layer.kind != POOL:
            places = (
                out.block(_array(layer.weights, "i1")), out.block(_array(layer.bias, "<i4")), out.block(_array(layer.scale, "<f4")),
            )  # fmt: skip
        row = struct.pack(
            "<IIIIIIfIQQQQ", layer.kind, layer.input, layer.residual, layer.kernel, layer.stride, int(layer.rectifier),
            layer.residual_scale, layer.left, *places, 0,
        )  # fmt: skip
        out.bytes[layers + 64 * index : layers + 64 * (index + 1)] = row
    head, *_ = [out.block(_array(values, dtype)) for _, dtype, _, values in head_blocks(model)]
    sets = out.block(b"".join(out.string(each.name) + struct.pack("<II", each.first, each.count) for each in model.all_sets()))
    labels = out.block(
        b"".join(
            out.string(l.code) + out.string(l.statement) + out.string(l.group)
            + struct.pack("<fIfff20x", l.threshold, l.priority, l.slope, l.offset, l.alarm_threshold)
            for l in model.labels
        )  # fmt: skip
    )
    sources = [out.block(_array(c.sources, "<u4")) if c.sources else 0 for c in model.classes]
    classes = out.block(
        b"".join(
            out.string(c.code) + out.string(c.statement) + out.string(c.group) + out.string(c.status)
            + struct.pack("<IIQ16x", len(c.sources), c.evidence, place)
            for c, place in zip(model.classes, sources)
        )  # fmt: skip
    )
    strings = out.block(out.text)
    out.bytes += bytes(-len(out.bytes) % 64)
    tail = struct.pack(
        "<12I", model.leads, model.rate, model.window, model.hop, model.column, model.tensors[-1].channels,
        len(model.labels), len(model.classes), len(model.layers), len(model.tensors), len(model.sections), model.zero_point,
    )  # fmt: skip
    tail += struct.pack("<d8Q", model.step, sections, tensors, layers, head, labels, classes, strings, len(out.text))
    tail += name + struct.pack("<IIfII", *model.persistence, model.hysteresis, model.hold_off, model.version)
    form, kind = WHOLE_WINDOW if model.whole_window else STREAMING, POOLED if model.flat_weights is None else FLATTENED
    tail += struct.pack("<IIIQ", form, kind, len(model.all_sets()), sets)
    out.bytes[64 : 64 + len(tail)] = tail
    digest = hashlib.sha256(out.bytes[64:]).digest()
    out.bytes[:64] = MAGIC + struct.pack("<IIQQ", FORMAT, 0, len(out.bytes), 0) + digest
    return bytes(out.bytes)


class _Reader:
    def __init__(self, data: bytes):
        self.data = data

    def array(self, what: str, at: int, dtype: str, shape) -> np.ndarray:
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if at % 64 or at < HEADER or at + size > len(self.data):
            raise ModelError(f"{what}: {size} bytes at {at} do not lie at a multiple of 64 inside the {len(self.data)} bytes of the file")
        return np.frombuffer(self.data, dtype, int(np.prod(shape, dtype=np.int64)), at).reshape(shape)

    def string(self, strings: bytes, at: int, size: int) -> str:
        if at + size > len(strings):
            raise ModelError(f"string at {at}, {size} bytes, beyond the {len(strings)} bytes of the strings")
        return strings[at : at + size].decode()


def decoded(data: bytes) -> Model:
    """Reads and checks a whole file. Raises `ModelError`."""
    if len(data) < HEADER or data[:8] != MAGIC:
        raise ModelError(f"no Precordia model: {len(data)} bytes that begin with {data[:8]!r}, expected {MAGIC!r}")
    form, zero, size, reserved = struct.unpack_from("<IIQQ", data, 8)
    if form != FORMAT or size != len(data) or zero or reserved:
        raise ModelError(f"header: format {form}, {size} bytes stated, {len(data)} bytes there, reserved {zero} and {reserved}")
    if hashlib.sha256(data[64:]).digest() != data[32:64]:
        raise ModelError("the SHA-256 does not fit the file's content")
    counts = struct.unpack_from("<12I", data, 64)
    leads, rate, window, hop, column, features, labels_n, classes_n, layers_n, tensors_n, sections_n, zero_point = counts
    step, *places, strings_size = struct.unpack_from("<d8Q", data, 112)
    name_at, name_size, m, n, hysteresis, hold_off, version = struct.unpack_from("<IIIIfII", data, 184)
    execution, head_kind, sets_n, at_sets = struct.unpack_from("<IIIQ", data, 212)
    if execution not in (STREAMING, WHOLE_WINDOW) or head_kind not in (POOLED, FLATTENED) or any(data[232:256]):
        raise ModelError(f"header: execution {execution}, head {head_kind}, or reserved bytes")
    at_sections, at_tensors, at_layers, at_head, at_labels, at_classes, at_strings = places
    file = _Reader(data)
    strings = file.array("strings", at_strings, "u1", strings_size).tobytes()
    rows = file.array("tensors", at_tensors, "u1", (tensors_n, 16))
    tensors = [Tensor(*struct.unpack("<IIfI", row.tobytes())) for row in rows]
    layers = []
    for index, row in enumerate(file.array("layers", at_layers, "u1", (layers_n, 64))):
        kind, source, residual, kernel, stride, activation, residual_scale, left, w, b, s, end = struct.unpack("<IIIIIIfIQQQQ", row.tobytes())
        if kind not in (CONVOLUTION, POOL, DEPTHWISE) or source > index or end or activation > 1 or not 1 <= stride <= kernel:
            raise ModelError(f"layer {index}: kind {kind}, input {source}, kernel {kernel}, stride {stride}, activation {activation}")
        layer = Layer(kind, source, residual, kernel, stride, bool(activation), residual_scale, left=left)
        inputs, outputs = tensors[source].channels, tensors[index + 1].channels
        if tensors[index + 1].samples_per_column != tensors[source].samples_per_column * stride:
            raise ModelError(f"layer {index}: samples a column {tensors[index + 1].samples_per_column} do not fit stride {stride}")
        if kind == DEPTHWISE and inputs != outputs:
            raise ModelError(f"layer {index}: a depthwise convolution from {inputs} channels to {outputs}")
        if kind != POOL:
            shape = (outputs, kernel, inputs) if kind == CONVOLUTION else (outputs, kernel)
            layer.weights = file.array(f"layer {index}: weights", w, "i1", shape)
            layer.bias = file.array(f"layer {index}: bias", b, "<i4", outputs)
            layer.scale = file.array(f"layer {index}: scale", s, "<f4", outputs)
        elif w or b or s or kernel != stride or residual != NONE or activation:
            raise ModelError(f"layer {index}: a pool with weights, a residual, an activation, or kernel {kernel} unlike stride {stride}")
        elif dataclasses.replace(tensors[index + 1], samples_per_column=0) != dataclasses.replace(tensors[source], samples_per_column=0):
            raise ModelError(f"layer {index}: a pool whose tensor has not its input's channels, zero point and scale")
        if residual == NONE and residual_scale:
            raise ModelError(f"layer {index}: residual scale {residual_scale} without a residual")
        if residual != NONE and (residual > index or tensors[residual].channels != outputs):
            raise ModelError(f"layer {index}: residual tensor {residual} does not fit")
        layers.append(layer)
    if tensors[-1].channels != features or tensors[-1].samples_per_column != column or len(tensors) != layers_n + 1:
        raise ModelError("the last tensor does not fit the header's features and samples a column")
    sets = []
    for row in file.array("label sets", at_sets, "u1", (sets_n, 16)):
        text_at, text_size, first, count = struct.unpack("<4I", row.tobytes())
        sets.append(LabelSet(file.string(strings, text_at, text_size), first, count))
    labels = []
    for row in file.array("labels", at_labels, "u1", (labels_n, 64)):
        fields = struct.unpack("<6IfIfff20s", row.tobytes())
        texts = [file.string(strings, *fields[i : i + 2]) for i in (0, 2, 4)]
        if any(fields[11]) or fields[7] > 4:
            raise ModelError(f"label {texts[0]}: priority {fields[7]} or reserved bytes")
        labels.append(Label(*texts, *fields[6:11]))
    classes = []
    for row in file.array("classes", at_classes, "u1", (classes_n, 64)):
        fields = struct.unpack("<8IIIQ16s", row.tobytes())
        texts = [file.string(strings, *fields[i : i + 2]) for i in (0, 2, 4, 6)]
        sources = [int(v) for v in file.array(f"class {texts[0]}", fields[10], "<u4", fields[8])] if fields[8] else []
        if any(fields[11]) or any(v >= labels_n for v in sources) or (fields[10] and not sources):
            raise ModelError(f"class {texts[0]}: sources {sources} or reserved bytes")
        classes.append(Class(*texts, sources, fields[9]))
    model = Model(
        file.string(strings, name_at, name_size), version, rate, window, hop, step,
        file.array("filter sections", at_sections, "<f8", (sections_n, 5)), tensors, layers, None, None, None, None, None, labels, classes,
        (m, n), hysteresis, hold_off, zero_point, data[32:64], sets, leads, execution == WHOLE_WINDOW,
        np.empty(0) if head_kind == FLATTENED else None,
    )  # fmt: skip
    for what, dtype, shape, _ in head_blocks(model):
        values = file.array(f"head: {what}", at_head, dtype, shape)
        setattr(model, {"weights": "flat_weights", "scale": "flat_scale"}.get(what, what.replace(" ", "_")), values)
        at_head += -(-values.nbytes // 64) * 64
    check(model)
    return model
