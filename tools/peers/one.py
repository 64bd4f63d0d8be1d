# One runtime, one file, one process: microseconds of a call and the answers. Started by rounds.py, pinned to a core.
"""python -m peers.one RUNTIME FILE INPUTS.npy CALLS [SCALE ZERO]   prints one JSON object"""

import json
import sys
import time

import numpy as np


def openvino_runner(path):
    import openvino

    core = openvino.Core()
    model = core.compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"})
    request = model.create_infer_request()

    def prepare(values):
        request.set_input_tensor(openvino.Tensor(values))

    return prepare, request.infer, lambda: request.get_output_tensor().data[0]


def onnx_runner(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    binding, kept = session.io_binding(), []
    out = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros([1, session.get_outputs()[0].shape[1]], np.float32))
    binding.bind_ortvalue_output(session.get_outputs()[0].name, out)

    def prepare(values):
        kept[:] = [onnxruntime.OrtValue.ortvalue_from_numpy(values)]
        binding.bind_ortvalue_input("x", kept[0])

    return prepare, lambda: session.run_with_iobinding(binding), lambda: out.numpy()[0].copy()


def lite_runner(path):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(path, num_threads=1)
    runner.allocate_tensors()
    inputs, out = runner.get_input_details(), runner.get_output_details()[0]
    for each in inputs:
        runner.set_tensor(each["index"], np.full(each["shape"], each["quantization"][1], np.int8))
    prepare = lambda values: runner.set_tensor(inputs[0]["index"], values)
    return prepare, runner.invoke, lambda: runner.get_tensor(out["index"])[0] * np.float32(out["quantization"][0])


def lite_stream(path, samples, hop):
    """The last answer of a stateful file over a stream, states copied from outputs to inputs."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(path, num_threads=1)
    runner.allocate_tensors()
    inputs, outputs = runner.get_input_details(), runner.get_output_details()
    states = [np.full(each["shape"], each["quantization"][1], np.int8) for each in inputs[1:]]
    for start in range(0, samples.shape[2], hop):
        runner.set_tensor(inputs[0]["index"], np.ascontiguousarray(samples[:, :, start : start + hop]))
        for each, state in zip(inputs[1:], states):
            runner.set_tensor(each["index"], state)
        runner.invoke()
        states = [runner.get_tensor(each["index"]).copy() for each in outputs[1:]]
    return runner.get_tensor(outputs[0]["index"])[0] * np.float32(outputs[0]["quantization"][0])


def scipy_chunk(calls):
    """12 leads, 4 second-order sections with their states, 10 samples at 500 Hz."""
    from scipy import signal

    sections = np.concatenate(
        [signal.butter(2, 0.5, "highpass", fs=500, output="sos"), signal.tf2sos(*signal.iirnotch(50, 30, fs=500)),
         signal.butter(4, 150, fs=500, output="sos")]
    )  # fmt: skip
    chunk, state = np.random.default_rng(1).normal(0, 100, (12, 10)), np.zeros((4, 12, 2))
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        _, state = signal.sosfilt(sections, chunk, axis=1, zi=state)
        times.append(time.perf_counter() - start)
    return times


RUNNERS = {"onnx": onnx_runner, "openvino": openvino_runner, "litert": lite_runner}


def main() -> None:
    runtime, path, inputs, calls = sys.argv[1:5]
    if runtime == "scipy":
        times, answers = scipy_chunk(int(calls)), []
    elif runtime == "litert-stream":
        values = np.load(inputs)
        times, answers = [], [lite_stream(path, each, int(calls)).tolist() for each in values]
    else:
        prepare, call, answer = RUNNERS[runtime](path)
        values, answers, times = np.load(inputs), [], []
        for each in values:
            prepare(each)
            call()
            answers.append(np.asarray(answer()).tolist())
        for index in range(int(calls) + 10):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        times = times[10:]
    micro = np.array(times) * 1e6
    figures = {"microseconds": float(np.median(micro)), "p99": float(np.percentile(micro, 99))} if len(micro) else {}
    print(json.dumps({**figures, "logits": answers}))


if __name__ == "__main__":
    main()
