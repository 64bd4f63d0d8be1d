"""Why a file gives no recording, told so that one can act on it. Apart from reading, because every adapter and writer raises it."""
from __future__ import annotations

INSTALL = "pip install 'precordia[formats]'"


class FormatError(ValueError):
    """A file that cannot be read or written: `path`, `format`, `field` and `value` say where, `problem` and `remedy` what.

    str() is one line: "exam.scp: SCP-ECG, section 3: 17 leads, but the section has room for 2; the file was cut short".
    """

    def __init__(self, path: str, format: str, field: str, problem: str, *, value: object = None, remedy: str = "") -> None:
        self.path, self.format, self.field, self.problem, self.value, self.remedy = path, format, field, problem, value, remedy
        super().__init__(path, format, field, problem, value, remedy)

    def __str__(self) -> str:
        place = ", ".join(word for word in (self.format, self.field) if word)
        said = _short(self.problem)
        if self.value is not None:
            said = f"{_short(self.value)}: {said}"
        text = ": ".join(word for word in (self.path, place, said) if word)
        return f"{text}; {self.remedy}" if self.remedy else text

    def __reduce__(self) -> tuple[object, ...]:
        """For another process, to which a value of a library's own type could not be sent."""
        value = self.value if isinstance(self.value, (int, float, str, bytes, type(None))) else str(self.value)
        return _again, (self.path, self.format, self.field, self.problem, value, self.remedy)

    def at(self, path: str) -> FormatError:
        """The same error about a file by another name, as for a member of an archive."""
        return FormatError(path, self.format, self.field, self.problem.replace(self.path, path) if self.path else self.problem,
                           value=self.value, remedy=self.remedy)


def _again(path: str, format: str, field: str, problem: str, value: object, remedy: str) -> FormatError:
    return FormatError(path, format, field, problem, value=value, remedy=remedy)


def missing(path: str, format: str, package: str) -> FormatError:
    """The library that reads this format is not installed."""
    return FormatError(path, format, "", f"the Python package {package} is not installed", remedy=INSTALL)


def _short(value: object) -> str:
    """One line of at most 200 characters, whatever a hostile file put into it."""
    text = " ".join(str(value).split())
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= 200 else text[:200] + "..."
