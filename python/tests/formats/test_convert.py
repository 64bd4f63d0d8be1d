"""precordia-convert as a person runs it: names, exit status, lists, what dies."""
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import made
import numpy as np

from precordia import read


def run(*words, **more):
    command = [sys.executable, "-W", "ignore", "-m", "precordia.formats.convert", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, **more)


class Convert(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.held = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.held.name)
        (cls.folder / "in/ward").mkdir(parents=True)
        made.scp(cls.folder / "in/ward/a.scp", made.counts())
        made.schiller(cls.folder / "in/a.xml", made.counts())
        made.wfdb16(cls.folder / "in/r", made.counts())
        (cls.folder / "in/broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"none")
        (cls.folder / "in/notes.bin").write_bytes(b"\1\0\2")
        made.hdf5(cls.folder / "exams_part1.hdf5", made.counts())

    @classmethod
    def tearDownClass(cls):
        cls.held.cleanup()

    def out(self):
        folder = tempfile.mkdtemp(dir=self.folder)
        return Path(folder) / "out"

    def test_a_folder_is_converted_as_it_lies_and_each_error_is_told(self):
        out = self.out()
        done = run(self.folder / "in", "--to", "csv", "-o", out)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(sorted(str(place.relative_to(out)) for place in out.rglob("*.csv")), ["a.csv", "r.csv", "ward/a.csv"])
        self.assertIn("broken.dcm: DICOM", done.stderr)
        self.assertIn("1 files of no format that is read are left out", done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 3)
        np.testing.assert_array_equal(read(out / "ward/a.csv").microvolts, made.counts() * 2.5)

    def test_what_is_there_is_replaced_only_when_asked(self):
        out = self.out()
        self.assertEqual(run(self.folder / "in/a.xml", "--to", "wfdb", "-o", out).returncode, 0)
        done = run(self.folder / "in/a.xml", "--to", "wfdb", "-o", out)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is there already; --force replaces it", done.stderr)
        self.assertEqual(run(self.folder / "in/a.xml", "--to", "wfdb", "-o", out, "--force").returncode, 0)

    def test_two_inputs_of_one_name_become_two_files(self):
        out = self.out()
        run(self.folder / "in/ward/a.scp", self.folder / "in/a.xml", "--to", "wfdb", "-o", out)
        self.assertEqual(sorted(place.name for place in out.glob("*.hea")), ["a-2.hea", "a.hea"])

    def test_numbered_says_a_line_a_recording_in_order(self):
        done = run(self.folder / "in/a.xml", self.folder / "in/broken.dcm", self.folder / "exams_part1.hdf5", "--to", "wfdb", "-o", self.out(), "--numbered")
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        self.assertEqual([line[0] for line in lines], ["0", "-", "1", "2"])
        self.assertTrue(lines[2][1].endswith("exams_part1.hdf5!11"))
        self.assertIn("DICOM", lines[1][2])

    def test_lists_are_relative_to_themselves(self):
        (self.folder / "list").write_text("# those\nin/a.xml\nin/ward # all\n")
        self.assertEqual(run(f"@{self.folder / 'list'}", "--to", "wfdb", "-o", self.out()).returncode, 0)
        self.assertEqual(run("@-", "--to", "wfdb", "-o", self.out(), input=str(self.folder / "in/a.xml")).returncode, 0)
        self.assertEqual(run("@/nowhere", "--to", "wfdb", "-o", self.out()).returncode, 1)

    def test_a_wrong_command_line_is_64(self):
        for words in (["x"], ["x", "--to", "gif"], ["x", "--to", "csv", "--start", "noon"], ["x", "--to", "csv", "--rate", "nan"]):
            self.assertEqual(run(*words).returncode, 64, words)

    def test_a_start_is_added_and_told_where_a_format_needs_one(self):
        out = self.out()
        self.assertIn("DICOM needs a start", run(self.folder / "in/r.hea", "--to", "dicom", "-o", out).stderr)
        self.assertIn("the start is the one that --start gives", run(self.folder / "in/r.hea", "--to", "dicom", "-o", out, "--start", "2026-11-30T12:00").stderr)

    def test_an_input_that_kills_the_library_is_told_and_the_next_is_done(self):
        program = ("import os, signal, sys\nfrom precordia.formats import convert\nreal = convert.read_all\n"
                   "def read_all(path, **said):\n    if path.endswith('.dcm'):\n        os.kill(os.getpid(), signal.SIGSEGV)\n    return real(path, **said)\n"
                   "convert.read_all = read_all\nsys.exit(convert.main(sys.argv[1:]))\n")
        out = self.out()
        words = [self.folder / "in/ward/a.scp", self.folder / "in/broken.dcm", self.folder / "in/a.xml", "--to", "wfdb", "-o", out]
        done = subprocess.run([sys.executable, "-c", program, *map(str, words)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("broken.dcm: the library that reads it died (signal 11)", done.stderr)
        self.assertEqual(sorted(place.name for place in out.glob("*.hea")), ["a-2.hea", "a.hea"])

    def test_an_input_that_takes_too_long_is_told(self):
        done = run(self.folder / "in/a.xml", "--to", "wfdb", "-o", self.out(), "--timeout", "0.000001")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not read within 1e-06 s; --timeout gives it more", done.stderr)

    def test_a_pipe_that_is_closed_early_is_no_error(self):
        with contextlib.closing(io.StringIO()):
            command = f"{sys.executable} -W ignore -m precordia.formats.convert {self.folder / 'in/a.xml'} --to wfdb -o {self.out()} | true"
            done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=os.environ, check=False)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
