# The graph as a LiteRT flatbuffer: int8, height-1 NHWC, in the file's own scales; of a whole window, and of one hop with explicit states.
# Written by hand because no converter gives this form from integers; the schema is the one that the runtime ships.
"""Every integer is the model file's less 128, which is what LiteRT's signed activations are."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from .networks import DEPTHWISE, POOL
from .real import Graph

VALID, SAME = schema.Padding.VALID, schema.Padding.SAME
RECTIFIER, NO_ACTIVATION = schema.ActivationFunctionType.RELU, schema.ActivationFunctionType.NONE
KIND = schema.BuiltinOperator
VERSIONS = {KIND.CONV_2D: 3, KIND.DEPTHWISE_CONV_2D: 3, KIND.ADD: 2, KIND.PAD: 2, KIND.MAX_POOL_2D: 2, KIND.MEAN: 2,
            KIND.FULLY_CONNECTED: 4, KIND.CONCATENATION: 2, KIND.SLICE: 2, KIND.RESHAPE: 1}  # fmt: skip


class Writer:
    def __init__(self):
        self.tensors, self.operators, self.codes, self.buffers = [], [], [], [schema.BufferT()]

    def tensor(self, shape, scale=None, zero=0, values=None, axis=0, kind=schema.TensorType.INT8) -> int:
        made = schema.TensorT()
        made.name, made.shape, made.type, made.buffer = f"t{len(self.tensors)}".encode(), list(map(int, shape)), kind, 0
        if scale is not None:
            made.quantization = schema.QuantizationParametersT()
            made.quantization.scale = [float(v) for v in np.atleast_1d(scale)]
            made.quantization.zeroPoint = [int(zero)] * len(made.quantization.scale)
            made.quantization.quantizedDimension = axis
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
            self.buffers.append(buffer)
            made.buffer = len(self.buffers) - 1
        self.tensors.append(made)
        return len(self.tensors) - 1

    def integers(self, values) -> int:
        values = np.asarray(values, np.int32)
        return self.tensor(values.shape, values=values, kind=schema.TensorType.INT32)

    def shape(self, tensor: int) -> list:
        return list(self.tensors[tensor].shape)

    def like(self, tensor: int, shape) -> int:
        """A tensor of the same scale and zero point."""
        quantization = self.tensors[tensor].quantization
        return self.tensor(shape, quantization.scale[0], quantization.zeroPoint[0])

    def run(self, code: int, inputs: list, output: int, kind=None, **options) -> int:
        if code not in self.codes:
            self.codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = self.codes.index(code), inputs, [output]
        if kind is not None:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            operator.builtinOptions = getattr(schema, kind + "T")()
            for name, value in options.items():
                assert hasattr(operator.builtinOptions, name), name
                setattr(operator.builtinOptions, name, value)
        self.operators.append(operator)
        return output

    def bytes(self, inputs: list, outputs: list) -> bytes:
        graph, model = schema.SubGraphT(), schema.ModelT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs, graph.name = self.tensors, self.operators, inputs, outputs, b"main"
        model.version, model.subgraphs, model.buffers, model.description = 3, [graph], self.buffers, b""
        model.operatorCodes = []
        for code in self.codes:
            made = schema.OperatorCodeT()
            made.builtinCode, made.deprecatedBuiltinCode, made.version = code, min(code, 127), VERSIONS[code]
            model.operatorCodes.append(made)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def joined(out: Writer, state: int, new: int) -> int:
    """A state's columns and the new ones behind them."""
    shape = out.shape(state)
    shape[2] += out.shape(new)[2]
    return out.run(KIND.CONCATENATION, [state, new], out.like(state, shape), "ConcatenationOptions", axis=2)


def last_columns(out: Writer, tensor: int, count: int) -> int:
    shape = out.shape(tensor)
    begin, shape[2] = [0, 0, shape[2] - count, 0], count
    return out.run(KIND.SLICE, [tensor, out.integers(begin), out.integers(shape)], out.like(tensor, shape), "SliceOptions")


def convolved(out: Writer, step, source: int, after, columns: int, padding: int, residual) -> int:
    kernel = (1, 1, step.kernel, after.channels) if step.kind == DEPTHWISE else (after.channels, 1, step.kernel, step.weights.shape[2])
    values = step.weights.T if step.kind == DEPTHWISE else step.weights
    weights = out.tensor(kernel, step.weight_scale, 0, values.astype(np.int8), axis=3 if step.kind == DEPTHWISE else 0)
    scale = step.weight_scale * out.tensors[source].quantization.scale[0]
    bias = out.tensor([after.channels], scale, 0, step.bias, kind=schema.TensorType.INT32)
    shape = [1, 1, columns, after.channels]
    final = out.tensor(shape, after.scale, after.zero - 128)
    result = final if residual is None else out.tensor(shape, step.between, 0)
    activation = RECTIFIER if step.rectifier else NO_ACTIVATION
    options = dict(padding=padding, strideW=step.stride, strideH=1, dilationWFactor=1, dilationHFactor=1)
    options["fusedActivationFunction"] = activation if residual is None else NO_ACTIVATION
    if step.kind == DEPTHWISE:
        out.run(KIND.DEPTHWISE_CONV_2D, [source, weights, bias], result, "DepthwiseConv2DOptions", depthMultiplier=1, **options)
    else:
        out.run(KIND.CONV_2D, [source, weights, bias], result, "Conv2DOptions", **options)
    if residual is not None:
        out.run(KIND.ADD, [result, residual], final, "AddOptions", fusedActivationFunction=activation)
    return final


