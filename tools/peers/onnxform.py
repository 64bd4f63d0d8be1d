# The graph as ONNX: QDQ with u8 activations and s8 weights by channel, in the file's own scales; and float32, from which NNCF quantises.
# Height-1 two-dimensional convolutions with batch norm folded, the form in which ONNX Runtime is fastest.

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .networks import DEPTHWISE, POOL
from .real import Graph


class Writer:
    def __init__(self, quantised: bool):
        self.quantised = quantised
        self.nodes, self.constants = [], []

    def constant(self, values, name=None) -> str:
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(values, order="C"), name))  # a scalar stays one
        return name

    def node(self, kind: str, inputs: list, **attributes) -> str:
        out = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out

    def activation(self, real: str, scale: float, zero: int) -> str:
        """Real values through u8 and back."""
        if not self.quantised:
            return real
        scale, zero = self.constant(np.float32(scale)), self.constant(np.uint8(zero))
        return self.node("DequantizeLinear", [self.node("QuantizeLinear", [real, scale, zero]), scale, zero])

    def weights(self, values: np.ndarray, scale: np.ndarray, axis: int = 0) -> str:
        if not self.quantised:
            return self.constant((values * scale.reshape([-1 if at == axis else 1 for at in range(values.ndim)])).astype(np.float32))
        zeros = self.constant(np.zeros(len(scale), np.int8))
        return self.node(
            "DequantizeLinear", [self.constant(values.astype(np.int8)), self.constant(scale.astype(np.float32)), zeros], axis=axis
        )

    def bias(self, values: np.ndarray, scale: np.ndarray) -> str:
        if not self.quantised:
            return self.constant((values * scale).astype(np.float32))
        zeros = self.constant(np.zeros(len(scale), np.int32))
        return self.node(
            "DequantizeLinear", [self.constant(values.astype(np.int32)), self.constant(scale.astype(np.float32)), zeros], axis=0
        )


def write(graph: Graph, path, quantised: bool) -> None:
    """Input `x`: u8 [1, leads, 1, samples] if quantised, else float32 in real numbers. Output `y`: float32 [1, labels]."""
    out, first = Writer(quantised), graph.values[0]
    start = "x"
    if quantised:
        start = out.node("DequantizeLinear", ["x", out.constant(np.float32(first.scale)), out.constant(np.uint8(first.zero))])
    tensors = [start]
    for step in graph.steps:
        before, after = graph.values[step.input], graph.values[step.output]
        if step.kind == POOL:
            real = out.node("MaxPool", [tensors[step.input]], kernel_shape=[1, step.stride], strides=[1, step.stride])
            tensors.append(out.activation(real, after.scale, after.zero))
            continue
        weights = step.weights[:, None, None, :] if step.kind == DEPTHWISE else step.weights.transpose(0, 2, 1)[:, :, None, :]
        bias_scale = (step.weight_scale * before.scale).astype(np.float32)
        real = out.node(
            "Conv", [tensors[step.input], out.weights(weights, step.weight_scale), out.bias(step.bias, bias_scale)],
            kernel_shape=[1, step.kernel], strides=[1, step.stride], group=after.channels if step.kind == DEPTHWISE else 1,
            pads=[0, step.left, 0, step.kernel - step.stride - step.left],
        )  # fmt: skip
        if step.residual is not None:
            real = out.node("Add", [out.activation(real, step.between, 128), tensors[step.residual]])
        if step.rectifier and not quantised:
            real = out.node("Relu", [real])  # a zero point of 0 is the rectifier where values are u8
        tensors.append(out.activation(real, after.scale, after.zero))
    last, labels = tensors[-1], len(graph.bias)

    def connected(source: str, weights: np.ndarray, scale: np.ndarray, before: float, bias: np.ndarray) -> str:
        step = (scale * before).astype(np.float32)
        return out.node("Gemm", [source, out.weights(weights.T, scale, 1), out.bias(np.rint(bias / step), step)])

    if graph.flat is not None:
        weights = graph.flat.transpose(0, 2, 1).reshape(labels, -1)
        flat = out.node("Flatten", [last], axis=1)
        connected(flat, weights, graph.flat_scale, graph.values[-1].scale, graph.bias)
    else:
        mean = out.activation(out.node("GlobalAveragePool", [last]), graph.ranges["mean"], 0)
        most = out.node("MaxPool", [last], kernel_shape=[1, graph.values[-1].columns])
        most = out.activation(most, graph.values[-1].scale, graph.values[-1].zero)
        mean, most = out.node("Flatten", [mean], axis=1), out.node("Flatten", [most], axis=1)
        a = connected(mean, graph.mean, graph.mean_scale, graph.ranges["mean"], graph.bias)
        b = connected(most, graph.maximum, graph.maximum_scale, graph.values[-1].scale, np.zeros(labels))
        out.node("Add", [a, b])
    out.nodes[-1].output[0] = "y"
    shape = [1, first.channels, 1, first.columns]
    made = helper.make_graph(
        out.nodes, graph.name, [helper.make_tensor_value_info("x", TensorProto.UINT8 if quantised else TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, labels])], out.constants,
    )  # fmt: skip
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
