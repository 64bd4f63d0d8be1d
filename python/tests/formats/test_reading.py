"""Each format's file, made as its definition says, gives the samples that were put in; what a file does not say stays unknown, and errors name the place."""
import os
import unittest
from datetime import date, datetime
from pathlib import Path

import made
import numpy as np

from precordia import FormatError, read, read_all
from precordia.formats import LEADS, MISSING
from precordia.formats.detect import detect

VALUES = made.counts()


class Reading(made.Files):
    def samples(self, name, format, gain, values=VALUES, **said):
        """The file reads as this format, at 500 Hz, and its counts times gain are the samples in microvolts."""
        recording = read(self.files[name], **said)
        self.assertEqual((recording.format, recording.rate), (format, 500.0))
        for column, signal in enumerate(recording.signals):
            self.assertEqual((signal.unit, signal.gain, signal.offset), ("uV", gain, 0.0))
            np.testing.assert_array_equal(signal.counts, values[:, column])
        np.testing.assert_array_equal(recording.microvolts, values * gain)
        return recording

    def test_scp(self):
        recording = self.samples("exam.scp", "SCP-ECG", 2.5)
        self.assertEqual((recording.leads, recording.start), (LEADS, datetime(2020, 1, 2, 3, 4, 5)))
        self.assertEqual((recording.patient.identifier, recording.patient.family_name, recording.patient.sex, recording.patient.birth_date), ("17", "Doe", "M", date(1953, 5, 8)))

    def test_muse(self):
        recording = self.samples("muse.xml", "MUSE XML", 4.88, VALUES[:, :8])
        self.assertEqual(recording.leads, ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"))
        self.assertEqual((recording.measurements["heart_rate"], recording.measurements["pr"]), (61.0, 150.0))
        self.assertEqual((recording.patient.sex, recording.patient.age), ("F", 66))

    def test_sierra_1_03(self):
        recording = self.samples("sierra.xml", "Philips Sierra XML", 5.0)
        self.assertEqual((recording.leads, recording.start, recording.patient.sex, recording.extra["format_version"]), (LEADS, datetime(2020, 1, 2, 3, 4, 5), "F", "1.03"))

    def test_schiller(self):
        recording = self.samples("schiller.xml", "Schiller XML", 2.5)
        self.assertEqual((recording.start, recording.patient.family_name, recording.patient.sex), (datetime(2020, 1, 2, 3, 4, 5), "Doe", "F"))

    def test_schiller_without_a_rate_or_resolution_is_refused_and_not_guessed(self):
        for tag, said in (("<value>500</value>", "samplerate"), ("<unitperbit>2.5</unitperbit>", "yres/unitperbit")):
            path = Path(self.folder.name) / "broken" / "a.xml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(self.files["schiller.xml"].read_text().replace(tag, ""))
            with self.assertRaisesRegex(FormatError, f"Schiller XML, ECG_RHYTHMS, {said}"):
                read(path)

    def test_dicom(self):
        recording = self.samples("exam.dcm", "DICOM", 2.5)
        self.assertEqual((recording.leads, recording.patient.family_name, recording.patient.given_name), (LEADS, "Doe", "Jane"))
        self.assertEqual((recording.signals[0].filters.highpass, recording.signals[0].filters.lowpass, recording.signals[0].filters.notch), (0.05, 150.0, None))

    def test_ishne(self):
        recording = self.samples("exam.ecg", "ISHNE", 2.5)
        self.assertEqual((recording.patient.family_name, recording.patient.given_name, recording.patient.sex), ("Doe", "Jane", "F"))

    def test_edf(self):
        recording = self.samples("exam.edf", "EDF", 1.0)
        self.assertEqual((recording.leads, recording.start, recording.signals[0].filters.notch), (LEADS, datetime(2020, 1, 2, 3, 4, 5), 50.0))

    def test_wfdb(self):
        recording = self.samples("record.hea", "WFDB", 2.5)
        self.assertEqual((recording.leads, recording.start, recording.patient.age), (LEADS, None, None))

    def test_a_signal_file_or_a_name_without_ending_is_its_record(self):
        for name in ("record", "record.dat"):
            self.assertEqual(read(self.files["record.hea"].with_name(name)).format, "WFDB")

    def test_another_files_name_is_never_answered_from_a_header_beside_it(self):
        for suffix, format in ((".scp", "SCP-ECG"), (".edf", "EDF"), (".dcm", "DICOM")):
            beside = self.files["record.hea"].with_suffix(suffix)
            beside.write_bytes(self.files["exam" + suffix].read_bytes())
            self.assertEqual(detect(str(beside)), format)
            beside.unlink()

    def test_wfdb_with_a_fractional_rate_skew_no_gain_and_a_wrong_checksum(self):
        path = Path(self.folder.name) / "odd" / "odd"
        path.parent.mkdir(exist_ok=True)
        made.wfdb16(path, VALUES[:, :2], rate="257.5", gain="0", tail="# <age>: 66  <sex>: F\n")
        header = path.with_suffix(".hea")
        header.write_text(header.read_text().replace("odd.dat 16 0 16", "odd.dat 16:3 0 16", 1).replace(" 0 II", " 0 ECG"))
        recording = read(path)
        self.assertEqual((recording.rate, recording.leads, recording.patient.age, recording.patient.sex), (257.5, ("I", "ECG"), 66.0, "F"))
        np.testing.assert_array_equal(recording.signals[0].counts[:-3], VALUES[3:, 0])
        self.assertEqual(list(recording.signals[0].counts[-3:]), [MISSING] * 3)
        self.assertTrue(all(signal.gain_assumed for signal in recording.signals))
        data = bytearray(path.with_suffix(".dat").read_bytes())
        data[100] ^= 1
        path.with_suffix(".dat").write_bytes(data)
        self.assertTrue(any("do not add up" in note for note in read(path).notes))

    def test_hdf5_of_code15_has_an_exam_for_each_id_and_none_for_the_empty_last_row(self):
        found = list(read_all(self.files["exams_part0.hdf5"]))
        self.assertEqual([one.extra["exam"] for one in found], ["11", "12"])
        np.testing.assert_array_equal(found[0].microvolts, VALUES * 500.0)
        self.assertEqual((found[0].rate, read(self.files["exams_part0.hdf5"], exam="12").microvolts[0, 0]), (400.0, VALUES[-1, 0] * 500.0))
        with self.assertRaisesRegex(FormatError, "exam: 13: is none of the file's 2"):
            read(self.files["exams_part0.hdf5"], exam="13")
        with self.assertRaisesRegex(FormatError, "holds several"):
            read(self.files["exams_part0.hdf5"])

    def test_hdf5_of_sph(self):
        np.testing.assert_array_equal(read(self.files["A00001.h5"]).microvolts, VALUES * 1000.0)

    def test_hdf5_of_no_known_name_asks_for_a_layout(self):
        other = self.files["exams_part0.hdf5"].with_name("mine.h5")
        other.write_bytes(self.files["exams_part0.hdf5"].read_bytes())
        with self.assertRaisesRegex(FormatError, "HDF5, rate: the file does not say it"):
            read(other, exam="11")
        self.assertEqual(read(other, exam="11", layout="code2-open").microvolts[0, 0], VALUES[0, 0] * 1000.0)
        other.unlink()

    def test_arrays_need_rate_and_unit_and_never_guess_them(self):
        for name, format in (("exam.npy", "npy"), ("v4.mat", "MATLAB 4"), ("v5.mat", "MATLAB")):
            recording = self.samples(name, format, 1.0, rate=500, unit="uV")
            self.assertEqual(recording.leads, LEADS)
            with self.assertRaisesRegex(FormatError, f"{format}, rate: the file does not say it; --rate"):
                read(self.files[name])
            with self.assertRaisesRegex(FormatError, f"{format}, unit: the file does not say it"):
                read(self.files[name], rate=500)
        self.assertEqual((recording.patient.sex, recording.patient.age), ("F", 66.0))

    def test_arguments_that_cannot_be_are_named_with_their_value(self):
        for said, words in (({"rate": float("nan")}, "rate: nan"), ({"rate": True}, "rate: True"), ({"rate": -1}, "rate: -1"), ({"unit": "mmHg"}, "unit: mmHg"), ({"unit": "0uV"}, "unit: 0uV"), ({"unit": "5"}, "unit: 5"),
                            ({"layout": "x"}, "layout: x"), ({"rate": 500, "unit": "uV", "leads": ["I"]}, "leads: I: 1 names for 12 columns"), ({"leads": "I"}, "leads: I")):
            with self.assertRaisesRegex(FormatError, words):
                read(self.files["exam.npy"], **said)

    def test_csv_with_its_own_heading_and_a_plain_table_of_numbers(self):
        self.assertEqual(read(self.files["exam.csv"]).rate, 500.0)
        np.testing.assert_array_equal(read(self.files["exam.csv"]).microvolts, VALUES * 2.5)
        plain = Path(self.folder.name) / "odd" / "plain.txt"
        plain.parent.mkdir(exist_ok=True)
        plain.write_text("\n".join(f"{index} " + " ".join(map(str, row)) for index, row in enumerate(VALUES.tolist())))
        np.testing.assert_array_equal(read(plain, rate=500, unit="mV").microvolts, VALUES * 1000.0)
        np.testing.assert_array_equal(read(plain, rate=500, unit="5uV").microvolts, VALUES * 5.0)
        plain.write_text(plain.read_text().replace("\n7 ", "\n9 ", 1))
        with self.assertRaisesRegex(FormatError, "CSV, column sample, row 8: 9.0: samples are missing"):
            read(plain, rate=500, unit="mV")
        plain.write_text("time [s],I [mV]\n0,1\n0.002,\n0.004,3\n")
        recording = read(plain)
        self.assertEqual((recording.rate, recording.leads), (500.0, ("I",)))
        np.testing.assert_array_equal(recording.microvolts[:, 0], [1000.0, np.nan, 3000.0])
        plain.write_text("I [mV],II\n1,2\n")
        with self.assertRaisesRegex(FormatError, "CSV, rate: the file does not say it"):
            read(plain)
        with self.assertRaisesRegex(FormatError, "CSV, column II, unit: the file does not say it"):
            read(plain, rate=500)
        plain.write_text("I [mV],II [mV]\n1,x\n")
        with self.assertRaisesRegex(FormatError, "CSV, line 2, column 2: x: a number would be right"):
            read(plain, rate=500)

    def test_archives_give_each_recording_by_its_own_name(self):
        found = list(read_all(self.files["two.zip"]))
        self.assertEqual([(one.format, one.path.rpartition("!")[2]) for one in found], [("SCP-ECG", "ward/exam.scp"), ("WFDB", "ward/record.hea")])
        self.assertEqual(read(self.files["two.zip"], exam="ward/exam.scp").format, "SCP-ECG")
        self.assertEqual(read(self.files["two.tar.gz"]).format, "DICOM")

    def test_a_folder_gives_each_recording_once_and_each_error_in_its_place(self):
        folder = Path(self.folder.name) / "mixed"
        folder.mkdir()
        made.wfdb16(folder / "a", VALUES)
        (folder / "b.scp").write_bytes(b"none")
        (folder / "readme.md").write_text("words\n")
        found = list(read_all(folder))
        self.assertEqual([isinstance(one, FormatError) for one in found], [False, True])
        self.assertIn("b.scp: SCP-ECG", str(found[1]))

    def test_what_is_no_recording_is_named(self):
        path = Path(self.folder.name) / "odd" / "none.bin"
        path.parent.mkdir(exist_ok=True)
        for content, words in ((b"", "the file is empty"), (b"\1\2\3\0\1\2", "first bytes: 01 02 03"), (b"<a><b/></a>", "XML of root <a>: is not read"), (b"PAR1", "Parquet: is not read")):
            path.write_bytes(content)
            with self.assertRaisesRegex(FormatError, words):
                read(path)
        with self.assertRaisesRegex(FormatError, "No such file"):
            read(path.with_name("nowhere"))

    def test_names_of_leads_are_understood_and_units_spelt_as_they_may_be(self):
        from precordia.formats.recording import lead_of, microvolts_per

        self.assertEqual([lead_of(name) for name in ("ECG AVR", "Lead aVL", "v1", "EKG_II", "V4R", "MLII", "ECG")], ["aVR", "aVL", "V1", "II", None, None, None])
        self.assertEqual([microvolts_per(unit) for unit in ("uVolts", "\u00b5V", "MV", "mV", "V", "mmHg", None)], [1.0, 1.0, 1e3, 1e3, 1e6, None, None])

    def test_reading_needs_no_libprecordia(self):
        self.assertNotIn("precordia._library", __import__("sys").modules)
        self.assertFalse(os.environ.get("PRECORDIA_LIBRARY"))


if __name__ == "__main__":
    unittest.main()
