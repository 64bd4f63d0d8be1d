"""precordia-archive: the same bytes however often it was killed, at any number of workers and on any engine; nothing is lost, and errors are rows. PRECORDIA is the program."""
import csv
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import exams_made
import numpy as np
import pyarrow.parquet as pq

import precordia
from precordia.archive import engines, job, listing, signals, work
from precordia.archive.reader import Reader
from precordia.formats import FormatError

PROGRAM = os.environ["PRECORDIA"]
COMMAND = [sys.executable, "-m", "precordia.archive.command", "run"]
EXAMS, BLOCK = 60, 7


class Archive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.place.name)
        cls.base = exams_made.simulated(PROGRAM, cls.folder)
        exams_made.tree(cls.folder / "source", cls.base, EXAMS)
        # A file of no library's liking among them, and text that is none.
        (cls.folder / "source/00/broken.scp").write_bytes(b"\0\0\1\0\0\0" + b"\0" * 40)
        (cls.folder / "source/00/readme.txt").write_text("no recording")
        cls.whole = cls.run_archive(cls, "whole", "--jobs", "1")
        assert cls.whole.returncode == 1, cls.whole.stderr
        cls.expected = exams_made.parts(cls.folder / "whole")

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def run_archive(self, name, *words, source="source", check=False):
        done = subprocess.run([*COMMAND, str(self.folder / source), "--to", str(self.folder / name), "--block", str(BLOCK), *words], capture_output=True, text=True)
        if check and done.returncode not in (0, 1):
            raise AssertionError(done.stderr)
        return done

    def table(self, name="whole"):
        return pq.read_table(self.folder / name).to_pylist()

    def same(self, name):
        found = exams_made.parts(self.folder / name)
        self.assertEqual(list(found), list(self.expected))
        self.assertEqual([key for key in found if found[key] != self.expected[key]], [])
        self.assertEqual([place.name for place in (self.folder / name).iterdir() if place.name.startswith(".")], [])

    def test_rows_are_the_verdicts_of_the_program_and_errors_are_rows(self):
        rows = {row["record"]: row for row in self.table()}
        self.assertEqual(len(rows), EXAMS + 1)
        records = [str(self.folder / "source" / name) for name in rows if not name.endswith(".scp")]
        said = subprocess.run([PROGRAM, "classify", *records], capture_output=True, text=True).stdout
        for line in csv.DictReader(io.StringIO(said)):
            row = rows[os.path.relpath(line["record"], self.folder / "source")]
            if line["quality"].startswith("error"):
                self.assertIsNone(row["p_AFIB"])
                self.assertRegex(row["error"], "5000: they need 120000 bytes, the file has 4000")
                continue
            self.assertEqual((row["quality"], row["windows"], row["error"]), (line["quality"], int(line["windows"]), None))
            for code in ("AFIB", "NORM", "SR"):
                self.assertLess(abs(row[f"p_{code}"] - float(line[code])), 6e-7)
        self.assertEqual(sorted(name for name, row in rows.items() if row["error"]), ["00/broken.scp", "01/exam0017"])
        self.assertIn("2 of them errors", self.whole.stderr)

    def test_pandas_and_duckdb_read_what_is_written(self):
        rows = self.table()
        try:
            import duckdb
            import pandas
        except ImportError:
            self.skipTest("pandas and DuckDB are not installed")
        frame = pandas.read_parquet(self.folder / "whole")
        self.assertEqual((len(frame), frame["error"].notna().sum()), (len(rows), 2))
        found = duckdb.sql(f"select count(*), max(p_AFIB) from '{self.folder}/whole/*.parquet' where error is null").limit(1).fetchall()[0]
        self.assertEqual(found, (len(rows) - 2, max(row["p_AFIB"] for row in rows if row["error"] is None)))

    def test_two_workers_write_the_same_bytes(self):
        self.run_archive("two", "--jobs", "2", check=True)
        self.same("two")

    def test_killed_in_the_middle_and_run_again_it_writes_the_same_bytes(self):
        words = [*COMMAND, str(self.folder / "source"), "--to", str(self.folder / "killed"), "--block", str(BLOCK), "--jobs", "2"]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            while process.poll() is None and not list((self.folder / "killed").glob("*.parquet")):
                time.sleep(0.001)
            os.killpg(process.pid, signal.SIGKILL)
        left = len(exams_made.parts(self.folder / "killed"))
        self.assertTrue(0 < left < len(self.expected))
        again = self.run_archive("killed", "--jobs", "2", check=True)
        self.assertRegex(again.stderr, r"of 61 exams are done already")
        self.same("killed")

    def test_a_worker_that_is_killed_is_replaced(self):
        blocks, _ = self.prepared("replaced")
        killed = []
        for result in engines.local(blocks, str(self.folder / "replaced"), str(self.folder / "source"), precordia.engine.model_path(), 2):
            self.assertIsInstance(result, work.Done)
            if not killed:
                children = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="], capture_output=True, text=True).stdout.splitlines()
                killed = [int(line.split()[0]) for line in children if "spawn_main" in line][:1]
                os.kill(killed[0], signal.SIGKILL)
        self.same("replaced")

    def prepared(self, name):
        """A run's folder as the command makes it, and its blocks."""
        folder = self.folder / name
        folder.mkdir()
        settings = job.load(self.folder / "whole").save(folder)
        found = job.SourceList(folder)
        found.bring(listing.sources(str(self.folder / "source"), settings, None), settings.block)
        return [*found.blocks(settings.block)], settings

    def test_what_a_disk_lost_is_done_again(self):
        self.run_archive("lost", "--jobs", "1", check=True)
        names = list(self.expected)
        (self.folder / "lost" / names[1]).unlink()
        (self.folder / "lost" / names[3]).write_bytes(self.expected[names[3]][:2000])
        (self.folder / "lost" / names[4]).write_bytes(b"")
        self.assertIn("of 61 exams are done already", self.run_archive("lost", "--jobs", "1", check=True).stderr)
        self.same("lost")

    def test_shards_of_several_machines_are_one_result(self):
        for shard in ("1/3", "3/3", "2/3"):
            self.run_archive("shards", "--jobs", "1", "--shard", shard, check=True)
        self.same("shards")

    def test_dask_with_a_worker_killed_writes_the_same_bytes(self):
        try:
            import distributed
        except ImportError:
            self.skipTest("Dask is not installed")
        blocks, _ = self.prepared("dask")
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster, distributed.Client(cluster) as client:
            killed = None
            for result in engines._of_client(client, blocks, str(self.folder / "dask"), str(self.folder / "source"), precordia.engine.model_path()):
                self.assertIsInstance(result, work.Done)
                if killed is None:
                    killed = next(iter(client.run(os.getpid).values()))
                    os.kill(killed, signal.SIGKILL)
        self.same("dask")

    def test_spark_in_a_local_cluster_writes_the_same_bytes(self):
        try:
            import pyspark  # noqa: F401
        except ImportError:
            self.skipTest("Spark is not installed")
        if subprocess.run(["sh", "-c", "java -version"], capture_output=True).returncode:
            self.skipTest("there is no Java")
        done = self.run_archive("spark", "--engine", "spark", "--address", "local-cluster[2,1,1024]", check=True)
        self.same("spark")
        self.assertIn("2 of them errors", done.stderr)

    def test_new_files_come_behind_the_old_ones_and_change_none(self):
        exams_made.tree(self.folder / "grows", self.base, 10, broken=False)
        self.run_archive("grown", "--jobs", "1", source="grows", check=True)
        before = exams_made.parts(self.folder / "grown")
        exams_made.record(self.folder / "grows/00/a-new-one", self.base)
        self.run_archive("grown", "--jobs", "1", source="grows", check=True)
        after = exams_made.parts(self.folder / "grown")
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertEqual([row["record"] for row in self.table("grown")][10:], ["00/a-new-one"])

    def test_since_leaves_older_files_out(self):
        exams_made.tree(self.folder / "aged", self.base, 4, broken=False)
        for number in (0, 2):
            for ending in (".hea", ".dat"):
                os.utime(self.folder / f"aged/00/exam{number:04d}{ending}", (1e9, 1e9))
        self.run_archive("young", "--jobs", "1", "--since", "2020-01-01T00:00:00", source="aged", check=True)
        self.assertEqual([row["record"] for row in self.table("young")], ["00/exam0001", "00/exam0003"])

    def test_other_settings_are_refused(self):
        done = self.run_archive("whole", "--windows")
        self.assertEqual(done.returncode, 1)
        self.assertIn("has results with windows False, not True", done.stderr)
        for words, right in ((["--what", "all"], "probabilities"), (["--shard", "0/2"], "1/4"), (["--since", "today"], "2026"), (["--labels", "none"], "statements")):
            done = self.run_archive("wrong", *words)
            self.assertEqual(done.returncode, 64)
            self.assertIn(right, done.stderr)

    def test_everything_that_can_be_asked_for(self):
        exams_made.record(self.folder / "long/exam", np.concatenate([self.base, self.base[:2600]]))
        words = ("--what", "probabilities,classes,measurements,quality,beats", "--labels", "all")
        self.run_archive("all", *words, source="long", check=True)
        row = self.table("all")[0]
        self.assertEqual((row["seconds"], row["windows"], row["leads"].count("+"), row["known"]), (15.2, 2, 11, True))
        self.assertTrue(60 < row["heart_rate"] < 200 and 60 < row["qrs"] < 140 and row["beats"] > 10 and row["measured_beats"] > 3)
        self.assertTrue(any(name.startswith("c_") for name in row))
        schema = pq.read_schema(self.folder / "all/part-000000.parquet")
        self.assertEqual(schema.field("qt").metadata[b"unit"], b"ms")
        self.assertIn(precordia.Model().sha256.encode(), schema.metadata[b"precordia"])
        self.run_archive("windows", "--windows", source="long", check=True)
        self.assertEqual([(row["window"], row["window_start"], row["seconds"], row["quality"].split(";")[0]) for row in self.table("windows")],
                         [(0, 0.0, 10.0, "good"), (1, 10.0, 5.2, "short")])

    def test_exams_of_hdf5_are_cut_into_blocks(self):
        import h5py

        (self.folder / "many").mkdir()
        with h5py.File(self.folder / "many/exams_part0.hdf5", "w") as file:
            file["exam_id"] = np.arange(100, 117)
            file["tracings"] = np.stack([np.pad(np.roll(self.base[:2800], -50 * number, axis=0) / 500.0, ((600, 696), (0, 0))) for number in range(17)]).astype("f4")
        self.run_archive("hdf5", "--jobs", "1", source="many", check=True)
        self.assertEqual(len(exams_made.parts(self.folder / "hdf5")), 3)
        rows = self.table("hdf5")
        self.assertEqual([row["record"] for row in rows], [f"exams_part0.hdf5!{number}" for number in range(100, 117)])
        self.assertEqual({(row["rate"], row["seconds"], row["error"]) for row in rows}, {(400, 7.0, None)})
        one = precordia.read(self.folder / "many/exams_part0.hdf5", exam="105")
        verdict = precordia.exams.Exams(precordia.Model())
        exam = signals.of_recording(one)
        found = verdict.classify_counts(exam.counts, exam.rate, exam.leads, microvolts_per_count=exam.microvolts_per_count, baseline=exam.baseline)
        self.assertEqual(rows[5]["p_AFIB"], np.float32(found.statements["AFIB"]))

    def test_lists_tables_and_stores_lead_to_the_same_rows(self):
        import pyarrow as pa

        paths = [str(self.folder / f"source/00/exam000{number}") for number in range(3)]
        (self.folder / "list.txt").write_text("# three\n" + "\n".join(paths) + "\n")
        pq.write_table(pa.table({"path": [path + ".hea" for path in paths]}), self.folder / "paths.parquet")
        exams_made.tree(self.folder / "store", self.base, 3, broken=False)
        found = []
        for name, source in (("l", "@" + str(self.folder / "list.txt")), ("t", str(self.folder / "paths.parquet")), ("s", "file://" + str(self.folder / "store"))):
            done = subprocess.run([*COMMAND, source, "--to", str(self.folder / name), "--jobs", "1"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            found.append([(os.path.basename(row["record"]), row["p_AFIB"]) for row in self.table(name)])
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])
        self.assertEqual(len(found[0]), 3)


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.place.name)
        cls.base = exams_made.simulated(PROGRAM, cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def test_the_short_way_gives_what_the_full_reader_gives(self):
        counts = self.base.copy()
        counts[100:110, 3] = -32768
        counts[200:203, 7] = 32767
        exams_made.record(self.folder / "a", counts)
        exams_made.record(self.folder / "two", self.base[:, :2])
        for name in ("a", "two"):
            short, full = signals.of_plain(str(self.folder / f"{name}.hea")), signals.of_recording(precordia.read(self.folder / f"{name}.hea"))
            for field in ("rate", "leads", "derived", "cautions", "notes", "format"):
                self.assertEqual(getattr(short, field), getattr(full, field), field)
            np.testing.assert_array_equal(short.microvolts_per_count, full.microvolts_per_count)
            np.testing.assert_array_equal(short.baseline, full.baseline)
            if short.marks is None:
                self.assertIsNone(full.marks)
                np.testing.assert_array_equal(short.counts, full.counts)
                continue
            np.testing.assert_array_equal(short.marks, full.marks)
            self.assertEqual((short.marks["missing"] != 0).sum(), 10)
            self.assertEqual((short.marks["clipped"] != 0).sum(), 3)

    def test_whatever_is_odd_is_left_to_the_full_reader(self):
        exams_made.record(self.folder / "odd", self.base)
        text = (self.folder / "odd.hea").read_text()
        for old, new in ((" 500 5000", " 500/250 5000"), ("500 5000", "500.5 5000"), ("odd 12", "odd/2 12"), ("odd.dat 16 1000(0)/mV", "odd.dat 16 0/mV"),
                         ("odd.dat 16", "odd.dat 212"), ("odd.dat 16", "../odd.dat 16"), (" V6", " V7"), (" V6", " V5"), ("500 5000", "500 4999"), ("/mV", "/mmHg"),
                         ("500 5000", "500 5000 12:00:00 01/01/2020"), ("500 5000", "500"), ("1000(0)", "nan(0)")):
            (self.folder / "odd.hea").write_text(text.replace(old, new))
            self.assertIsNone(signals.of_plain(str(self.folder / "odd.hea")), (old, new))

    def test_a_lead_that_does_not_add_up_is_left_out_and_told(self):
        exams_made.record(self.folder / "sum", self.base)
        lines = (self.folder / "sum.hea").read_text().splitlines()
        fields = lines[7].split(" ")
        fields[6] = str((int(fields[6]) + 1) & 0xFFFF)
        lines[7] = " ".join(fields)
        (self.folder / "sum.hea").write_text("\n".join(lines) + "\n")
        found = signals.of_recording(precordia.read(self.folder / "sum.hea"))
        self.assertEqual((len(found.leads), "V1" in found.leads, found.cautions), (11, False, ("left-out:V1",)))
        said = subprocess.run([PROGRAM, "classify", str(self.folder / "sum")], capture_output=True, text=True).stdout
        self.assertIn(",absent:V1;left-out:V1,", said)

    def test_segments_are_read_with_their_record_and_signal_files_with_their_header(self):
        for name in ("seg1", "seg2"):
            exams_made.record(self.folder / "segments" / name, self.base)
        (self.folder / "segments/seg.hea").write_text("seg/2 12 500 10000\nseg1 5000\nseg2 5000\n")
        (self.folder / "segments/seg.atr").write_bytes(b"\0\0")
        settings = job.Job("", "", "", ("quality",))
        found = [*listing.sources(str(self.folder / "segments"), settings, None)]
        self.assertEqual(found, [job.Source(str(self.folder / "segments/seg.hea"))])

    def test_twelve_equal_notes_are_one(self):
        from precordia.formats.recording import grouped

        exams_made.record(self.folder / "gains", self.base)
        text = (self.folder / "gains.hea").read_text().replace("1000(0)/mV", "0")
        (self.folder / "gains.hea").write_text(text)
        found = signals.of_recording(precordia.read(self.folder / "gains.hea"))
        self.assertEqual(len(found.notes), 1)
        self.assertTrue(found.notes[0].startswith("I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6: no gain is stated"))
        self.assertEqual(found.cautions, ("uncalibrated:all",))
        self.assertEqual(grouped(["ward: x", "V1: x", "V1: x", "y"]), ["ward: x", "V1: x", "y"])

    def test_leads_are_spelt_as_the_program_reads_them(self):
        for name, lead in (("aVR", "aVR"), ("ECG_avr", "aVR"), ("MDC_ECG_LEAD_AVL", "aVL"), ("LI", "I"), ("D2", "II"), ("C3", "V3"), ("MLII", "II"), ("mod.V1", "V1"),
                           ("-aVR", None), ("V4R", None), ("ECG 1", None), ("", None), ("\u00b5", None)):
            self.assertEqual(signals.lead_spelt(name), lead, name)

    def test_a_reader_that_dies_or_hangs_costs_one_file(self):
        exams_made.record(self.folder / "one", self.base)
        reader = Reader(60, 8)
        try:
            [first] = reader.exams(str(self.folder / "one.hea"), {}, None)
            self.assertEqual(first.rate, 500)
            reader._process.kill()
            reader._process.wait()
            [again] = reader.exams(str(self.folder / "one.hea"), {}, None)
            self.assertEqual(again.rate, 500)
            # Stopped, it hangs as a library does that never comes back.
            os.kill(reader._process.pid, signal.SIGSTOP)
            reader.seconds = 0.2
            [hung] = reader.exams(str(self.folder / "one.hea"), {}, None)
            self.assertIsInstance(hung, FormatError)
            self.assertIn("not read within 0.2 s", str(hung))
        finally:
            reader.close()
        small = Reader(60, 0.01)
        [dead] = small.exams(str(self.folder / "one.hea"), {}, None)
        small.close()
        self.assertIsInstance(dead, FormatError)


if __name__ == "__main__":
    unittest.main()
