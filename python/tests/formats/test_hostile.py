"""Files that are cut, damaged or lie about their size end with a recording or a FormatError, in bounded time and memory. A child process plays them, under limits."""
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import made

#: How many times as many damaged files as `make test` reads: PRECORDIA_FUZZ=20 for a night.
TIMES = int(os.environ.get("PRECORDIA_FUZZ", "1"))

#: What the child does: reads every file of the folder that it is given, and says which broke the promise.
CHILD = """
import faulthandler, resource, signal, sys, warnings
from pathlib import Path
faulthandler.enable()
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from precordia import FormatError, read_all
read = recordings = 0
def ring(*_):
    raise SystemExit(f"hangs: {path}")
# Processor time: a machine that is busy with other things hangs nobody.
signal.signal(signal.SIGPROF, ring)
for path in sorted(Path(sys.argv[1]).iterdir()):
    if path.suffix == ".dat":
        continue
    signal.setitimer(signal.ITIMER_PROF, 20)
    try:
        for one in read_all(path, rate=500 if path.suffix in (".npy", ".mat") else None, unit="uV" if path.suffix in (".npy", ".mat") else None):
            if isinstance(one, FormatError):
                assert "\\n" not in str(one) and len(str(one)) < 2000, one
            else:
                recordings += 1
                one.microvolts
    except BaseException as error:
        raise SystemExit(f"{path}: {type(error).__name__}: {error}")
    signal.setitimer(signal.ITIMER_PROF, 0)
    read += 1
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
assert peak < 1500, f"{peak} MB"
print(read, recordings)
"""


OUTSIDE = Path(tempfile.gettempdir()) / "precordia-up.csv"
DEADLY = (".h5", ".hdf5", ".mat")


class Hostile(made.Files):
    def play(self, cases):
        """Reads files of these contents (by name) in a child and returns how many it read and how many recordings they gave."""
        # The libraries of HDF5 and of MATLAB 5 themselves may die of a damaged file: those go through the converter, which reads in a child and says so.
        self.convert({name: content for name, content in cases.items() if name.endswith(DEADLY)})
        cases = {name: content for name, content in cases.items() if not name.endswith(DEADLY)}
        with tempfile.TemporaryDirectory() as folder:
            for name, content in cases.items():
                (Path(folder) / name).write_bytes(content)
            done = subprocess.run([sys.executable, "-c", CHILD, folder], capture_output=True, text=True, timeout=900 * TIMES, check=False)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[:3000])
        read, recordings = map(int, done.stdout.split())
        self.assertEqual(read, sum(not name.endswith(".dat") for name in cases))
        return read, recordings

    def convert(self, cases):
        """The converter ends with 0 or 1 and says something of every file."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in cases.items():
                (Path(folder) / name).write_bytes(content)
            paths = [str(Path(folder) / name) for name in cases]
            command = [sys.executable, "-W", "ignore", "-m", "precordia.formats.convert", *paths, "--to", "wfdb", "-o", folder + "/out", "--numbered", "--timeout", "120", "--memory", "4", "--rate", "500", "--unit", "uV"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=900 * TIMES, check=False) if cases else None
        if done is not None:
            self.assertIn(done.returncode, (0, 1), done.stderr[-2000:])
            self.assertEqual({line.split("\t")[1].split("!")[0] for line in done.stdout.splitlines()}, set(paths), done.stderr[-2000:])

    def damaged(self, damage, each):
        """`each` damaged files of every format; the record's header with its signal file beside it."""
        cases = {}
        generator = random.Random(7 + TIMES)
        for name, path in self.files.items():
            content = path.read_bytes()
            for number in range(each * TIMES):
                stem = f"{Path(name).name.split('.')[0]}{number}"
                whole = damage(generator, content, number)
                if name == "record.hea":
                    whole = whole.replace(b"record.dat", stem.encode() + b".dat")
                    cases[stem + ".dat"] = path.with_suffix(".dat").read_bytes()
                cases[stem + name[len(Path(name).name.split('.')[0]):]] = whole
        return cases

    def test_whole_files_are_read(self):
        self.assertGreaterEqual(self.play(self.damaged(lambda generator, content, number: content, 1))[1], len(self.files) - 4)

    def test_truncated_files(self):
        cut = [0, 1, 7, 16, 31, 64, 127, 130, 200, 255, 256, 400, 522, 600, 1024]
        self.play(self.damaged(lambda generator, content, number: content[: cut[number] if number < len(cut) else generator.randrange(len(content))], 18))

    def test_flipped_bytes_in_the_header(self):
        def flip(generator, content, number):
            damaged = bytearray(content)
            for _ in range(generator.choice((1, 1, 2, 8))):
                damaged[generator.randrange(min(len(damaged), 2000))] = generator.randrange(256)
            return bytes(damaged)

        self.play(self.damaged(flip, 25))

    def test_huge_counts(self):
        def grow(generator, content, number):
            damaged = bytearray(content)
            place = generator.randrange(min(len(damaged), 1200))
            digits = [index for index in range(min(len(damaged), 3000)) if 48 <= damaged[index] <= 57]
            if number % 2 and digits:
                place = generator.choice(digits)
                damaged[place:place + 1] = b"9" * generator.choice((1, 4, 9, 19))
            else:
                damaged[place:place + 4] = generator.choice((b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80", b"\0\0\0\x40"))
            return bytes(damaged)

        self.play(self.damaged(grow, 20))

    def test_xml_that_grows_when_it_is_read_is_refused(self):
        bomb = ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY a{index} "{f"&a{index - 1 if index else str()};" * 10}">' for index in range(1, 9))
                + "]><{0}>&a8;</{0}>")
        cases = {f"bomb{index}.xml": bomb.replace("{0}", root).encode() for index, root in enumerate(
            ("AnnotatedECG", "RestingECG", "restingecgdata", "com.xiriuz.sema.xml.schillerEDI.SchillerEDI"))}
        self.assertEqual(self.play(cases), (4, 0))

    def test_archives_that_grow_or_name_places_outside_are_refused(self):
        import io
        import tarfile
        import zipfile

        cases = {}
        for name, member, content in (("big.zip", "a.csv", b"0" * (260 << 20)), ("up.zip", "../../up.csv", b"I [uV]\n1\n"), ("root.zip", str(OUTSIDE), b"I [uV]\n1\n")):
            held = io.BytesIO()
            with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.writestr(member, content)
            cases[name] = held.getvalue()
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w") as archive:
            one = tarfile.TarInfo("link.csv")
            one.type, one.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(one)
        cases["link.tar"] = held.getvalue()
        self.assertEqual(self.play(cases), (4, 0))
        self.assertFalse(OUTSIDE.exists())


if __name__ == "__main__":
    unittest.main()
