"""Plays a recorded exam through the engine and prints each alert with the time at which it came: python3 replay.py MODEL RECORD"""
import sys

import precordia


def alerts(model_path: str, record_path: str):
    """Time in seconds, what happened, the condition's code and the reasons, in the order of the exam."""
    model, record = precordia.Model(model_path), precordia.read_record(record_path)
    engine = precordia.Engine(model, record.rate, record.leads, microvolts_per_count=record.microvolts_per_count, baseline=record.baseline)
    for source in (engine.follow(record.microvolts), engine.drain()):
        for event in source:
            if event.kind.startswith("alert"):
                yield event.sample / record.rate, event.kind, event.code, event.reasons


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        for time, kind, code, reasons in alerts(*sys.argv[1:]):
            print(f"{time:8.2f} s  {kind}  {code}  {' '.join(reasons)}".rstrip())
    except (precordia.PrecordiaError, OSError, ValueError) as error:
        sys.exit(f"replay.py: {error}")
