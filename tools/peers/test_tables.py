# The tables from figures that are made up, without any peer: `tools/bench --self-test`, a part of `make test`.
# Ratios and marks are what can silently go wrong; no time is asserted.

import tempfile
import unittest
from pathlib import Path

from . import tables

SHIPPED = {"precordia": 100.0, "limit": 90.0, "onnx": 250.0, "openvino": 300.0, "litert": 200.0, "hop20": 10.0, "hop100": 30.0}
RESULTS = {
    "peers": {
        "networks": {
            "shipped": {**SHIPPED, "precordia-hop20": 6.0, "precordia-hop100": 15.0},
            "resnet1d": {"precordia": 5000.0, "onnx": 4000.0, "openvino": 6000.0, "litert": 4500.0},
        },
        "filters": {"precordia": 0.1, "scipy": 20.0},
        "beats": 0.09,
        "frame": 0.4,
    },
    "agreement": {
        "shipped": {"precordia": {"exact": True, "logits": 8}, "onnx": {"centred": 0.999}},
        "resnet1d": {"precordia": {"exact": False}},
    },
    "exams": {
        "runs": {"100": {"seconds": 0.2, "memory": 9.0}, "1000": {"seconds": 1.0, "memory": 9.0}},
        "precordia": 1000.0,
        "pipeline": 100.0,
        "difference": 0.001,
    },
}


class TablesTests(unittest.TestCase):
    def test_each_ratio_is_to_the_fastest_and_says_whether_the_aim_is_met(self):
        rows = {(row[0], row[2]): row[3:] for row in tables.ratio_rows(RESULTS)}
        self.assertEqual(rows["whole window, shipped model", "LiteRT int8, 200 us"], ["0.50", "0.85", "met"])
        self.assertEqual(rows["whole window, CODE-II ResNet1d", "ONNX Runtime int8, 4,000 us"], ["1.25", "1", "missed"])
        self.assertEqual(rows["one new second, shipped model", "LiteRT int8, whole window again, 200 us"], ["0.075", "0.1", "met"])
        self.assertEqual(
            rows["one new second, shipped model", "LiteRT with states by hand, invoke alone, 30.0 us"], ["0.50", "0.75", "met"]
        )
        self.assertEqual(
            rows["shortest hop, shipped model", "LiteRT with states by hand, invoke alone, 10.0 us"], ["0.60", "0.5", "missed"]
        )
        self.assertEqual(
            rows["stored exams: one, in one of 2 jobs", "wfdb, scipy, ONNX Runtime, 2 processes, 20.0 ms"], ["0.10", "0.05", "missed"]
        )

    def test_a_run_without_the_shipped_network_has_no_frame_and_its_tables_all_the_same(self):
        parts = {"networks": {"depthwise": RESULTS["peers"]["networks"]["shipped"]}, "filters": {"precordia": 0.1, "scipy": 20.0}, "frame": None}
        made = tables.blocks({"peers": parts})
        self.assertIn("depthwise-separable", made["ratios"])
        self.assertNotIn("a frame", made["absolute"] + made["summary"])

    def test_answers_that_differ_are_not_hidden(self):
        self.assertIn("8 logits, every bit", tables.peers(RESULTS))
        self.assertIn("| shipped model | the multiplications alone, at the peak | 90.0 | 0.90 |  |", tables.peers(RESULTS))
        self.assertIn("DIFFERENT", tables.peers(RESULTS))

    def test_marked_blocks_are_replaced_and_the_rest_stays(self):
        kept = "<!-- table:bench.board -->\nkept\n<!-- end -->"
        text = f"a\n<!-- table:bench.ratios -->\nold\n<!-- end -->\nb\n{kept}\n<!-- table:bench.exams -->\n<!-- end -->\nc\n"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.md"
            path.write_text(text)
            self.assertEqual(tables.write(path, RESULTS), 2)
            written = path.read_text()
            self.assertEqual(tables.write(path, RESULTS), 2)
            self.assertEqual(path.read_text(), written)
        self.assertTrue(written.startswith("a\n<!-- table:bench.ratios -->\n| what |") and written.endswith("<!-- end -->\nc\n"))
        self.assertNotIn("old", written)
        self.assertIn(kept, written)

    def test_a_part_that_was_not_measured_has_no_block(self):
        self.assertEqual(set(tables.blocks({"exams": RESULTS["exams"]})), {"exams"})
        self.assertIn("| 100 | 0.20 | 500 | 2.00 | 9.00 |", tables.exams(RESULTS))


if __name__ == "__main__":
    unittest.main()
