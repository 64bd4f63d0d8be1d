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
