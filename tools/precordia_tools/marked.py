# The one writer of what tools measure into documents, and the rules of the markers that it writes between.
# Apart from the tools, so that every document has one syntax, and a marker that nobody fills is found.
"""A document has `<!-- table:TOOL.NAME -->` and `<!-- end -->` on lines of their own with a table between, or within a line
`<!-- figure:NAME -->0.9345<!-- end -->`. TOOL says what fills it: one of WRITERS. A figure TOOL.TABLE.ROW.COLUMN is that cell of that table, wherever the
table stands: row and column by their words with hyphens, a row's first words, `~2` behind those of the second row of the same name. Standard library only."""
import re
from pathlib import Path

from .places import TOP

MARKER = re.compile(r"<!-- (?:(\w+):(\S+)|end) -->")
# What stands before a table's first dot, and the command that writes the table.
WRITERS = {
    "alarm": "tools/check-alarm --write",
    "alarms": "tools/alarms --write",
    "archive": "tools/archive --python tools/archive-figures --write",
    "beats": "tools/beats --write",
    "bench": "tools/bench --write",
    "card": "python -m precordia_train card --write",
    "formats": "tools/formats --write",
    "hil": "tools/hil/run",
    "log": "tools/check-log --write",
    "measure": "tools/measure --write",
    "quality": "tools/quality --write",
}


class Place:
    """What lies between two markers of a text."""

    def __init__(self, kind, name, begin, where):
        self.kind, self.name, self.begin, self.end, self.where = kind, name, begin, begin, where

    def __repr__(self):
        return f"{self.kind}:{self.name}"


def places(text, document="text"):
    """Every place of a document. ValueError, with the line, for a marker that is unknown, or has no other, or is there twice."""
    found, opened = [], None
    for match in MARKER.finditer(text):
        where = f"{document}, line {text.count(chr(10), 0, match.start()) + 1}"
        kind, name = match.groups()
        if (kind is None) == (opened is None):
            raise ValueError(f"{where}: {match[0]}: " + ("nothing is open" if opened is None else f"{opened.name} is not ended"))
        if kind is None:
            opened.end = match.start()
            found.append(opened)
            opened = None
            continue
        if kind == "table" and name.split(".")[0] not in WRITERS or kind not in ("table", "figure"):
            raise ValueError(f"{where}: {match[0]}: figure:NAME, or table:TOOL.NAME with one of {', '.join(WRITERS)} as TOOL, would be right")
        if kind == "table" and any(place.name == name for place in found):
            raise ValueError(f"{where}: {match[0]}: is there twice")
        opened = Place(kind, name, match.end(), where)
    if opened:
        raise ValueError(f"{opened.where}: {opened} is not ended by <!-- end -->")
    return found


def filled(text, made, document="text"):
    """The text with new contents, and how many there are. `made` gives a place's content: a list of lines for a table, a text for a figure; None
    leaves it as it is."""
    parts, done, count = [], 0, 0
    for place in places(text, document):
        new = made(place)
        if new is not None:
            parts += [text[done:place.begin], new if place.kind == "figure" else "\n" + "\n".join(new) + "\n"]
            done, count = place.end, count + 1
    return "".join(parts) + text[done:], count


def write(path, tables):
    """Writes tables, lists of lines by name, into a document that has a place for each. ValueError where it has none, and nothing is written."""
    path = Path(path)
    text, _ = filled(text := path.read_text(encoding="utf-8"), lambda place: tables.get(place.name) if place.kind == "table" else None, path)
    missing = set(tables) - {place.name for place in places(text, path) if place.kind == "table"}
    if missing:
        raise ValueError(f"{path}: no <!-- table:{sorted(missing)[0]} --> with <!-- end --> behind it")
    path.write_text(text, encoding="utf-8")


def slug(words):
    return re.sub(r"[^\w+]+", "-", words).strip("-")


def cells(name, lines):
    """The cells of a table, or of several with blank lines between, by the names that figures have."""
    found, heads, seen = {}, None, {}
    for line in lines:
        if not line.startswith("|"):
            heads = None
            continue
        row = [cell.strip() for cell in line.strip("|").split("|")]
        if heads is None or re.fullmatch(r"[\s:|-]+", line):
            heads = heads or [slug(cell) for cell in row]
            continue
        key = slug(row[0])
        seen[key] = seen.get(key, 0) + 1
        key += f"~{seen[key]}" if seen[key] > 1 else ""
        found |= {f"{name}.{key}.{head}": cell for head, cell in zip(heads[1:], row[1:]) if head}
    return found


