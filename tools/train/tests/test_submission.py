# The submission for CODE-II-test, from rows as `precordia classify --labels classes` prints them.
# Separate from the readers' tests: no recording takes part.
import argparse
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import numpy as np

from precordia_train import submission
from precordia_train.datasets import DatasetError

CLASSES = ["NORMAL", "AF", "MAT"]
ROWS = """record,windows,quality,NORMAL,AF,MAT
w/5_1,1,good,0.100000,0.800000,
w/5_2.hea,1,good,0.300000,0.600000,
/w/6,2,noise,0.900000,0.050000,
"""
TRACINGS = "tracing,exam_id\n6,6\n5_1,5\n5_2,5\n"


class SubmissionTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def made(self, rows=ROWS, tracings=TRACINGS, **options):
        (self.root / "rows.csv").write_text(rows)
        (self.root / "tracings.csv").write_text(tracings)
        return submission.submission(self.root / "rows.csv", self.root / "tracings.csv", CLASSES, **options)

    def test_tracings_of_an_exam_are_averaged_in_the_order_of_the_table(self):
        found = self.made()
        self.assertEqual(found.exams, ["6", "5"])
        np.testing.assert_allclose(found.probabilities, [[0.9, 0.05, 0], [0.2, 0.7, 0]])
        self.assertEqual((found.not_covered, found.missing, found.filled), (["MAT"], [], []))
        submission.write(found, self.root / "out.csv")
        self.assertEqual(
            (self.root / "out.csv").read_text(), "exam_id,NORMAL,AF,MAT\n6,0.900000,0.050000,0.000000\n5,0.200000,0.700000,0.000000\n"
        )

    def test_a_class_without_a_column_is_not_covered(self):
        rows = "\n".join(line.rpartition(",")[0] for line in ROWS.strip().split("\n")) + "\n"
        self.assertEqual(self.made(rows).not_covered, ["MAT"])

    def test_a_missing_tracing_is_an_error_unless_allowed(self):
        rows = ROWS.replace("w/5_2.hea,1,good,0.300000,0.600000,", 'w/5_2.hea,0,"error: cannot be read",,,')
        with self.assertRaisesRegex(DatasetError, "no answer for 5_2; --allow-missing"):
            self.made(rows)
        found = self.made(rows, allow_missing=True)
        np.testing.assert_allclose(found.probabilities, [[0.9, 0.05, 0], [0.1, 0.8, 0]])
        self.assertEqual((found.missing, found.filled), (["5_2"], []))

    def test_an_exam_without_any_answer_has_the_mean_of_the_others(self):
        found = self.made(tracings=TRACINGS + "7,7\n", allow_missing=True)
        np.testing.assert_allclose(found.probabilities[2], [0.55, 0.375, 0])
        self.assertEqual((found.exams[2], found.filled), ("7", ["7"]))

    def test_faults_are_named(self):
        for rows, tracings, words in (
            (ROWS.replace("0.800000", "1.5"), TRACINGS, "5_1, AF is '1.5'; a probability from 0 to 1"),
            (ROWS.replace("0.800000", "x"), TRACINGS, "5_1, AF is 'x'"),
            (ROWS.replace("MAT", "STTC"), TRACINGS, "STTC: none of the 3 classes; was it written with --labels classes"),
            (ROWS + "6,1,good,0.1,0.1,\n", TRACINGS, "rows.csv: two rows of 6"),
            (ROWS, TRACINGS + "6,9\n", "tracings.csv: two rows of 6"),
            (ROWS, "tracing,exam_id\n6,6\n", "rows.csv: 5_1 and 1 more, of no exam in"),
            (ROWS.replace("0.800000", ""), TRACINGS, "AF is answered in some rows and empty in others"),
            (ROWS.replace("record", "name"), TRACINGS, "rows.csv: no column record"),
            (ROWS, TRACINGS.replace("exam_id", "exam"), "tracings.csv: no column exam_id; there are tracing, exam"),
            ("record,windows,quality,AF\n6,0,error,\n", TRACINGS, "no row has an answer"),
        ):
            with self.assertRaisesRegex(DatasetError, words):
                self.made(rows, tracings)

    def test_the_command_writes_and_warns(self):
        self.made()
        (self.root / "classes.csv").write_text("index,label\n1,NORMAL\n2,AF\n3,MAT\n")
        parser = argparse.ArgumentParser()
        submission.add_parser(parser.add_subparsers())
        names = ("rows.csv", "--tracings", "tracings.csv", "--classes", "classes.csv", "-o", "out.csv")
        options = parser.parse_args(["submission", *(name if name.startswith("-") else str(self.root / name) for name in names)])
        out, warnings = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(warnings):
            self.assertEqual(options.function(options), 0)
        self.assertIn("2 exams, 3 classes", out.getvalue())
        self.assertEqual(warnings.getvalue(), "warning: 1 classes not covered, 0 in every row: MAT\n")
