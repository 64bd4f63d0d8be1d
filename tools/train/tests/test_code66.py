# The table of sources against tiny tables whose every label can be worked out by hand, and the shipped table against its own rules.
# Separate from the model's tests: nothing here needs torch.
import os
import tempfile
import unittest
from pathlib import Path

import numpy as np

from precordia_train import code66

HEAD = "class,source,code,role,reason\n"
TABLE = """index,group,label,statement,status
1,Normal,NORMAL,within normal limits,confirmed
2,Rhythm,AF,atrial fibrillation,confirmed
3,Rhythm,JR,junctional rhythm,provisional
4,Technical,TECH-ART,artefact,provisional
5,Chamber,BAE,biatrial enlargement,provisional
6,Misc,BRU,Brugada pattern,provisional
"""
SOURCES = (
    HEAD
    + """NORMAL,ptbxl,NORM,positive,x
AF,ptbxl,AFIB,positive,x
JR,12sl,JUNCT-R,positive,x
JR,12sl,ACCEL JUNCT-R,exclude,x
JR,ptbxl,SR,exclude,x
TECH-ART,ptbxl-column,static_noise~STARK,positive,x
TECH-ART,ptbxl-column,stage=Stadium I,positive,x
TECH-ART,ptbxl-column,electrodes_problems,positive,x
BAE,ptbxl,LAE RAE,positive,x
BRU,none,,unused,x
"""
)
STATEMENTS = ",description,diagnostic\n" + "".join(f"{code},x,1.0\n" for code in ("NORM", "AFIB", "SR", "LAE", "RAE"))
CODES = "StatementNumber,Acronym,FullText\n1,JUNCT-R,x\n2,ACCEL,x\n3,SRTH,x\n"

#: scp_codes, static_noise, stage, electrodes_problems, 12SL's sentences; the classes that come out of it.
RECORDS = [
    ({"NORM": 100.0, "SR": 0.0}, "", "", "", ["SRTH"], {"NORMAL"}),
    ({"NORM": 80.0, "AFIB": 0.0}, "", "", "", ["SRTH"], {"AF"}),
    ({"NORM": 15.0, "AFIB": 35.0}, "", "", "", ["SRTH"], set()),
    ({"NORM": 100.0}, "", "", "", ["JUNCT-R"], {"NORMAL"}),
    ({}, "", "", "", ["JUNCT-R", "ACCEL"], {"JR"}),
    ({}, "", "", "", ["ACCEL;JUNCT-R"], set()),
    ({"SR": 0.0}, "", "", "", ["JUNCT-R"], set()),
    ({"NORM": 100.0}, " , stark, I-AVF,", "", "", ["SRTH"], {"TECH-ART"}),
    ({}, "starke", "Stadium II", "", ["SRTH"], set()),
    ({}, "", "Stadium I", "", ["SRTH"], {"TECH-ART"}),
    ({}, "", "", "V6", ["SRTH"], {"TECH-ART"}),
    ({"LAE": 50.0, "RAE": 50.0}, "", "", "", ["SRTH"], {"BAE"}),
    ({"LAE": 100.0}, "", "", "", ["SRTH"], set()),
]


def quoted(value) -> str:
    return '"' + str(value) + '"'


