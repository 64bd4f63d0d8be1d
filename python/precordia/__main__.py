"""Plays a WFDB exam through the engine and prints its events: python -m precordia MODEL RECORD [--json]"""
import os
import sys

from . import Engine, Model, PrecordiaError, read_record


def main() -> int:
    arguments = [word for word in sys.argv[1:] if word != "--json"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    try:
        model, record = Model(arguments[0]), read_record(arguments[1])
        # As `precordia replay` measures unless it is told otherwise.
        engine = Engine(
            model, record.rate, record.leads, microvolts_per_count=record.microvolts_per_count, baseline=record.baseline, measure=5)
    except (PrecordiaError, OSError, ValueError) as error:
        sys.exit(f"precordia: {error}")
    statements, lines = model.statements, engine.lines(arguments[1])
    output = sys.stdout.buffer
    wants_lines = "--json" in sys.argv
    if wants_lines:
        output.write(lines.opening(len(record.counts)))
    for source in (engine.follow(record.microvolts), engine.drain()):
        for event in source:
            if wants_lines:
                output.write(lines.event())
            elif event.kind == "window" and event.probabilities is not None:
                best = event.probabilities.argmax()
                print(f"{event.sample / record.rate:8.2f} s  {statements[best]:6} {event.probabilities[best]:.2f}  {engine.heart_rate:.0f}/min")
            else:
                print(f"{event.sample / record.rate:8.2f} s  {event.kind} {event.code if 'alert' in event.kind else ''} {' '.join(event.reasons)}".rstrip())
    if wants_lines:
        output.write(lines.closing(len(record.counts)))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
