"""A round trip loses nothing that the format can hold, and what it cannot hold is said."""
import shutil
import subprocess
import tempfile
import unittest
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import made
import numpy as np

from precordia import FormatError, read
from precordia.formats import LEADS, MISSING, Annotation, Device, Filters, Patient, Recording, Signal, write

VALUES = made.counts(1500)
PATIENT = Patient("17", "Doe", "Jane", "F", date(1953, 5, 8), 66)
ENDINGS = {"wfdb": "r.hea", "edf": "r.edf", "dicom": "r.dcm", "aecg": "r.xml", "csv": "r.csv", "parquet": "r.parquet"}


def whole(gain=2.5, holes=False, **more):
    """A recording that says everything."""
    values = VALUES.astype(np.int32)
    if holes:
        values = values.copy()
        values[10:20] = MISSING
    filters = Filters(0.05, 150.0, 50.0)
    signals = tuple(Signal(lead, 500.0, values[:, column].copy(), "uV", gain, filters=filters, resolution=16) for column, lead in enumerate(LEADS))
    return Recording("made", "made", signals, datetime(2020, 1, 2, 3, 4, 5), PATIENT, Device("Maker", "Model 1", "S1", "2.0"),
                     measurements={"heart_rate": 61.0, "pr": 150.0, "qrs": 90.0, "qt": 400.0, "qrs_axis": -61.0}, statements=("Sinus rhythm", "Normal <ECG> & more"), **more)


