# The graph for OpenVINO: float32 from ONNX, quantised by NNCF on simulated exams, as its makers advise.

import logging
import warnings

import numpy as np

from .real import Graph


def real_inputs(graph: Graph) -> list:
    """Inputs in real numbers, float32 [1][leads][1][samples]."""
    first = graph.values[0]
    return [
        np.ascontiguousarray((each.T[None, :, None].astype(np.float32) - first.zero) * np.float32(first.scale)) for each in graph.inputs
    ]


def of_bytes(model, graph: Graph):
    """The model with the bytes that the others take as its input, made real numbers within it."""
    import openvino
    from openvino.preprocess import PrePostProcessor

    first, steps = graph.values[0], PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    steps.input().preprocess().convert_element_type(openvino.Type.f32).mean(float(first.zero)).scale(1 / float(first.scale))
    return steps.build()


def write(graph: Graph, floating, path) -> None:
    """`floating`: the float32 ONNX file."""
    warnings.filterwarnings("ignore")
    import nncf
    import openvino

    nncf.set_log_level(logging.ERROR)
    model = openvino.convert_model(str(floating))
    data = nncf.Dataset(real_inputs(graph))
    quantised = nncf.quantize(
        model, data, preset=nncf.QuantizationPreset.PERFORMANCE, target_device=nncf.TargetDevice.CPU, subset_size=len(graph.inputs)
    )
    openvino.save_model(of_bytes(quantised, graph), str(path), compress_to_fp16=False)
