# Each reader on a tiny set of its layout that the test writes, and each fault that it has to name.
# Separate from the other tests because these need files; those in HDF5 need h5py and are skipped without it.
import csv
import os
import tempfile
import unittest
from pathlib import Path

import numpy as np

from precordia_train import preprocess
from precordia_train.datasets import LEADS, DatasetError, checks, exam, layout, open_dataset, snomed, summary, wfdb16

try:
    import h5py
except ImportError:
    h5py = None

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
TOP = CONFIGS.parents[2]


def ecg(seconds: float = 10, rate: int = 400, seed: int = 0) -> np.ndarray:
    """[samples, 12] millivolts that obey Einthoven and Goldberger: a beat a second, and a wander of a tenth of it."""
    random = np.random.default_rng(seed)
    t = np.arange(int(seconds * rate)) / rate
    beat = [np.exp(-(((t % 1) - at) ** 2) / width) for at, width in ((0.3, 0.0002), (0.33, 0.0004), (0.6, 0.004))]
    noise = random.normal(0, 0.01, (len(t), 8))
    first = sum(b * s for b, s in zip(beat, (0.8, -0.2, 0.2))) + noise[:, 0]
    second = sum(b * s for b, s in zip(beat, (1.1, -0.4, 0.3))) + noise[:, 1]
    chest = [sum(b * s for b, s in zip(beat, (0.1 + 0.25 * i, -1.2 + 0.2 * i, 0.1 + 0.05 * i))) + noise[:, 2 + i] for i in range(6)]
    return np.stack([first, second, second - first, -(first + second) / 2, first - second / 2, second - first / 2, *chest], axis=1)


