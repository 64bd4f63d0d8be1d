# Runs the package's tests of formats and its types, and holds docs/formats.md's tables against what is read. Started by tools/formats.
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from precordia_tools import marked
from precordia_tools.places import TOP

PAGE = TOP / "docs/formats.md"
TESTS = TOP / "python/tests/formats"


def tests():
    """Every test of the folder; how many ran is said, none is a failure."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", "unittest", "discover", "-s", TESTS, "-t", TESTS], capture_output=True, text=True, check=False)
    ran = re.search(r"Ran ([1-9]\d*) tests", done.stderr)
    if done.returncode or ran is None:
        sys.exit(f"{done.stdout}{done.stderr}")
    skipped = re.search(r"skipped=\d+", done.stderr)
    print(f"{ran[1]} tests" + (f", {skipped[0]}" if skipped else ""))


def types():
    """mypy --strict, by the package's own settings, of what reads and writes formats."""
    cache = TOP / ".build-formats/mypy"
    done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", cache, "--follow-imports", "silent", "precordia/formats"], cwd=TOP / "python", capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    print(f"mypy --strict: {done.stdout.strip()}")


def program(precordia):
    """The command on files of other formats: the rows of the WFDB records that they become, and the line that installs the converter where it is not there."""
    sys.path.insert(0, str(TESTS))
    import made
    import numpy as np
    from precordia import read

    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        files = made.all_files(folder)
        converter = folder / "precordia-convert"
        converter.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W ignore -m precordia.formats.convert "$@"\n')
        converter.chmod(0o755)
        beside = folder / "record.edf"
        beside.write_bytes(files["exam.edf"].read_bytes())
        inputs = [files["exam.dcm"], files["exam.scp"], beside, files["two.zip"], folder / "record"]
        said = _classified(precordia, inputs, converter)
        if [row.split(",")[0] for row in said] != [str(inputs[0]), str(inputs[1]), str(beside), f"{inputs[3]}!ward/exam.scp", f"{inputs[3]}!ward/record.hea", str(inputs[4])]:
            sys.exit("classify: other rows than files:\n" + "\n".join(said))
        # DICOM, SCP-ECG and WFDB hold the same samples at 2.5 uV, EDF at 1 uV.
        answers = [row.split(",", 1)[1] for row in said]
        if not answers[0] == answers[1] == answers[3] == answers[4] == answers[5] or answers[2] == answers[0]:
            sys.exit("classify: the same samples in several formats have other answers, or a file was answered from the header beside it:\n" + "\n".join(said))
        absent = subprocess.run([precordia, "classify", files["exam.dcm"]], env=os.environ | {"PRECORDIA_CONVERT": "/nowhere/precordia-convert"}, capture_output=True, text=True, check=False)
        if absent.returncode != 1 or "pip install 'precordia[formats]' installs it" not in absent.stderr:
            sys.exit(f"classify without the converter: status {absent.returncode}\n{absent.stderr}")
        left = [place.name for place in folder.glob("precordia-??????")]
        if left:
            sys.exit(f"classify: left {left}")
        table = folder / "exported.csv"
        table.write_text(subprocess.run([precordia, "export", files["exam.dcm"]], env=os.environ | {"PRECORDIA_CONVERT": str(converter)}, capture_output=True, text=True, check=True).stdout)
        if not np.array_equal(read(table).microvolts, read(files["exam.dcm"]).microvolts):
            sys.exit("export: other samples than precordia.read")
    print("precordia classify and export: the same answers and samples from DICOM, SCP-ECG, zip and WFDB")


def _classified(precordia, inputs, converter):
    surroundings = os.environ | {"PRECORDIA_CONVERT": str(converter), "TMPDIR": str(converter.parent)}
    done = subprocess.run([precordia, "classify", *inputs], env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"classify: status {done.returncode}\n{done.stderr}")
    return done.stdout.splitlines()[1:]


def data():
    """The set `formats`, None where there are no recordings."""
    packed = os.environ.get("PRECORDIA_DATA") or subprocess.run([TOP / "tools/data"], capture_output=True, text=True, check=True).stdout.strip()
    return Path(packed) / "formats" if packed and (Path(packed) / "formats").is_dir() else None


def tables(real):
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, str(TESTS))
        import made

        from . import matrix

        files = made.all_files(Path(folder))
        return matrix.tables(real, files)


def check(found, text):
    """What the page says and what is read, line by line."""
    faults = []
    for place in marked.places(text, PAGE.name):
        if place.kind == "table" and place.name in found:
            said = [line for line in text[place.begin:place.end].strip("\n").split("\n")]
            faults += [f"{place.name}: docs/formats.md says {line!r}" for line in said if line not in found[place.name]]
            faults += [f"{place.name}: docs/formats.md does not say {line!r}" for line in found[place.name] if line not in said]
    return faults


def self_test():
    """A line that is gone, new or other is found; a page that is right is not faulted."""
    page = "<!-- table:formats.files -->\n| a |\n| b |\n<!-- end -->\n"
    assert check({"formats.files": ["| a |", "| b |"]}, page) == []
    assert len(check({"formats.files": ["| a |", "| c |"]}, page)) == 2
    print("tools/formats: a table that is not what is read is found")


def main():
    words = sys.argv[1:]
    if words == ["--self-test"]:
        self_test()
        return 0
    if words not in ([], ["--write"]):
        print("usage: tools/formats [--write | --self-test | --python ARGUMENTS]", file=sys.stderr)
        return 2
    if words != ["--write"]:
        tests()
        types()
        if "PRECORDIA" in os.environ:
            program(os.environ["PRECORDIA"])
    real = data()
    if real is None:
        print("no real recordings: docs/formats.md is not checked")
        return 1 if words else 0
    found = tables(real)
    if words:
        marked.write(PAGE, found)
        print(f"docs/formats.md: {len(found)} tables written")
        return 0
    faults = check(found, PAGE.read_text(encoding="utf-8"))
    print("\n".join(faults[:20]) or f"docs/formats.md: {sum(map(len, found.values()))} lines are what is read")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
