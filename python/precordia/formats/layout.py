"""What a caller says of files that do not say it themselves: rate, unit and lead names. Named layouts of published data sets stand here."""
from __future__ import annotations

import argparse
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .errors import FormatError
from .recording import LEADS, microvolts_per


@dataclass(frozen=True)
class Layout:
    """`rate` in hertz, `unit` a voltage, `values_per_unit` how many values of the file make one; None is unknown."""

    rate: float | None = None
    unit: str | None = None
    leads: tuple[str, ...] | None = None
    values_per_unit: float = 1.0
    #: "tracings": dataset of (exam, sample, lead) with `exam_id`; "ecg": dataset of (lead, sample).
    dataset: str | None = None
    #: Zeros before and after a tracing are no signal.
    padded: bool = False
    #: What the layout rests on, for `Recording.notes`.
    note: str = ""

    def complete(self, path: str, format: str, columns: int) -> tuple[float, str, tuple[str, ...]]:
        """Rate, unit and leads, or the error that says which is missing. `columns` is how many leads the file has."""
        if self.rate is None:
            raise FormatError(path, format, "rate", "the file does not say it", remedy="--rate HERTZ, or rate= in Python, says it")
        if self.unit is None:
            raise FormatError(path, format, "unit", "the file does not say it", remedy="--unit uV|mV|V, or unit= in Python, says it")
        leads = self.leads or (LEADS if columns == 12 else None)
        if leads is None:
            raise FormatError(path, format, "leads", f"the file does not name its {columns} columns", remedy="--leads I,II,V1, or leads= in Python, does")
        if len(leads) != columns:
            raise FormatError(path, format, "leads", f"{len(leads)} names for {columns} columns", value=",".join(leads))
        return self.rate, self.unit, leads


#: Published data sets that say neither rate nor unit in the file.
NAMED = {
    "code15": Layout(400.0, "mV", LEADS, 2.0, "tracings", True,
                     "CODE-15 % states no unit: two values a millivolt fit its amplitudes (github.com/antonior92/ecg-age-prediction, issue 5)"),
    "code2-open": Layout(400.0, "mV", LEADS, 1.0, "tracings", True,
                         "CODE-II-open: layout assumed after CODE-15 %, see docs/code2-open.md; compare the amplitude"),
    "sph": Layout(500.0, "mV", LEADS, 1.0, "ecg", False, "SPH: rate and unit from its description, doi 10.1038/s41597-022-01403-5"),
}


def add_layout_options(parser: argparse.ArgumentParser) -> None:
    """The options with which a command is told what `layout_of` takes."""
    parser.add_argument("--layout", choices=list(NAMED), help="HDF5 of a published data set")
    parser.add_argument("--rate", type=float, metavar="HZ", help="of arrays and tables that do not say it")
    parser.add_argument("--unit", metavar="uV|mV|V", help="of arrays and tables that do not say it; 5uV where a value is five microvolts")
    parser.add_argument("--leads", metavar="LIST", help="names of the columns, such as I,II,V1")


def layout_of(path: str, name: str | None, rate: float | None, unit: str | None, leads: Sequence[str] | None) -> Layout:
    """A named layout with what else was said. FormatError names the argument that cannot be."""
    if name is not None and name not in NAMED:
        raise FormatError(path, "", "layout", f"is none of {', '.join(NAMED)}", value=name)
    found = NAMED[name] if name else Layout()
    if rate is not None:
        if isinstance(rate, bool) or not math.isfinite(rate) or not 0 < rate <= 1e6:
            raise FormatError(path, "", "rate", "above 0 and up to 1000000 Hz would be right", value=rate)
        found = replace(found, rate=float(rate))
    if unit is not None:
        said = re.fullmatch(r"\s*(\d+(?:\.\d+)?)?\s*([^\W\d]+)\s*", unit)
        step = float(said[1]) if said and said[1] else 1.0
        if said is None or microvolts_per(said[2]) is None or step == 0:
            raise FormatError(path, "", "unit", "uV, mV, V or a step such as 5uV would be right", value=unit)
        found = replace(found, unit=said[2], values_per_unit=1.0 / step)
    if leads is not None:
        if isinstance(leads, str) or not leads or not all(isinstance(lead, str) and lead.strip() for lead in leads):
            raise FormatError(path, "", "leads", "a list of names would be right", value=leads)
        found = replace(found, leads=tuple(lead.strip() for lead in leads))
    return found
