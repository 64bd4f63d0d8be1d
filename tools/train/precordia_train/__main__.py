# The command: python -m precordia_train {prepare,train,quantize,export,vectors,reference,paths,compare}.
# Separate from the steps so that each of them can be called, and tested, without a command line.
import argparse
import json
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1]
ROOT = TOOLS.parents[1]
MODEL = ROOT / "models" / "ptbxl71.precordia"
INPUTS = ROOT / "models" / "ptbxl71.input.sha256"


def progress(items, **words):
    """A progress bar where a person watches, nothing elsewhere."""
    if not sys.stderr.isatty():
        return items
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    return tqdm(items, **words)


def model_at(path: Path):
    from .modelfile import decoded

    return decoded(path.read_bytes())


def prepare(options):
    from . import preprocess

    preprocess.prepare(options.data, options.cache, progress, last=options.last)


def train(options):
    from .train import Settings, train as run

    settings = Settings(epochs=options.epochs, seed=options.seed, threads=options.threads, bfloat16=not options.full_precision)
    run(options.cache, options.run, settings, progress)


def integers(options):
    """The float network of a run, its integer model, and fold 9's rows and logits of both."""
    import numpy as np
    import torch

    from . import integer, quantize as q
    from .model import Network
    from .train import Data, predict

    torch.set_num_threads(options.threads)
    data = Data(options.cache)
    network = Network()
    network.load_state_dict(torch.load(options.run / "averaged.pt", weights_only=True))
    rows = np.flatnonzero(data.fold == 9)
    eighth = np.flatnonzero(data.fold == 8)
    chosen = np.random.default_rng(0).choice(eighth, min(512, len(eighth)), replace=False)
    method = options.method if options.method in ("max", "mse") else float(options.method)
    model = q.quantized(network, data.millivolts(np.sort(chosen)), data.step, method, options.search)
    integer.check_ranges(model)
    return data, rows, model, predict(network, data, rows), integer.logits(model, data.inputs[rows], progress=progress)


def quantize(options):
    import numpy as np

    from . import integer
    from .metrics import macro_auroc

    data, rows, model, floats, logits = integers(options)
    print(f"fold 9 macro AUROC: float {macro_auroc(data.labels[rows], floats):.5f}, integer {macro_auroc(data.labels[rows], logits):.5f}")
    print(f"logits: mean difference {np.abs(logits - floats).mean():.4f}, largest {np.abs(logits - floats).max():.3f}")
    print(f"largest possible 32-bit sum {integer.check_ranges(model)} of {2**31 - 1}")


def export(options):
    from . import export as e
    from .metrics import macro_auroc

    data, rows, model, floats, logits = integers(options)
    model.version = options.version
    labels = data.labels[rows]
    report = e.labelled(model, data, labels, logits, TOOLS / "alerts.csv", ROOT / "models" / "code66.csv")
    written = e.write(model, options.output)
    report |= {
        "fold9_float": macro_auroc(labels, floats), "fold9_integer": macro_auroc(labels, logits),
        "sha256": written.hash.hex(), "bytes": options.output.stat().st_size,
    }  # fmt: skip
    report = e.plain(report)
    (options.run / "export.json").write_text(json.dumps(report, indent=1, allow_nan=False))
    print(json.dumps({key: value for key, value in report.items() if key != "points"}))
    for label in written.labels:
        if label.priority:
            print(label.code, json.dumps({k: v if v is None else round(v, 4) for k, v in report["points"][label.code].items()}))


def vectors(options):
    from . import vectors as v

    v.write_all(model_at(options.model), ROOT / "Tests")


def reference(options):
    from . import reference as r

    if options.inputs:
        print("\n".join(r.write_inputs(model_at(options.model), options.data, options.output or INPUTS, progress)))
        return
    if options.output is None:
        raise ValueError("-o FILE is needed")
    count, skipped = r.write_logits(model_at(options.model), options.data, options.fold, options.rate, options.output, progress)
    print(f"{count} of {count + len(skipped)} records in {options.output}")
    if skipped:
        print(f"not there: {', '.join(skipped)}", file=sys.stderr)
    return 0 if count else 1


def paths(options):
    from . import preprocess

    for name in preprocess.paths(preprocess.tables(options.data), options.rate, options.fold, options.last):
        print(options.data.resolve() / name)


def compare(options):
    from . import reference as r

    same, text = r.compare(options.first, options.second)
    print(text)
    return 0 if same else 1


def parser():
    top = argparse.ArgumentParser(prog="precordia_train", description="Trains, quantises and exports Precordia's first model.")
    verbs = top.add_subparsers(dest="verb", required=True)

    def verb(function, text):
        sub = verbs.add_parser(function.__name__, help=text)
        sub.set_defaults(function=function)
        return sub

    def work(sub):
        sub.add_argument("--cache", type=Path, required=True, help="folder that prepare filled, outside the repository")
        sub.add_argument("--run", type=Path, required=True, help="folder of the run's checkpoints, outside the repository")
        sub.add_argument("--threads", type=int, default=1)

    sub = verb(prepare, "PTB-XL to the engine's u8 input")
    sub.add_argument("--data", type=Path, required=True, help="folder with ptbxl_database.csv and records100")
    sub.add_argument("--cache", type=Path, required=True)
    sub.add_argument("--last", type=int, help="records up to this ecg_id; all if left out")
    sub = verb(train, "folds 1-8, resumable; fold 9 after each epoch")
    work(sub)
    sub.add_argument("--epochs", type=int, default=16)
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--full-precision", action="store_true", help="binary32 where bfloat16 would do")
    for function, text in ((quantize, "integers against float on fold 9"), (export, "write the model file")):
        sub = verb(function, text)
        work(sub)
        sub.add_argument("--method", default="max", help="activation range: a percentile, max or mse")
        sub.add_argument("--search", action="store_true", help="weight ranges of least squared error")
        if function is export:
            sub.add_argument("--version", type=int, default=1)
            sub.add_argument("-o", "--output", type=Path, default=MODEL)
    sub = verb(vectors, "test vectors for the Swift tests, from synthetic signals")
    sub.add_argument("--model", type=Path, default=MODEL)
    sub = verb(reference, "logits of a fold as bits, for comparison with the Swift program")
    sub.add_argument("--model", type=Path, default=MODEL)
    sub.add_argument("--data", type=Path, required=True)
    sub.add_argument("--fold", type=int, help="all folds if left out")
    sub.add_argument("--rate", type=int, choices=(100, 500), default=100)
    sub.add_argument("--inputs", action="store_true", help="instead: hashes of the network's u8 input, for models/ptbxl71.input.sha256")
    sub.add_argument("-o", "--output", type=Path, help="needed without --inputs")
    sub = verb(paths, "the paths of records, one a line, for classify's @FILE")
    sub.add_argument("--data", type=Path, required=True)
    sub.add_argument("--fold", type=int, help="all folds if left out")
    sub.add_argument("--last", type=int, help="records up to this ecg_id; all if left out")
    sub.add_argument("--rate", type=int, choices=(100, 500), default=100)
    sub = verb(compare, "two bits files: exit status 0 only if every logit of every record is the same")
    sub.add_argument("first", type=Path)
    sub.add_argument("second", type=Path)
    return top


def main():
    options = parser().parse_args()
    try:
        return options.function(options) or 0
    except (OSError, ValueError) as error:
        print(f"precordia_train {options.verb}: {error}", file=sys.stderr)
        return 1


sys.exit(main())