def table(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def record(
    path: Path, millivolts: np.ndarray, rate: int, comments=(), skip: int = 24, ending: str = ".mat", leads=LEADS, unit: str = "mV"
) -> None:
    """A WFDB record as the challenges have it: 1000 values a unit, `skip` bytes before the samples."""
    path.parent.mkdir(parents=True, exist_ok=True)
    counts = np.rint(millivolts * 1000).astype("<i2")
    path.with_name(path.name + ending).write_bytes(bytes(skip) + counts.tobytes())
    form = f"16+{skip}" if skip else "16"
    lines = [f"{path.name} {len(leads)} {rate} {len(counts)}"]
    lines += [f"{path.name}{ending} {form} 1000(0)/{unit} 16 0 {counts[0, i]} 0 0 {lead}" for i, lead in enumerate(leads)]
    path.with_name(path.name + ".hea").write_text("\n".join(lines + [f"# {line}" for line in comments]) + "\n")


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def refused(self, *words, name, **options):
        """Opening and reading everything fails, and the message has these words."""
        with self.assertRaises(DatasetError) as caught:
            list(open_dataset(name, self.root, **options))
        for word in words:
            self.assertIn(word, str(caught.exception))


class CheckTests(unittest.TestCase):
    def test_the_relations_hold_in_the_right_order_only(self):
        tracings = [ecg(seed=seed) for seed in range(3)]
        self.assertLess(max(checks.residuals(tracings, LEADS).values()), 1e-6)
        for a, b in ((0, 1), (1, 2), (3, 5), (0, 4), (2, 9)):
            names = list(LEADS)
            names[a], names[b] = names[b], names[a]
            self.assertGreater(max(checks.residuals(tracings, names).values()), checks.LARGEST_RESIDUAL, (a, b))

    def test_the_order_is_found_among_twelve_shuffled_columns(self):
        shuffle = np.random.default_rng(1).permutation(12)
        found, size = checks.fitting([ecg(seed=seed)[:, shuffle] for seed in range(3)])
        self.assertEqual({lead: LEADS[shuffle[column]] for lead, column in found.items()}, {lead: lead for lead in found})
        self.assertLess(size, 1e-6)

    def test_zero_padding_goes_and_zeros_inside_stay(self):
        x = np.zeros((10, 12))
        x[3:5, 0], x[6, 4] = 1, 1
        np.testing.assert_array_equal(checks.stripped(x), x[3:7])
        self.assertEqual(checks.stripped(np.zeros((5, 12))).shape, (0, 12))

    def test_missing_samples_do_not_count(self):
        x = ecg()
        x[5:9, 3] = np.nan
        self.assertLess(max(checks.residuals([x], LEADS).values()), 1e-6)
        self.assertGreater(checks.amplitude([x * 1000]), 0.2)

    def test_other_spellings_are_the_same_leads(self):
        names = ("DI", "DII", "DIII", "AVR", "AVL", "AVF", "v1", "V2", "V3", "V4", "V5", "V6")
        self.assertEqual(exam.order(names, ""), list(range(12)))
        with self.assertRaisesRegex(DatasetError, "each of I, II"):
            exam.order(names[:11] + ("V5",), "set")


class WfdbTests(Folder):
    def test_what_is_written_is_read(self):
        x = ecg() * 1000
        x[7, 2] = np.nan
        wfdb16.write(self.root / "a", x, 400)
        found = wfdb16.read(self.root / "a")
        np.testing.assert_array_equal(found.values, np.rint(x))
        self.assertEqual((found.rate, found.leads), (400, LEADS))

    def test_some_leads_alone_are_written_in_the_order_that_they_are_given(self):
        x = ecg() * 1000
        wfdb16.write(self.root / "a", x, 400, ("II", "V5"))
        found = wfdb16.read(self.root / "a")
        np.testing.assert_array_equal(found.values, np.rint(x[:, [1, 10]]))
        self.assertEqual(found.leads, ("II", "V5"))

    def test_the_package_of_that_name_reads_it_too(self):
        try:
            import wfdb
        except ImportError:
            self.skipTest("wfdb is not installed")
        x = ecg() * 1000
        wfdb16.write(self.root / "a", x, 400)
        found = wfdb.rdrecord(str(self.root / "a"))
        np.testing.assert_allclose(found.p_signal * 1000, np.rint(x))
        self.assertEqual([int(sum) for sum in found.checksum], [int(s) for s in np.rint(x).astype(np.int64).sum(axis=0).astype(np.int16)])


class PtbXlTests(Folder):
    def setUp(self):
        super().setUp()
        heading = ["", "description", "diagnostic", "form", "rhythm", "diagnostic_class"]
        codes = [
            ("NORM", "normal ECG", "1.0", "", "", "NORM"),
            ("SR", "sinus rhythm", "", "", "1.0", ""),
            ("PVC", "PVC", "", "1.0", "", ""),
        ]
        table(self.root / "scp_statements.csv", [dict(zip(heading, code)) for code in codes])
        self.rows = [
            {"ecg_id": i, "patient_id": f"{100 + i}.0", "scp_codes": str({"NORM": 100.0, "SR": 0.0} if i == 1 else {"PVC": 0.0}),
             "strat_fold": i, "filename_lr": f"records100/{i:05}_lr", "filename_hr": f"records500/{i:05}_hr"}
            for i in (1, 2)
        ]  # fmt: skip
        table(self.root / "ptbxl_database.csv", self.rows)
        for row in self.rows:
            for rate, name in ((100, row["filename_lr"]), (500, row["filename_hr"])):
                record(self.root / name, ecg(10, rate), rate, skip=0, ending=".dat")

    def test_signals_equal_those_of_the_preprocessing(self):
        for rate, name in ((100, "filename_lr"), (500, "filename_hr")):
            found = list(open_dataset("ptbxl", self.root, rate=rate))
            self.assertEqual([(e.name, e.patient, e.fold, e.rate) for e in found], [("1", "101", 1, rate), ("2", "102", 2, rate)])
            np.testing.assert_array_equal([e.labels for e in found], [[1, 1, 0], [0, 0, 1]])
            np.testing.assert_array_equal(found[1].microvolts, preprocess.read_record(self.root / self.rows[1][name])[0])

    def test_faults_are_named(self):
        self.refused("rate 250", "100 and 500", name="ptbxl", rate=250)
        (self.root / "records100/00002_lr.hea").rename(self.root / "elsewhere")
        self.refused("00002_lr.hea: no such file", name="ptbxl", rate=100)
        record(self.root / "records100/00002_lr", ecg(10, 500), 500, skip=0, ending=".dat")
        self.refused("00002_lr.hea: 500 Hz; 100 Hz was expected", name="ptbxl", rate=100)
        self.rows[1]["scp_codes"] = "{'XYZ': 0.0}"
        table(self.root / "ptbxl_database.csv", self.rows)
        self.refused("XYZ", "scp_statements.csv does not list", name="ptbxl")
        table(self.root / "ptbxl_database.csv", [{k: v for k, v in row.items() if k != "strat_fold"} for row in self.rows])
        self.refused("ptbxl_database.csv: no column strat_fold; there are ecg_id", name="ptbxl")
        (self.root / "ptbxl_database.csv").unlink()
        self.refused("ptbxl_database.csv: no such file", name="ptbxl")


class ChallengeTests(Folder):
    def write(self, name: str, dx: str, millivolts=None, rate: int = 500, **words):
        record(self.root / name, ecg(10, rate) if millivolts is None else millivolts, rate, (f"Dx: {dx}",), **words)

    def test_codes_are_those_of_the_headers(self):
        self.write("g1/E00001", "426177001,270492004")
        self.write("g1/E00002", "426783006", unit="mv")
        found = open_dataset("cinc", self.root)
        self.assertEqual(found.codes, ["270492004", "426177001", "426783006"])
        np.testing.assert_array_equal(found.labels(), [[1, 1, 0], [0, 0, 1]])
        exams = list(found)
        self.assertEqual(
            [(e.name, e.patient, e.rate, e.microvolts.shape) for e in exams], [(n, n, 500, (5000, 12)) for n in ("E00001", "E00002")]
        )
        np.testing.assert_array_equal(exams[0].microvolts, np.rint(ecg(10, 500) * 1000))

    def test_columns_are_put_in_order_by_their_names(self):
        shuffle = np.random.default_rng(2).permutation(12)
        self.write("A0001", "426783006", ecg(10, 500)[:, shuffle], leads=[LEADS[i] for i in shuffle])
        np.testing.assert_array_equal(next(iter(open_dataset("cinc", self.root))).microvolts, np.rint(ecg(10, 500) * 1000))

    def test_cpsc2018_has_nine_classes_in_numbers_or_words(self):
        self.write("A0001", "59118001")
        self.write("A0002", "AF,RBBB")
        found = open_dataset("cpsc2018", self.root)
        self.assertEqual(len(found.codes), 9)
        self.assertEqual(
            [[found.codes[i] for i in np.flatnonzero(row)] for row in found.labels()], [["59118001"], ["164889003", "59118001"]]
        )

    def test_a_missing_sample_is_not_a_number(self):
        x = ecg(10, 500)
        x[3, 4] = -32.768
        self.write("A0001", "426783006", x)
        self.assertEqual(np.argwhere(np.isnan(next(iter(open_dataset("cinc", self.root))).microvolts)).tolist(), [[3, 4]])

    def test_faults_are_named(self):
        self.refused("no records (*.hea)", name="cinc")
        self.write("A0001", "426783006")
        self.refused("A0001.hea: 500 Hz; 257 Hz was expected", name="cinc", rate=257)
        self.write("A0001", "427084000")
        self.refused("A0001.hea: #Dx has 427084000, not one of cpsc2018's 9 codes", name="cpsc2018")
        self.write("A0001", "XYZ")
        self.refused("#Dx has 'XYZ', which is no SNOMED CT code", name="cinc")
        record(self.root / "A0001", ecg(10, 500), 500)
        self.refused("A0001.hea: no comment #Dx", name="cinc")
        self.write("A0001", "426783006", ecg(10, 500) * 12)
        self.write("A0001", "426783006", unit="uV")
        self.refused("0.00", "taken as uV", "mV would fit", name="cinc")
        swapped = ["II", "I", *LEADS[2:]]
        self.write("A0001", "426783006", leads=swapped)
        self.refused("not in the declared order II I III", "what fits is I II III aVR aVL aVF V1 V2 V3 V4 V5 V6", name="cinc")
        self.write("A0001", "426783006")
        file = self.root / "A0001.mat"
        file.write_bytes(file.read_bytes()[:-2])
        self.refused("A0001.mat: 120022 bytes; 12 leads of 5000 samples after 24 bytes are 120024", name="cinc")
        file.unlink()
        self.refused("A0001.mat: no such file; A0001.hea names it", name="cinc")
        self.refused("no data set 'cinc2022'; known are ptbxl, cpsc2018", name="cinc2022")

    def test_no_header_of_random_bytes_does_more_than_raise(self):
        random = np.random.default_rng(3)
        self.write("A0001", "426783006")
        good = (self.root / "A0001.hea").read_bytes()
        for _ in range(200):
            bad = bytearray(good)
            bad[random.integers(len(bad))] = random.integers(256)
            (self.root / "A0001.hea").write_bytes(bytes(bad))
            try:
                list(open_dataset("cinc", self.root))
            except DatasetError:
                pass


@unittest.skipIf(h5py is None, "h5py is not installed: no HDF5 sets")
class CodeTests(Folder):
    """CODE-15 % and CODE-test."""

    SIX = ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")

    def part(self, number: int, ids: list[int], millivolts=None, gain: float = 2, **changes) -> None:
        x = np.zeros((len(ids), 4096, 12), np.float32)
        for row, key in enumerate(ids):
            signal = (ecg(7.335, seed=key) if millivolts is None else millivolts) * gain
            if key:
                start = (4096 - len(signal)) // 2
                x[row, start : start + len(signal)] = signal
        with h5py.File(self.root / f"exams_part{number}.hdf5", "w") as file:
            for name, value in ({"tracings": x, "exam_id": np.array(ids)} | changes).items():
                if value is not None:
                    file[name] = value

    def exams(self, *rows) -> None:
        table(self.root / "exams.csv", [
            {"exam_id": key, "age": 50, "patient_id": patient} | {c: c == "AF" for c in self.SIX} | {"normal_ecg": False}
            | {"trace_file": f"exams_part{part}.hdf5"} for key, patient, part in rows
        ])  # fmt: skip

    def test_exams_are_found_in_their_parts_and_padding_goes(self):
        self.part(0, [11, 12, 0])
        self.part(1, [13, 0])
        self.exams((13, 7, 1), (11, 7, 0), (12, 8, 0))
        found = open_dataset("code15", self.root)
        exams = list(found)
        self.assertEqual([(e.name, e.exam, e.patient, e.rate, len(e.microvolts)) for e in exams],
                         [("13", "13", "7", 400, 2934), ("11", "11", "7", 400, 2934), ("12", "12", "8", 400, 2934)])  # fmt: skip
        self.assertEqual(found.codes, [*self.SIX, "normal_ecg"])
        np.testing.assert_array_equal(found.labels(), [[0, 0, 0, 0, 1, 0, 0]] * 3)
        np.testing.assert_allclose(exams[0].microvolts, ecg(7.335, seed=13) * 1000, atol=1e-3)

    def test_several_tracings_share_an_exam_and_an_empty_one_is_counted(self):
        self.part(0, [11, 11, 12])
        self.exams((11, 7, 0), (12, 8, 0))
        found = open_dataset("code15", self.root)
        self.assertEqual([(e.name, e.exam) for e in found.entries], [("11.1", "11"), ("11.2", "11"), ("12", "12")])
        with h5py.File(self.root / "exams_part0.hdf5") as file:
            x = file["tracings"][...]
        x[1] = 0
        self.part(1, [11, 11, 12], tracings=x)
        self.exams((11, 7, 1), (12, 8, 1))
        found = open_dataset("code15", self.root)
        self.assertEqual([e.name for e in found], ["11.1", "12"])
        self.assertEqual(found.empty, ["11.2"])

    def test_some_parts_are_enough_where_that_is_said(self):
        self.part(0, [11])
        self.exams((11, 7, 0), (12, 8, 1))
        self.refused("exams_part1.hdf5: no such file", name="code15")
        self.assertEqual([e.name for e in open_dataset("code15", self.root, partial=True)], ["11"])

    def test_another_order_of_leads_can_be_declared_and_is_found(self):
        stored = ["I", "II", "III", "aVL", "aVF", "aVR", *LEADS[6:]]
        self.part(0, [11, 12], ecg()[:, [LEADS.index(lead) for lead in stored]])
        self.exams((11, 7, 0), (12, 8, 0))
        self.refused("measured on 2 tracings", f"what fits is {' '.join(stored)}", name="code15")
        found = next(iter(open_dataset("code15", self.root, leads=stored)))
        np.testing.assert_allclose(found.microvolts, ecg() * 1000, atol=1e-3)

    def test_faults_are_named(self):
        self.refused("exams.csv: no such file", name="code15")
        self.exams((11, 7, 0))
        self.refused("exams_part0.hdf5: no such file", name="code15")
        self.part(0, [12])
        self.refused("exams_part0.hdf5: no tracing of 11", name="code15")
        self.part(0, [11], exam_id=None)
        self.refused("exams_part0.hdf5: no dataset exam_id; there are tracings", name="code15")
        self.part(0, [11], exam_id=np.array([11, 12]))
        self.refused("exam_id has the shape (2,); tracings holds 1 tracings", name="code15")
        self.part(0, [11], tracings=np.ones((1, 4096, 8), np.float32))
        self.refused("tracings has the shape (1, 4096, 8) of float32; tracing, sample, lead with 12 leads", name="code15")
        self.part(0, [11], gain=2000)
        self.refused("1.", "taken as mV", "uV would fit", name="code15")
        self.part(0, [11])
        self.refused("lasts 3.7 s at 800 Hz, and from 5 to 12 s", name="code15", rate=800)
        self.refused("unit 'counts'; known are V, mV", name="code15", unit="counts")
        self.refused("unknown signals.unti", "[signals] takes axes", name="code15", unti="mV")
        whole = (self.root / "exams_part0.hdf5").read_bytes()
        (self.root / "exams_part0.hdf5").write_bytes(whole[: len(whole) // 2])
        self.refused("exams_part0.hdf5", "truncated, damaged or no HDF5", name="code15")
        self.part(0, [11])
        rows = (self.root / "exams.csv").read_text()
        (self.root / "exams.csv").write_text(rows.replace("False", "maybe", 1))
        self.refused("exams.csv, row 1: 1dAVb is 'maybe'", name="code15")
        (self.root / "exams.csv").write_text(rows.replace("patient_id", "patient"))
        self.refused("exams.csv: no column patient_id; there are exam_id", name="code15")

    def test_no_damage_to_a_file_does_more_than_raise(self):
        self.exams((11, 7, 0))
        self.part(0, [11])
        path, random = self.root / "exams_part0.hdf5", np.random.default_rng(4)
        good = path.read_bytes()
        for number in range(60):
            bad = bytearray(good[: random.integers(1, len(good))] if number % 2 else good)
            bad[random.integers(min(len(bad), 4096))] ^= 1 << random.integers(8)
            path.unlink()
            path.write_bytes(bytes(bad))
            try:
                list(open_dataset("code15", self.root))
            except DatasetError:
                pass

    def test_code_test_goes_by_the_order_of_lines(self):
        x = np.zeros((2, 4096, 12), np.float32)
        x[0, 48:4048], x[1, 648:3448] = ecg(10), ecg(7)
        with h5py.File(self.root / "ecg_tracings.hdf5", "w") as file:
            file["tracings"] = x
        for name, value in (("gold_standard", 0), ("cardiologist1", 1)):
            table(self.root / "annotations" / f"{name}.csv", [{c: value for c in self.SIX}] * 2)
        exams = list(open_dataset("code-test", self.root))
        self.assertEqual([(e.name, len(e.microvolts), int(e.labels.sum())) for e in exams], [("0", 4000, 0), ("1", 2800, 0)])
        other = open_dataset("code-test", self.root, table="annotations/cardiologist1.csv")
        self.assertEqual(int(other.labels().sum()), 12)
        table(self.root / "annotations/gold_standard.csv", [{c: 0 for c in self.SIX}] * 3)
        self.refused("ecg_tracings.hdf5: 2 tracings, 3 rows in the table", name="code-test")


@unittest.skipIf(h5py is None, "h5py is not installed: no HDF5 sets")
class SphTests(Folder):
    def setUp(self):
        super().setUp()
        self.rows = [
            {"ECG_ID": f"A0000{i}", "AHA_Code": code, "Patient_ID": f"S0000{i}", "Sex": "M", "N": 500 * (9 + i)}
            for i, code in ((1, "1"), (2, "60+310+320;147"))
        ]  # fmt: skip
        table(self.root / "metadata.csv", self.rows)
        table(self.root / "code.csv", [{"Code": code, "Description": "x"} for code in (1, 60, 147, 310, 320)])
        for i in (1, 2):
            self.write(f"A0000{i}", ecg(9 + i, 500))

    def write(self, name: str, millivolts: np.ndarray):
        (self.root / "records").mkdir(exist_ok=True)
        with h5py.File(self.root / "records" / f"{name}.h5", "w") as file:
            file["ecg"] = millivolts.T.astype(np.float16)

    def test_statements_and_their_modifiers_are_labels(self):
        found = open_dataset("sph", self.root)
        self.assertEqual(found.codes, ["1", "60", "60+310", "60+320", "147"])
        np.testing.assert_array_equal(found.labels(), [[1, 0, 0, 0, 0], [0, 1, 1, 1, 1]])
        exams = list(found)
        self.assertEqual(
            [(e.name, e.patient, e.rate, len(e.microvolts)) for e in exams],
            [("A00001", "S00001", 500, 5000), ("A00002", "S00002", 500, 5500)],
        )
        np.testing.assert_allclose(exams[1].microvolts, ecg(11, 500) * 1000, atol=1)

    def test_faults_are_named(self):
        self.rows[1]["AHA_Code"] = "60;999"
        table(self.root / "metadata.csv", self.rows)
        self.refused("AHA_Code has 999, which code.csv does not list", name="sph")
        self.rows[1] |= {"AHA_Code": "60", "N": 5000}
        table(self.root / "metadata.csv", self.rows)
        self.refused("A00002.h5: 5500 samples", "says 5000", name="sph")
        (self.root / "records/A00002.h5").unlink()
        self.refused("A00002.h5: no such file", name="sph")


class SnomedTests(Folder):
    TABLE = "snomed,name,statements,cpsc2018,note\n1111111,a,SR;NORM,,\n1111111,b,NORM,Normal,\n2222222,c,AFIB,AF,\n3333333,d,,,\n"

    def test_one_statement_is_stated_and_of_several_each_is_unknown(self):
        (self.root / "snomed.csv").write_text(self.TABLE)
        for name, dx in (("A1", "1111111"), ("A2", "2222222,1111111"), ("A3", "3333333")):
            record(self.root / name, ecg(10, 500), 500, (f"Dx: {dx}",))
        found = snomed.statements(open_dataset("cinc", self.root), self.root / "snomed.csv", ["NORM", "SR", "AFIB", "PVC"])
        np.testing.assert_array_equal(found.labels(), [[255, 255, 0, 255], [255, 255, 1, 255], [255, 255, 0, 255]])
        np.testing.assert_array_equal(next(iter(found)).labels, [255, 255, 0, 255])

    def test_a_code_without_a_row_is_named(self):
        (self.root / "snomed.csv").write_text(self.TABLE)
        record(self.root / "A1", ecg(10, 500), 500, ("Dx: 4444444",))
        with self.assertRaisesRegex(DatasetError, r"snomed.csv: no row for 4444444 \(1 records\)"):
            snomed.statements(open_dataset("cinc", self.root), self.root / "snomed.csv", ["NORM"])


class LayoutTests(Folder):
    """What a person may write into a layout file."""

    def layout(self, text: str) -> str:
        (self.root / "set.toml").write_text(text)
        return str(self.root / "set.toml")

    def test_wfdb_records_with_a_table_and_a_file_for_each_split(self):
        for name in ("a", "b"):
            record(self.root / "records" / name, ecg(10, 500) * 2, 500, skip=0, ending=".dat")
        table(self.root / "train.csv", [{"id": "7", "rec": "a", "afib": "True", "sb": "0"}])
        table(self.root / "validation.csv", [{"id": "8", "rec": "b", "afib": "0", "sb": "1"}])
        name = self.layout("""
            [table]
            file = { train = "train.csv", validation = "validation.csv" }
            exam = "id"
            [signals]
            format = "wfdb"
            file = "records/{rec}"
            rate = 500
            gain = 2
            [labels]
            columns = { AF = "afib", SB = "sb" }
        """)
        found = list(open_dataset(name, self.root))
        self.assertEqual(
            [(e.name, e.patient, e.split, list(e.labels)) for e in found], [("7", "7", "train", [1, 0]), ("8", "8", "validation", [0, 1])]
        )
        np.testing.assert_allclose(found[0].microvolts, ecg(10, 500) * 1000, atol=0.5)
        self.refused("a.hea: 500 Hz; 400 Hz was expected", name=name, rate=400)
        self.assertEqual(open_dataset(name, self.root, labelled=False).codes, [])

    def test_faults_of_the_file_are_named(self):
        for text, *words in (
            ("name = ", "set.toml: "),
            ("[tables]\nfile = 'a'", "unknown tables; [table] takes exam, file"),
            ("[table]\nfile = 'a'\n[signals]\nformat = 'wfdb'", "set.toml: [signals] file not given"),
            (
                "[table]\nfile = 'a'",
                "[signals] file, [signals] dataset, [signals] axes, [signals] rate, [signals] unit, [signals] leads not given",
            ),
            ("[table]\nfile = 3", "[table] file = 3; text or a table is needed"),
            ("[signals]\nrate = 400.5", "[signals] rate = 400.5; a whole number or text is needed"),
            ("[signals]\nrate = 0", "rate = 0; more than 0 is needed"),
            ("[signals]\nformat = 'edf'", "format 'edf'; hdf5 and wfdb are read"),
            ("[signals]\nformat = 'wfdb'\nunit = 'mV'", "[signals] unit: with format wfdb the records' headers say this"),
        ):
            self.refused(*words, name=self.layout(text))
        self.refused("none.toml: no such file", name=str(self.root / "none.toml"))

    def test_the_configuration_for_code2_open_is_a_layout(self):
        found = layout.layout(CONFIGS / "code2-open.toml")
        self.assertEqual((found.name, len(found.labels["columns"]), found.signals["leads"]), ("code2-open", 66, list(LEADS)))
        with open(TOP / "models" / "code66.csv", newline="") as file:
            self.assertEqual(found.labels["columns"], [row["label"] for row in csv.DictReader(file)])

    @unittest.skipIf(h5py is None, "h5py is not installed: no HDF5 sets")
    def test_a_set_as_the_configuration_for_code2_open_assumes_it(self):
        labels = layout.layout(CONFIGS / "code2-open.toml").labels["columns"]
        ids = [5, 5, 6]
        x = np.zeros((3, 4096, 12), np.float32)
        x[:, 100:4000] = ecg(9.75)
        with h5py.File(self.root / "part.h5", "w") as file:
            file["tracings"], file["exam_id"] = x, np.array(ids)
        rows = [{"exam_id": key, "patient_id": key, "split": split, "trace_file": "part.h5"} | {c: int(c == "AF") for c in labels}
                for key, split in ((6, "validation"), (5, "train"))]  # fmt: skip
        table(self.root / "exams.csv", rows)
        found = open_dataset(str(CONFIGS / "code2-open.toml"), self.root)
        self.assertEqual([(e.name, e.exam, e.split, len(e.microvolts)) for e in found],
                         [("6", "6", "validation", 3900), ("5.1", "5", "train", 3900), ("5.2", "5", "train", 3900)])  # fmt: skip
        self.assertEqual([found.codes[i] for i in np.flatnonzero(found.labels()[0])], ["AF"])


class SummaryTests(Folder):
    def test_what_is_written_reads_back_and_knows_its_exams(self):
        for name in ("A1", "A2"):
            record(self.root / "in" / name, ecg(10, 500), 500, ("Dx: 426783006",))
        found = open_dataset("cinc", self.root / "in")
        lines = summary.summary(found)
        self.assertEqual(lines[0], "cinc: 2 tracings, 2 exams, 2 patients, 1 labels")
        self.assertIn("  rates: 500 Hz 2", lines)
        self.assertEqual(summary.write(found, self.root / "out"), 2)
        np.testing.assert_array_equal(wfdb16.read(self.root / "out" / "A2").values, found.exam(1).microvolts)
        self.assertEqual((self.root / "out" / "tracings.csv").read_text(), "tracing,exam_id\nA1,A1\nA2,A2\n")
        with self.assertRaisesRegex(DatasetError, "out: not empty"):
            summary.write(found, self.root / "out")

    def test_options_of_the_command_line(self):
        self.assertEqual(
            [summary.value(text) for text in ("rate=500", "leads=I,II", "unit=mV")], [("rate", 500), ("leads", ["I", "II"]), ("unit", "mV")]
        )
        with self.assertRaisesRegex(DatasetError, "KEY=VALUE"):
            summary.value("rate")


@unittest.skipUnless(os.environ.get("PRECORDIA_DATA"), "no real recordings: PRECORDIA_DATA is not set")
class RealTests(unittest.TestCase):
    """Opening checks lead order, unit and length on the recordings themselves."""

    DATA = Path(os.environ.get("PRECORDIA_DATA", ""))

    def test_cpsc2018_has_its_classes(self):
        found = open_dataset("cpsc2018", self.DATA / "cpsc2018")
        self.assertEqual((len(found), found.labels().sum(axis=0, dtype=int).tolist()), (150, [20, 24, 7, 8, 32, 13, 18, 19, 13]))

    def test_cinc2021_reads_whole(self):
        self.assertEqual(sum(exam.microvolts.shape == (5000, 12) for exam in open_dataset("cinc", self.DATA / "cinc2021")), 50)

    def test_ptbxl_is_checked_at_100_hz_and_where_there_are_records_at_500(self):
        found = open_dataset("ptbxl", self.DATA / "ptbxl", rate=100)
        self.assertEqual((len(found), len(found.codes), len({entry.patient for entry in found.entries})), (21799, 71, 18869))
        self.assertEqual(len(open_dataset("ptbxl", self.DATA / "ptbxl", partial=True)), 488)
