# The card's tables from an evaluation made up here, and the markers of every document of the repository.
# Separate because nothing is measured: what is asked is whether a document can say anything but what its inputs say.
import argparse
import copy
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np

from precordia_tools import marked
from precordia_train import card, metrics

ROOT = Path(__file__).resolve().parents[3]
FIGURES = {"auroc": 0.91234, "auprc": 0.5, "f_max": 0.6, "ece": 0.0123, "sensitivity": 0.7, "specificity": 0.9}
MACRO = {"labels": 2, "interval": {"auroc": [0.9, 0.93]}} | FIGURES
LABEL = {"code": "AFIB", "words": "atrial fibrillation", "positives": 3, "covered": True, "answered_by": ["AFIB"], "interval": {}} | FIGURES
MODEL = {"name": "tiny", "version": 2, "sha256": "ab" * 32}
DATABASE = """ecg_id,patient_id,scp_codes,strat_fold,filename_lr,filename_hr
1,1,{'AFIB': 0.0},1,a,a
2,2,{'AFIB': 0.0},9,b,b
3,3,{},9,c,c
"""


def evaluation(dataset: str, tasks: tuple) -> dict:
    tasks = [{"task": name, "title": f"the {name}", "exams": 1234, "macro": MACRO, "labels": [LABEL]} for name in tasks]
    return {
        "dataset": dataset, "title": f"{dataset}, fold 9", "model": MODEL, "exams": {"judged": 1234}, "tasks": tasks,
        "bootstrap": {"samples": 1000},
    }  # fmt: skip


def ptbxl() -> dict:
    group = {
        "group": "under 40", "exams": 500, "labels": 7, "auroc": 0.9, "shared_auroc": 0.8, "interval": [0.7, 0.85], "alarmed": 0.123,
        "alerting_stated": 0.1,
    }  # fmt: skip
    small = group | {"group": "40 to 59", "shared_auroc": None, "interval": None}
    alarm = LABEL | {"priority": "medium", "threshold": 0.25, "found": 2, "false": 9}
    return evaluation("ptbxl", card.TASKS) | {
        "published": [{"network": "other", "source": "x", "macro_auroc": dict.fromkeys(card.TASKS, 0.925)}],
        "alarms": {"quiet": 1000, "disturbed": 46, "statements": [alarm]},
        "subgroups": [{"kind": "age", "shared": ["AFIB"], "groups": [group, small]}],
    }


class CardTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        names = ("evaluate", "cpsc2018", "cinc2021", "robustness", "ladder", "data", "write")
        self.options = argparse.Namespace(**dict.fromkeys(names), keep=[])
        self.give("evaluate", ptbxl())
        (self.root / "ptbxl_database.csv").write_text(DATABASE)
        heading = ",description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass\n"
        (self.root / "scp_statements.csv").write_text(heading + "AFIB,atrial fibrillation,,,1.0,,\nSR,sinus rhythm,,,1.0,,\n")
        self.options.data = self.root

    def give(self, option: str, content: dict) -> None:
        path = self.root / f"{option}.json"
        path.write_text(json.dumps(content))
        setattr(self.options, option, path)

    def table(self, name: str) -> list:
        return card.TABLES[name](card.Given(self.options))

    def refused(self, text: str) -> str:
        with self.assertRaises(ValueError) as caught:
            card.filled(text, Path("d.md"), card.Given(self.options))
        return str(caught.exception)

    def test_tasks_published_and_subgroups(self):
        lines = self.table("tasks")
        self.assertEqual(lines[2], "| the all | 2 of 1 | 1,234 | 0.9123 (0.9000 to 0.9300) | 0.500 | 0.600 | 0.0123 |")
        self.assertIn("ptbxl, fold 9, 1,234 exams; model tiny version 2, SHA-256 abababababababab.", lines[-1])
        self.assertEqual(self.table("published")[3], "| **tiny, int8** | ptbxl, fold 9 |" + " **0.912** |" * 6)
        self.assertEqual(
            self.table("subgroups")[2:4],
            ["| age | under 40 | 500 | 0.900 of 7 | 0.800 (0.700 to 0.850) | 1 | 12.3 % | 10.0 % |",
             "| age | 40 to 59 | 500 | 0.900 of 7 |  | 1 | 12.3 % | 10.0 % |"],
        )  # fmt: skip

    def test_alarms_have_their_positives_in_training(self):
        lines = self.table("alarms")
        self.assertEqual(lines[2], "| AFIB | atrial fibrillation | medium | 1 | 0.250 | 2 of 3 | 9 | 0.912 |")
        self.assertTrue(lines[4].startswith("4.6 % of the 1,000 exams"))

    def test_a_set_that_the_model_has_not_seen(self):
        given = evaluation("cinc2021", ("cinc2021",))
        given["tasks"][0]["labels"] = [
            LABEL | {"code": "164889003|1"},
            {"code": "5", "words": "Brugada", "positives": 4, "covered": False},
        ]
        self.give("cinc2021", given)
        lines = self.table("cinc2021")
        self.assertEqual(lines[2], "| atrial fibrillation | AFIB | 3 | 0.912 | 0.500 | 0.700 | 0.900 |")
        self.assertIn("Not covered, with positives: Brugada (4).", lines)

    def test_the_ladder_names_the_statement_that_lost_most(self):
        random = np.random.default_rng(0)
        rows = "".join(f"{n},{n},{{'{'SR' if n % 2 else 'AFIB'}': 0.0}},9,a,a\n" for n in range(1, 61))
        (self.root / "ptbxl_database.csv").write_text(DATABASE.splitlines(True)[0] + rows)
        labels = np.array([[n % 2 == 0, n % 2] for n in range(1, 61)])
        integers = labels + random.normal(0, 1, labels.shape)
        floats = integers + [[0.0, 0.5]] * labels
        score = {rung: float(metrics.each_auroc(labels, z).mean()) for rung, z in (("float", floats), ("integer", integers))}
        found = score | {"simulated": 0.5, "loss": 0.1, "worst": 0.2}
        run = {
            "sets": [{"name": "statements", "codes": ["AFIB", "SR"], "count": 2, "auxiliary": False}],
            "figures": {"quantize": {"sets": {"statements": found}, "difference": {"float": 0.5, "simulated": 0.0}}},
        }
        (self.root / "run.json").write_text(json.dumps(run))
        np.savez(self.root / "answers.npz", rows=np.arange(60), float=floats, simulated=floats, integer=integers)
        self.options.ladder = self.root
        self.assertIn("; of the statements SR, ", self.table("ladder")[-1])
        np.savez(self.root / "answers.npz", rows=np.arange(60)[::-1], float=floats, simulated=floats, integer=integers)
        with self.assertRaisesRegex(ValueError, "answers.npz is not of run.json"):
            self.table("ladder")

    def test_cables_say_what_is_answered_and_what_is_lost(self):
        self.options.robustness = self.root / "curves.csv"
        heading = "perturbation,level,n,unknown,auroc,loss,auroc20,loss20,change,change99\n"
        self.options.robustness.write_text(heading + "clean,,9,0,0.91234,0,0.9,0,0,0\ngain,1,9,0,0.9,0,0.9,0,0,0\n")
        with self.assertRaisesRegex(ValueError, "no row of cables"):
            self.table("cables")
        with self.options.robustness.open("a") as file:
            file.write("cable,II V5,9,9,0.81239,0.1,0.8,0.1,0,0\n")
        self.assertEqual(
            self.table("cables")[2:],
            ["| all twelve | 8 | 100.0 % | 0.9123 | 0.0000 |", "| II V5 | 2 | 0.0 % | 0.8124 | 0.1000 |"])

    def test_robustness_is_printed_by_its_own_tool(self):
        self.options.robustness = self.root / "curves.csv"
        heading = "perturbation,level,n,unknown,auroc,loss,auroc20,loss20,change,change99\n"
        self.options.robustness.write_text(heading + "clean,,9,0,0.91234,0,0.9,0,0,0\n")
        self.assertEqual(self.table("robustness")[2], "| clean |  | 9 | 0 | 0.9123 | 0.0000 | 0.9000 | 0.0000 | 0.0000 | 0.0000 |")
        self.options.robustness.write_text("a,b\n")
        with self.assertRaisesRegex(ValueError, "its columns are a,b"):
            self.table("robustness")

    def test_documents_are_filled_between_their_markers_and_twice_gives_the_same(self):
        path = self.root / "d.md"
        path.write_text(
            "a\n<!-- table:card.published -->\nold\n<!-- end -->\nb <!-- figure:all.auroc -->0.1<!-- end --> c "
            "<!-- figure:rhythm.AFIB.sensitivity --><!-- end --> of <!-- figure:all.exams --><!-- end -->.\n"
        )
        self.options.write = [path]
        card.card(self.options)
        text = path.read_text()
        table = "\n".join(self.table("published"))
        self.assertEqual(
            text,
            f"a\n<!-- table:card.published -->\n{table}\n<!-- end -->\nb <!-- figure:all.auroc -->0.9123<!-- end --> c "
            "<!-- figure:rhythm.AFIB.sensitivity -->0.700<!-- end --> of <!-- figure:all.exams -->1,234<!-- end -->.\n",
        )
        card.card(self.options)
        self.assertEqual(path.read_text(), text)

    def test_a_marker_that_is_unknown_or_alone_is_an_error_with_its_line(self):
        for text, problem in (
            ("\n<!-- table:card.task --><!-- end -->", "d.md, line 2: table:card.task: card. and one of tasks, "),
            ("<!-- tabel:tasks --><!-- end -->", "d.md, line 1: <!-- tabel:tasks -->: figure:NAME, or table:TOOL.NAME with one of alarm, "),
            ("<!-- table:card.tasks -->\n", "d.md, line 1: table:card.tasks is not ended by <!-- end -->"),
            ("<!-- table:card.tasks -->\n<!-- table:card.alarms -->\n<!-- end -->", "line 2: <!-- table:card.alarms -->: card.tasks is not ended"),
            ("\n\n<!-- end -->", "line 3: <!-- end -->: nothing is open"),
            ("<!-- table:card.ladder --><!-- end -->", "line 1: table:card.ladder: needs --ladder"),
            ("<!-- figure:all --><!-- end -->", "figure all: TASK.FIGURE or TASK.LABEL.FIGURE is right"),
            ("<!-- figure:all.aurox --><!-- end -->", "figure all.aurox: the evaluation has none"),
            ("<!-- figure:none.auroc --><!-- end -->", "the evaluation has no task none"),
            ("<!-- figure:cpsc2018.auroc --><!-- end -->", "line 1: figure:cpsc2018.auroc: needs --cpsc2018"),
        ):
            self.assertIn(problem, self.refused(text))

    def test_evaluations_of_two_models_or_of_another_set_are_refused(self):
        other = copy.deepcopy(evaluation("cpsc2018", ("cpsc2018",)))
        other["model"] = MODEL | {"sha256": "cd" * 32}
        self.give("cpsc2018", other)
        text = "<!-- figure:all.auroc --><!-- end --><!-- figure:cpsc2018.auroc --><!-- end -->"
        self.assertIn("SHA-256 cdcdcdcdcdcdcdcd; the others judged model tiny version 2, SHA-256 abab", self.refused(text))
        self.give("evaluate", other)
        self.assertIn("what `precordia evaluate ptbxl --json` writes is right", self.refused("<!-- table:card.tasks --><!-- end -->"))

    def test_a_table_to_keep_needs_no_input(self):
        self.options.keep = ["ladder"]
        text = "<!-- table:card.ladder -->\nold\n<!-- end -->\n<!-- figure:all.auroc -->0<!-- end -->"
        self.assertEqual(card.filled(text, Path("d.md"), card.Given(self.options)), text.replace(">0<", ">0.9123<"))

    def test_tables_of_other_tools_are_left_alone(self):
        text = "<!-- table:bench.summary -->\nold\n<!-- end -->\n"
        self.assertEqual(card.filled(text, Path("d.md"), card.Given(self.options)), text)

    def test_every_marker_of_the_documents_is_known(self):
        found = [ROOT / name for name in card.DOCUMENTS]
        names = [place.name.removeprefix("card.") for path in found for place in marked.places(path.read_text(encoding="utf-8"), path)]
        self.assertLessEqual({"tasks", "alarms", "subgroups", "classes", "cpsc2018", "cinc2021", "ladder", "robustness", "cables"}, set(names))


if __name__ == "__main__":
    unittest.main()