class RoundTrip(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def trip(self, recording, format):
        path = Path(self.folder.name) / ENDINGS[format]
        self.notes = write(recording, path, format)
        return read(path)

    def same_samples(self, recording, back, at=0.0):
        self.assertEqual((back.leads, back.rate, back.start), (recording.leads, recording.rate, recording.start))
        found = back.microvolts[: len(recording.microvolts)]
        self.assertLessEqual(float(np.nanmax(np.abs(found - recording.microvolts))), at)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(recording.microvolts))

    def test_wfdb_keeps_samples_holes_start_patient_and_annotations(self):
        recording = whole(4.88, holes=True, annotations=(Annotation(0.2, "N", sample=100), Annotation(1.0, "moved", sample=500)))
        back = self.trip(recording, "wfdb")
        self.same_samples(recording, back)
        self.assertEqual([(one.sample, one.text.lstrip('" ')) for one in back.annotations], [(100, "N"), (500, "moved")])
        self.assertEqual((back.patient.identifier, back.patient.sex, back.patient.age, back.patient.birth_date), ("17", "F", 66.0, date(1953, 5, 8)))
        self.assertEqual([signal.counts.tolist() for signal in back.signals], [signal.counts.tolist() for signal in recording.signals])
        self.assertTrue(any("statement: Sinus rhythm" in line for line in back.comments))

    def test_wfdb_takes_24_and_32_bits_fractional_and_several_rates(self):
        for top in (1 << 22, 1 << 30):
            wide = replace(whole(), signals=(Signal("I", 249.89, np.array([-top, top, MISSING, 5], np.int32)), Signal("II", 249.89, np.array([1, 2, 3, 4], np.int32))))
            back = self.trip(wide, "wfdb")
            self.assertEqual([signal.counts.tolist() for signal in back.signals], [[-top, top, MISSING, 5], [1, 2, 3, 4]])
            self.assertEqual(back.rate, 249.89)
        several = replace(whole(), signals=(Signal("I", 500.0, np.arange(500, dtype=np.int32)), Signal("Resp", 50.0, np.arange(50, dtype=np.int32), "Ohm", 0.5)))
        back = self.trip(several, "wfdb")
        self.assertEqual([(signal.rate, signal.unit, signal.counts.tolist()) for signal in back.signals],
                         [(500.0, "uV", list(range(500))), (50.0, "Ohm", list(range(50)))])

    def test_wfdb_of_a_gain_that_nobody_stated_says_so_again(self):
        odd = replace(whole(), signals=(Signal("I", 500.0, np.arange(9, dtype=np.int32), gain=5.0, gain_assumed=True),))
        self.assertTrue(self.trip(odd, "wfdb").signals[0].gain_assumed)

    def test_edf_keeps_samples_start_patient_filters_and_annotations(self):
        recording = whole(4.88, annotations=(Annotation(1.0, "moved", 0.5),))
        back = self.trip(recording, "edf")
        self.assertEqual(self.notes, ["measurements and statements are left out"])
        self.same_samples(recording, back)
        self.assertEqual([(one.seconds, one.duration, one.text) for one in back.annotations], [(1.0, 0.5, "moved")])
        self.assertEqual((back.patient.identifier, back.patient.sex, back.patient.birth_date), ("17", "F", date(1953, 5, 8)))
        self.assertEqual((back.signals[0].filters.highpass, back.signals[0].filters.lowpass, back.signals[0].filters.notch), (0.05, 150.0, 50.0))

    def test_edf_tells_samples_that_are_missing_and_takes_24_bits_as_bdf(self):
        self.trip(whole(holes=True), "edf")
        self.assertIn("I: 10 samples that are missing are written as 0, with an annotation", self.notes)
        wide = replace(whole(), signals=(Signal("I", 500.0, np.array([-(1 << 20), 1 << 20] * 250, np.int32), gain=0.5),))
        back = self.trip(wide, "edf")
        self.assertEqual(back.format, "BDF+")
        self.same_samples(wide, back)

    def test_dicom_keeps_samples_holes_patient_device_filters_and_measurements(self):
        recording = whole(holes=True)
        back = self.trip(recording, "dicom")
        self.assertEqual(self.notes, [])
        self.same_samples(recording, back)
        self.assertEqual((back.patient.identifier, back.patient.family_name, back.patient.given_name, back.patient.birth_date), ("17", "Doe", "Jane", date(1953, 5, 8)))
        self.assertEqual((back.device, dict(back.measurements), back.statements), (recording.device, dict(recording.measurements), recording.statements))
        self.assertEqual(back.signals[0].filters, recording.signals[0].filters)

    def test_dicom_chooses_the_object_and_refuses_what_none_holds(self):
        import pydicom

        for recording, kind in ((whole(), "12-lead ECG"), (replace(whole(), medians=whole().signals), "General ECG"),
                                (replace(whole(), signals=(Signal("ECG", 128.0, np.zeros(20000, np.int32)),)), "Ambulatory ECG")):
            self.trip(recording, "dicom")
            data = pydicom.dcmread(Path(self.folder.name) / "r.dcm")
            self.assertIn(kind, data.SOPClassUID.name)
        with self.assertRaisesRegex(FormatError, "DICOM, AcquisitionDateTime: DICOM needs a start"):
            self.trip(replace(whole(), start=None), "dicom")
        with self.assertRaisesRegex(FormatError, "20 Hz, 9 samples, 1 channels"):
            self.trip(replace(whole(), signals=(Signal("I", 20.0, np.zeros(9, np.int32)),)), "dicom")

    def test_dicom_is_what_dciodvfy_takes(self):
        if shutil.which("dciodvfy") is None:
            self.skipTest("dciodvfy (Debian: dicom3tools) is not installed")
        for recording in (whole(holes=True, annotations=(Annotation(1.0, "moved", sample=500),)), replace(whole(), medians=whole().signals),
                          replace(whole(), signals=(Signal("ECG", 128.0, np.zeros(20000, np.int32)),))):
            self.trip(recording, "dicom")
            done = subprocess.run(["dciodvfy", "-new", Path(self.folder.name) / "r.dcm"], capture_output=True, text=True, check=False)
            self.assertEqual([line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")], [])

    def test_aecg_keeps_samples_patient_device_measurements_and_beats(self):
        recording = whole(medians=tuple(replace(signal, counts=signal.counts[:300]) for signal in whole().signals))
        back = self.trip(recording, "aecg")
        self.assertEqual(self.notes, [])
        self.same_samples(recording, back)
        self.assertEqual((back.patient.identifier, back.patient.sex, back.patient.birth_date), ("17", "F", date(1953, 5, 8)))
        self.assertEqual({name: back.measurements.get(name) for name in recording.measurements}, dict(recording.measurements))
        self.assertEqual((back.statements, back.device.model), (recording.statements, "Model 1"))
        self.assertEqual((back.signals[0].filters.highpass, back.signals[0].filters.lowpass, back.signals[0].filters.notch), (0.05, 150.0, 50.0))
        self.assertEqual([signal.counts.tolist() for signal in back.medians], [signal.counts.tolist() for signal in recording.medians])

    def test_aecg_keeps_a_rate_that_is_no_whole_number_and_a_zone(self):
        odd = replace(whole(), start=datetime(2020, 1, 2, 3, 4, 5, 250000, timezone(timedelta(hours=2))), signals=tuple(replace(signal, rate=512.8) for signal in whole().signals))
        back = self.trip(odd, "aecg")
        self.assertAlmostEqual(back.rate, 512.8, places=6)
        self.assertEqual(back.start, odd.start)

    def test_csv_gives_the_same_numbers_back(self):
        for recording in (whole(4.88, holes=True), replace(whole(), signals=(Signal("I", 257.5, np.array([0.1, np.nan, -1 / 3])),))):
            back = self.trip(recording, "csv")
            self.same_samples(recording, back)
            self.assertEqual((back.patient.identifier, back.patient.sex, back.patient.age), ("17", "F", 66.0))

    def test_parquet_has_a_column_a_signal_and_says_all_in_its_metadata(self):
        try:
            import json

            import pyarrow.parquet as parquet
        except ImportError:
            self.skipTest("pyarrow is not installed")
        recording = whole(4.88, holes=True)
        path = Path(self.folder.name) / "r.parquet"
        write(recording, path, "parquet")
        table = parquet.read_table(path)
        np.testing.assert_array_equal(np.column_stack([table[lead].to_numpy() for lead in LEADS]), recording.microvolts)
        said = json.loads(table.schema.metadata[b"precordia"])
        self.assertEqual((said["rate"], said["patient"]["birth_date"], said["measurements"]["pr"]), (500.0, "1953-05-08", 150.0))

    def test_the_same_recording_gives_the_same_bytes(self):
        for format, name in ENDINGS.items():
            if format in ("edf", "parquet"):
                continue
            found = []
            for _ in range(2):
                self.trip(whole(holes=True), format)
                found.append((Path(self.folder.name) / name).read_bytes())
            self.assertEqual(found[0], found[1], format)

    def test_values_that_are_no_integers_lose_at_most_what_the_notes_say(self):
        generator = np.random.default_rng(3)
        floats = replace(whole(), signals=(Signal("I", 500.0, generator.normal(0, 300, 1000)), Signal("II", 500.0, np.rint(generator.normal(0, 300, 1000)) / 1000, gain=1000.0)))
        for format in ("wfdb", "dicom", "edf", "aecg"):
            back = self.trip(floats, format)
            self.same_samples(floats, back, 0.05)

    def test_nothing_of_a_file_is_left_where_it_could_not_be_written(self):
        with self.assertRaises(FormatError):
            self.trip(replace(whole(), signals=()), "csv")
        self.assertEqual(list(Path(self.folder.name).iterdir()), [])


if __name__ == "__main__":
    unittest.main()
