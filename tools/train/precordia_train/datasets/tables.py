# CSV tables with the columns that a reader needs, and errors that name the file, the row and the column.
# Separate so that no reader says "KeyError" to the person whose file lacks something.
import csv
from pathlib import Path

from .exam import DatasetError

TRUE, FALSE = {"1", "1.0", "true", "t", "yes"}, {"0", "0.0", "false", "f", "no"}


def rows(path: Path, needed=(), separator: str = ",") -> list[dict]:
    """The rows of a CSV file with a heading, in file order, cells stripped of white space. `needed`: columns that must be there."""
    if not path.is_file():
        raise DatasetError(f"{path}: no such file")
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, delimiter=separator)
        heading = [cell.strip() for cell in next(reader, [])]
        missing = [column for column in needed if column and column not in heading]
        if missing:
            raise DatasetError(f"{path}: no column {', '.join(missing)}; there are {', '.join(heading) or 'none'}")
        out = []
        for cells in reader:
            if cells and len(cells) != len(heading):
                raise DatasetError(f"{path}, line {reader.line_num}: {len(cells)} cells, the heading has {len(heading)}")
            if cells:
                out.append(dict(zip(heading, (cell.strip() for cell in cells))))
    if not out:
        raise DatasetError(f"{path}: no rows")
    return out


def flag(cell: str, where: str) -> int:
    """1 or 0 from a cell that says true or false in one of the usual ways; an empty one is an error, not a 0."""
    word = cell.lower()
    if word in TRUE or word in FALSE:
        return int(word in TRUE)
    raise DatasetError(f"{where} is {cell!r}; 0, 1, true or false would be right")


def identifier(value) -> str:
    """An id as text: 1169160, 1169160.0, b'1169160' and '1169160' are the same exam."""
    text = value.decode() if isinstance(value, bytes) else str(value).strip()
    whole, point, rest = text.partition(".")
    return whole if point and whole.lstrip("-").isdigit() and not rest.strip("0") else text


def whole(cell: str, where: str) -> int:
    """A whole number, also when written as 7.0."""
    try:
        return int(identifier(cell))
    except ValueError:
        raise DatasetError(f"{where} is {cell!r}; a whole number would be right") from None