def cells_of(texts):
    """The cells of every table in documents' texts."""
    found = {}
    for text in texts:
        for place in places(text):
            if place.kind == "table":
                found |= cells(place.name, text[place.begin:place.end].strip("\n").split("\n"))
    return found


def is_cell(place):
    """Whether a place is a figure that some tool's table has, and not one of the model card's."""
    tool = place.name.split(".")[0]
    return place.kind == "figure" and tool in WRITERS and tool != "card"


def copy_cells(paths):
    """Fills the figures of these documents that are cells of tables, from all documents of the repository."""
    found = cells_of(path.read_text(encoding="utf-8") for path in documents())
    for path in paths:
        text, _ = filled(path.read_text(encoding="utf-8"), lambda place: found.get(place.name) if is_cell(place) else None, path)
        path.write_text(text, encoding="utf-8")


def documents():
    """The pages in which tools write."""
    return [*sorted((TOP / "docs").glob("*.md")), TOP / "README.md", TOP / "models/README.md"]


def cell_faults(texts):
    """Figures of documents, given as (name, text), that are not what the table says which they name."""
    found = cells_of(text for _, text in texts)
    for name, text in texts:
        for place in places(text, name):
            said = text[place.begin:place.end]
            if is_cell(place) and said != found.get(place.name):
                yield f"{place.where}: {place} says {said!r}, its table {found.get(place.name)!r}: tools/check-house --write copies it"


def self_test():
    """Right documents are filled, and each wrong one is refused."""
    text = "a\n<!-- table:log.x -->\nold\n<!-- end -->\nb <!-- figure:y.z -->1<!-- end --> c\n<!-- table:bench.x -->\n<!-- end -->\n"
    new, count = filled(text, lambda place: {"log.x": ["n", "m"], "y.z": "2"}.get(place.name))
    assert (new, count) == ("a\n<!-- table:log.x -->\nn\nm\n<!-- end -->\nb <!-- figure:y.z -->2<!-- end --> c\n<!-- table:bench.x -->\n<!-- end -->\n", 2)
    assert filled(new, lambda place: {"log.x": ["n", "m"], "y.z": "2"}.get(place.name)) == (new, 2)
    table = "<!-- table:log.x -->\n| | +P, whole | rule |\n|---|---|---|\n| **gross** | 1 % | a |\n| gross | 2 % | b |\n\n| r | s |\n|---|---|\n| t | 3 |\n<!-- end -->\n"
    assert cells_of([table]) == {
        "log.x.gross.+P-whole": "1 %", "log.x.gross.rule": "a", "log.x.gross~2.+P-whole": "2 %", "log.x.gross~2.rule": "b", "log.x.t.s": "3"}
    page = "<!-- figure:log.x.gross.+P-whole -->1 %<!-- end --> <!-- figure:log.x.t.s -->4<!-- end --> <!-- figure:all.auroc -->0<!-- end -->"
    assert [*cell_faults([("t.md", table), ("p.md", page)])] == ["p.md, line 1: figure:log.x.t.s says '4', its table '3': tools/check-house --write copies it"]
    for wrong, said in WRONG.items():
        try:
            places(wrong)
        except ValueError as fault:
            assert said in str(fault), f"{wrong!r} was refused with {fault}"
        else:
            raise AssertionError(f"{wrong!r} was taken")


WRONG = {
    "\n<!-- table:log.x -->\n": "line 2: table:log.x is not ended",
    "<!-- end -->": "nothing is open",
    "<!-- table:log.x -->\n<!-- table:log.y -->\n<!-- end -->": "log.x is not ended",
    "<!-- table:nobody.x -->\n<!-- end -->": "would be right",
    "<!-- tabel:log.x -->\n<!-- end -->": "would be right",
    "<!-- table:log.x -->\n<!-- end -->\n<!-- table:log.x -->\n<!-- end -->": "is there twice",
}
