# The command: python -m precordia_train VERB --config FILE.toml; `--help` lists the verbs.
# Separate from the steps so that each of them can be called, and tested, without a command line.
import argparse
import sys
from pathlib import Path

from . import card, figures, submission
from .datasets import summary

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
    from . import configuration, prepare as p

    about = p.described(configuration.read(options.config, configuration.Pretrain).input if options.config else None)
    if options.dataset == "ptbxl":
        p.prepare_ptbxl(options.data, options.cache, about, progress, last=options.last)
    else:
        p.prepare_dataset(options.dataset, options.data, options.cache, about, progress)


def pretrain(options):
    from . import configuration, train

    train.pretrain(options.cache, options.run, configuration.read(options.config, configuration.Pretrain), progress, options.threads)


def pool(options):
    from . import configuration, pool as p

    p.make(options.cache, configuration.read(options.config, configuration.Finetune), progress, options.threads)


def finetune(options):
    from . import configuration, finetune as f

    settings = configuration.read(options.config, configuration.Finetune)
    places = (options.cache, options.run, options.begin, settings)
    if options.cross_validate:
        print(f.printed(f.cross_validated(*places, options.cross_validate, progress, options.threads)))
    else:
        f.once(*places, progress, options.threads)


def refit(options):
    from . import configuration, refit as r

    settings = configuration.read(options.config, configuration.Refit)
    print(r.printed(r.refit(options.cache, options.run, options.begin, settings, options.threads)))


def quantize(options):
    from . import configuration, quantize as q

    print(
        q.printed(
            q.quantize(options.cache, options.run, configuration.read(options.config, configuration.Quantize), progress, options.threads)
        )
    )


def evaluate(options):
    from . import configuration, evaluate as e

    settings = configuration.read(options.config, configuration.Evaluate)
    print(e.printed(e.evaluate(options.cache, options.run, settings, progress, options.threads), settings))


def export(options):
    from . import configuration, export as e

    report = e.export(options.cache, options.run, configuration.read(options.config, configuration.Export), options.output, TOOLS)
    print(e.printed(report, options.output))


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
    top = argparse.ArgumentParser(prog="precordia_train", description="Trains, quantises and exports Precordia's networks.")
    verbs = top.add_subparsers(dest="verb", required=True)

    def verb(function, text):
        sub = verbs.add_parser(function.__name__, help=text)
        sub.set_defaults(function=function)
        return sub

    def work(sub, default, run=True):
        sub.add_argument("--config", type=Path, default=TOOLS / "configs" / default, help=f"TOML file; configs/{default} if left out")
        sub.add_argument("--cache", type=Path, required=True, help="folder that prepare filled, outside the repository")
        if run:
            sub.add_argument("--run", type=Path, required=True, help="the run's folder, outside the repository")
        sub.add_argument("--threads", type=int, default=1)

    sub = verb(prepare, "recordings to the network's u8 input, and their label sets")
    sub.add_argument("--dataset", default="ptbxl", help="ptbxl, another set that precordia_train.datasets knows, or a layout file")
    sub.add_argument("--data", type=Path, required=True, help="its folder; for ptbxl that with ptbxl_database.csv and records100")
    sub.add_argument("--cache", type=Path, required=True)
    sub.add_argument("--config", type=Path, help="pretrain's file, if it has an [input] of its own, as configs/resnet1d-code2.toml has")
    sub.add_argument("--last", type=int, help="ptbxl: records up to this ecg_id; all if left out")
    work(verb(pretrain, "a new network, resumable; the validation fold after each epoch"), "pretrain.toml")
    sub = verb(finetune, "a run's network with a new head, on this cache's labels")
    work(sub, "cpsc2018.toml")
    sub.add_argument("--from", dest="begin", type=Path, help="run folder whose weights it begins with; random ones if left out")
    sub.add_argument("--cross-validate", type=int, metavar="N", help="N parts instead of the configuration's folds")
    work(verb(pool, "windows with teachers' answers, for a student's pretrain"), "recipe/s1.toml", run=False)
    sub = verb(refit, "a run's network with its head fitted once more, on clean windows")
    work(sub, "recipe/refit.toml")
    sub.add_argument("--from", dest="begin", type=Path, nargs="+", required=True,
                     help="run folder with the trunk, and the head to begin with; of several, each tuned from the one before, the mean")
    work(verb(quantize, "a run's integers: float, simulated and integer figures on the validation fold"), "quantize.toml")
    work(verb(evaluate, "a run's figures on a fold, by task; every look is noted in run.json"), "evaluate.toml")
    sub = verb(export, "a run's model file: calibrated, with thresholds, alerts and classes")
    work(sub, "export.toml")
    sub.add_argument("-o", "--output", type=Path, default=MODEL)
    summary.add_parser(verbs, progress)
    submission.add_parser(verbs)
    card.add_parser(verbs)
    figures.add_parser(verbs)
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
    except (OSError, ValueError, OverflowError) as error:
        print(f"precordia_train {options.verb}: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(f"precordia_train {options.verb}: {error}; pip install -r tools/train/requirements.txt brings it", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        again = "; the same command goes on after the last whole epoch or pass" if options.verb in ("pretrain", "finetune", "pool") else ""
        print(f"\nprecordia_train {options.verb}: interrupted{again}", file=sys.stderr)
        return 130


sys.exit(main())
