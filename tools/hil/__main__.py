"""Hardware in the loop, in software: a board in C on the kernel's USB stack under qemu, read by the real program, judged against the replay.

    tools/hil/run                  all scenarios on x86_64 and aarch64; prints the tables and writes them into docs/hil.md
    tools/hil/run --short          the scenarios that matter most, on this processor, and no writing: about a minute
    tools/hil/run --only NAME ...  some of them, and no writing; --machine aarch64 or x86_64 for the other processor
    tools/hil/run --self-test      feed the judgement faults, each of which must be found

PRECORDIA names the precordia program of this machine; .build-tests/release/precordia if unset. What a guest brought home stays in
.build-hil/results-MACHINE and -counted. Exit status 77: this machine lacks what it says. Standard library only.
"""
import argparse
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from precordia_tools import marked, places

from . import exam, guest, judge, selftest
from .scenarios import SCENARIOS

PRECORDIA = places.checked_program()
PAGE = guest.TOP / "docs/hil.md"
NAME, SECONDS = "exam", 30


def run(command, **options):
    """The command's standard output, bytes."""
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, **options).stdout


class Exam:
    """A simulated exam, what the replay says of it, and the same as the gadget plays it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        run([PRECORDIA, "simulate", "--rhythm", "demo", "--seconds", SECONDS, "-o", NAME], cwd=folder)
        self.stream = run([PRECORDIA, "simulate", "--record", NAME, "--transport", "stdout"], cwd=folder)
        self.replay = run([PRECORDIA, "replay", NAME, "--json"], cwd=folder)
        self.samples = exam.of_stream(self.stream)
        # One block in another session, for the self-test.
        self.after = run([PRECORDIA, "simulate", "--seconds", "0.02", "--seed", "2", "--transport", "stdout"])

    def offline(self, stream):
        """What the program says of a stream that lies in a file."""
        (self.folder / "stream").write_bytes(stream)
        done = subprocess.run([PRECORDIA, "monitor", "--json", "--name", NAME, "--source", "file:stream"], cwd=self.folder, capture_output=True)
        return done.stdout


def add_host(image, machine):
    """The program under test: the full one on this machine's processor, the one for small boards on others."""
    if machine == platform.machine():
        image.add_program(Path(PRECORDIA))
        image.write("lib/program", f"precordia monitor --json --any-pace --name {NAME} --source usb\n")
    else:
        image.add_edge()
        image.write("lib/program", f"precordia-edge --any-pace --model /share/model --name {NAME} usb\n")


def tried(machine, played, scenarios, counted):
    """Runs the scenarios in one guest, whose time counts its instructions or is this machine's, and judges each."""
    image = guest.Image(machine)
    image.write("exam", played.samples)
    add_host(image, machine)
    for number, scenario in enumerate(scenarios):
        words = {name: getattr(scenario, name) for name in ("name", "options", "watchdog", "streams", "sign")}
        image.write(f"scenarios/{number:02}", "".join(f'{name}="{value}"\n' for name, value in words.items()))
    results = guest.OUTPUT / f"results-{machine}{'-counted' if counted else ''}"
    longest = 120 + sum(scenario.watchdog + 10 for scenario in scenarios)
    console, seconds = guest.boot(machine, image.pack(), results, longest, counted)
    if "hil: done" not in console:
        print(f"{console}\n{machine}: the guest did not come to its end within {longest} s; {results} has what it left")
    print(f"{machine}: {len(scenarios)} scenarios in {seconds:.0f} s, boot and power-off included")
    return [judge.Verdict(scenario, results / scenario.name, played.replay, played.offline) for scenario in scenarios]


def table(verdicts):
    yield "| scenario | injected | counted by the host | equal | events | seconds | growth, KiB |"
    yield "|---|---|---|---|---|---|---|"
    for row in verdicts:
        equal = "no, as planted" if row.scenario.planted and row.passed else "yes" if row.passed else "**NO**"
        figures = ["" if figure is None else f"{figure:.0f}" for figure in (row.seconds, row.growth)]
        yield f"| {' | '.join([f'**{row.scenario.name}**: {row.scenario.what}', row.injected, row.counted, equal, row.alerts, *figures])} |"


def judged(machine, played, scenarios):
    """Runs, prints and judges; the table's lines, and whether all is right."""
    verdicts = []
    for counted in (False, True):
        group = [scenario for scenario in scenarios if (scenario.drift is not None) == counted]
        verdicts += tried(machine, played, group, counted) if group else []
    lines = list(table(verdicts))
    print("\n".join(lines))
    for row in verdicts:
        if not row.passed:
            print(f"{machine}, {row.scenario.name}: {'; '.join(row.faults) or 'the planted fault was not found'}")
    return lines, all(row.passed for row in verdicts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[scenario.name for scenario in SCENARIOS])
    parser.add_argument("--machine", choices=list(guest.MACHINES))
    parser.add_argument("--self-test", action="store_true")
    chosen = parser.parse_args()
    if not Path(PRECORDIA).exists():
        sys.exit(f"{PRECORDIA}: there is no such program; make test-build makes it, or PRECORDIA names another")
    part = chosen.short or chosen.only
    machines = [chosen.machine] if chosen.machine else [platform.machine()] if part else list(guest.MACHINES)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        played = Exam(folder)
        if chosen.self_test:
            return selftest.run(played)
        try:
            for machine in machines:
                scenarios = [row for row in SCENARIOS if (row.short or not chosen.short) and row.name in (chosen.only or [row.name])]
                lines, right = judged(machine, played, [row for row in scenarios if machine == platform.machine() or row.edge])
                good = good and right
                if not part:
                    marked.write(PAGE, {f"hil.{machine}": lines})
        except guest.Missing as missing:
            print(f"hardware in the loop needs what is not here: {missing}")
            return 77
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