class Code66Tests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.table, self.sources = self.root / "code66.csv", self.root / "sources.csv"
        self.write(TABLE, SOURCES)
        self.database(1)

    def write(self, table: str, sources: str) -> None:
        self.table.write_text(table)
        self.sources.write_text(sources)

    def database(self, copies: int) -> None:
        """The records `copies` times in folds 1 and 9; 12SL's file in the opposite order."""
        rows = [(fold, record) for fold in (1, 9) for _ in range(copies) for record in RECORDS]
        (self.root / "scp_statements.csv").write_text(STATEMENTS)
        (self.root / "12slv23ToSNOMED.csv").write_text(CODES, encoding="utf-8-sig")
        (self.root / "ptbxl_database.csv").write_text(
            "ecg_id,scp_codes,static_noise,stage,electrodes_problems,strat_fold,filename_hr\n"
            + "".join(
                f"{number},{quoted(r[0])},{quoted(r[1])},{r[2]},{r[3]},{fold},r/{number}\n" for number, (fold, r) in enumerate(rows, 1)
            )
        )
        (self.root / "12sl_statements.csv").write_text(
            "ecg_id,statements_cat\n" + "".join(f"{number},{quoted(r[4])}\n" for number, (_, r) in reversed(list(enumerate(rows, 1))))
        )

    def targets(self) -> code66.Targets:
        return code66.targets(self.root, path66=self.table, path_sources=self.sources)

    def refused(self, row: str) -> str:
        self.write(TABLE, SOURCES + row + "\n")
        with self.assertRaises(ValueError) as caught:
            self.targets()
        return str(caught.exception)

    def test_each_record_gets_the_classes_worked_out_by_hand(self):
        codes = code66.classes(self.table, self.sources)
        labels = code66.labelled(codes, code66.Statements(self.root))
        for record, row in zip(RECORDS, labels):
            self.assertEqual({code.name for code, one in zip(codes, row) if one}, record[5], record)

    def test_normal_excludes_every_other_class(self):
        self.database(20)
        found = self.targets()
        normal = found.labels[:, found.names.index("NORMAL")] == 1
        self.assertTrue(normal.any())
        self.assertEqual(found.labels[normal].sum(), normal.sum())

    def test_evidence_says_human_machine_and_why_a_class_is_not_covered(self):
        self.database(10)
        found = self.targets()
        self.assertEqual(list(found.evidence), [1, 1, 0, 1, 1, 0])
        self.assertEqual(found.reasons, ["", "", "too few: 10 in folds 1-8, 10 in fold 9", "", "", "no source"])
        self.assertEqual(found.labels[:, 2].sum(), 0)
        self.database(20)
        self.assertEqual(list(self.targets().evidence), [1, 1, 2, 1, 1, 0])

    def test_a_class_without_a_positive_in_fold_9_is_not_covered(self):
        self.database(20)
        path = self.root / "ptbxl_database.csv"
        path.write_text(path.read_text().replace(",9,r/", ",8,r/"))
        self.assertEqual(self.targets().reasons[0], "too few: 80 in folds 1-8, 0 in fold 9")

    def test_without_12sl_its_classes_are_not_covered_and_say_so(self):
        self.database(20)
        (self.root / "12sl_statements.csv").unlink()
        found = self.targets()
        self.assertEqual(list(found.evidence), [1, 1, 0, 1, 1, 0])
        self.assertEqual(found.reasons[2], "12sl_statements.csv is not there")

    def test_a_record_that_12sl_lacks_is_an_error(self):
        path = self.root / "12sl_statements.csv"
        path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith("3,")))
        with self.assertRaisesRegex(ValueError, "1 of 26 records are not there, the first is ecg_id 3"):
            self.targets()

    def test_a_typo_is_an_error_that_names_line_and_column(self):
        for row, column, value in (
            ("AFF,ptbxl,AFIB,positive,x", "class", "AFF"),
            ("AF,ptbx,AFIB,positive,x", "source", "ptbx"),
            ("AF,ptbxl,AFIB,positiv,x", "role", "positiv"),
            ("AF,ptbxl,AFLUT,unused,x", "code", "AFLUT"),
            ("AF,12sl,AFIB,compare,x", "code", "AFIB"),
            ("AF,ptbxl-column,noise~STARK,unused,x", "code", "noise"),
            ("AF,ptbxl-column,-,unused,x", "code", "-"),
        ):
            message = self.refused(row)
            self.assertIn(f"line 12, column {column}: ", message)
            self.assertIn(value, message)

    def test_a_row_twice_without_reason_or_without_code_is_an_error(self):
        self.assertIn("is there twice", self.refused("AF,ptbxl,AFIB,unused,x"))
        self.assertIn("expected a reason", self.refused("AF,ptbxl,SR,unused,"))
        self.assertIn("expected a reason", self.refused("AF,ptbxl,,unused,x"))

    def test_human_labels_go_first_and_alone(self):
        self.assertIn("AF: positive rows of 12sl beside others", self.refused("AF,12sl,ACCEL,positive,x"))

    def test_a_class_without_a_row_is_an_error(self):
        self.write(TABLE, SOURCES.replace("BRU,none,,unused,x\n", ""))
        with self.assertRaisesRegex(ValueError, "BRU has no row"):
            self.targets()

    def test_kappa_sensitivity_and_ppv_of_a_worked_example(self):
        human, machine = np.array([1, 1, 1, 0, 0, 0, 0, 0], bool), np.array([1, 1, 0, 1, 0, 0, 0, 0], bool)
        kappa, sensitivity, ppv = code66.agreement(human, machine)
        self.assertAlmostEqual(kappa, (0.75 - 34 / 64) / (1 - 34 / 64))
        self.assertEqual((sensitivity, ppv), (2 / 3, 2 / 3))

    def test_the_shipped_table_keeps_its_own_rules(self):
        self.assertEqual(len(code66.classes()), 66)

    @unittest.skipUnless(os.environ.get("PRECORDIA_DATA"), "PRECORDIA_DATA is not set")
    def test_every_code_of_the_shipped_table_is_one_of_the_real_files(self):
        found = code66.targets(Path(os.environ["PRECORDIA_DATA"]) / "ptbxl")
        normal = found.labels[:, found.names.index(code66.NORMAL)] == 1
        self.assertEqual(found.labels.shape, (21799, 66))
        self.assertEqual(found.labels[normal].sum(), normal.sum())
        self.assertTrue((found.labels.any(0) == (found.evidence > 0)).all())


if __name__ == "__main__":
    unittest.main()