def head(out: Writer, graph: Graph, features: int) -> int:
    """Logits as int8."""
    labels, (_, _, columns, channels) = len(graph.bias), out.shape(features)

    def connected(source, weights, scale, bias, out_scale):
        step = scale * out.tensors[source].quantization.scale[0]
        given = out.tensor(weights.shape, scale, 0, weights.astype(np.int8))
        added = out.tensor([labels], step, 0, np.rint(bias / step).astype(np.int32), kind=schema.TensorType.INT32)
        return out.run(KIND.FULLY_CONNECTED, [source, given, added], out.tensor([1, labels], out_scale, 0), "FullyConnectedOptions")

    if graph.flat is not None:
        flat = out.like(features, [1, columns * channels])
        out.run(KIND.RESHAPE, [features, out.integers([1, columns * channels])], flat, "ReshapeOptions", newShape=[1, columns * channels])
        return connected(flat, graph.flat.reshape(labels, -1), graph.flat_scale, graph.bias, graph.ranges["out"])
    mean = out.tensor([1, channels], graph.ranges["mean"], -128)
    out.run(KIND.MEAN, [features, out.integers([1, 2])], mean, "ReducerOptions", keepDims=False)
    most = out.like(features, [1, 1, 1, channels])
    out.run(
        KIND.MAX_POOL_2D, [features], most, "Pool2DOptions", padding=VALID, strideW=columns, strideH=1, filterWidth=columns, filterHeight=1
    )
    flat = out.run(
        KIND.RESHAPE, [most, out.integers([1, channels])], out.like(most, [1, channels]), "ReshapeOptions", newShape=[1, channels]
    )
    a = connected(mean, graph.mean, graph.mean_scale, graph.bias, max(graph.ranges["products"][0], graph.ranges["out"]))
    b = connected(flat, graph.maximum, graph.maximum_scale, np.zeros(labels), graph.ranges["products"][1])
    return out.run(KIND.ADD, [a, b], out.tensor([1, labels], graph.ranges["out"], 0), "AddOptions")


def write(graph: Graph, path, hop: int = 0) -> None:
    """A whole window, or with `hop` that many samples of a stream: then inputs and outputs are first samples and logits, then the states of
    the convolutions in order, and last the features."""
    out, first = Writer(), graph.values[0]
    shrink = hop / first.columns if hop else 1
    inputs = [out.tensor([1, 1, hop or first.columns, first.channels], first.scale, first.zero - 128)]
    outputs, tensors = [], [inputs[0]]

    def state(tensor: int, columns: int) -> int:
        shape = out.shape(tensor)
        shape[2] = columns
        inputs.append(out.like(tensor, shape))
        whole = joined(out, inputs[-1], tensor)
        outputs.append(last_columns(out, whole, columns))
        return whole

    for step in graph.steps:
        after, source = graph.values[step.output], tensors[step.input]
        columns = round(after.columns * shrink)
        if step.kind == POOL:
            result = out.like(source, [1, 1, columns, after.channels])
            options = dict(padding=VALID, strideW=step.stride, strideH=1, filterWidth=step.stride, filterHeight=1)
            tensors.append(out.run(KIND.MAX_POOL_2D, [source], result, "Pool2DOptions", **options))
            continue
        outside, padding = step.kernel - step.stride, VALID
        if outside > 0 and hop:
            source = state(source, outside)
        elif outside > 0 and step.left == outside // 2:
            padding = SAME
        elif outside > 0:
            shape = out.shape(source)
            shape[2] += outside
            pads = out.integers([[0, 0], [0, 0], [step.left, outside - step.left], [0, 0]])
            source = out.run(KIND.PAD, [source, pads], out.like(source, shape), "PadOptions")
        tensors.append(convolved(out, step, source, after, columns, padding, None if step.residual is None else tensors[step.residual]))
    features = tensors[-1]
    if hop:
        columns, new = graph.values[-1].columns, out.shape(features)[2]
        shape = out.shape(features)
        shape[2] = columns
        inputs.append(out.like(features, shape))
        features = joined(out, last_columns(out, inputs[-1], columns - new), features)
        outputs.append(features)
    path.write_bytes(out.bytes(inputs, [head(out, graph, features), *outputs]))
