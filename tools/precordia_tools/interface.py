"""What users of two interfaces rely on, as lines of text that can be compared: the declarations of precordia.h, and the fields of the JSON lines.

Standard library only.
"""
import json
import re


def declarations(header):
    """The number of the interface, and each declaration of the header by its name: functions, constants, types."""
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", header, flags=re.S)
    number = re.search(r"^#define PRECORDIA_ABI (\d+)$", code, re.M)[1]
    code = re.sub(r"^#[^\n]*$", "", code, flags=re.M)
    code = re.sub(r'extern "C" \{|PRECORDIA_(?:NULLABLE|NONNULL)', "", code)
    found = {}
    for body in re.findall(r"\benum \{(.*?)\};", code, re.S):
        for constant in filter(None, (part.strip() for part in body.split(","))):
            name, value = (part.strip() for part in constant.split("="))
            found[name] = f"constant {name} = {value}"
    code = re.sub(r"\benum \{.*?\};", "", code, flags=re.S)
    for body, name in re.findall(r"\btypedef struct \w+ \{(.*?)\} (\w+);", code, re.S):
        found[name] = f"struct {name}: {'; '.join(members(body))}"
    code = re.sub(r"\btypedef struct \w+ \{.*?\} \w+;", "", code, flags=re.S)
    for words in (" ".join(words.split()) for words in re.findall(r"[^;{}]+;", code)):
        name = re.search(r"(\w+)\s*\(", words) or re.search(r"(\w+);$", words)
        found[name[1]] = re.sub(r"\s*([(),;*])\s*", r"\1", words[:-1]).replace(",", ", ").replace("*", " *").replace("[ ", "[")
    return int(number), found


def members(body):
    """The members of a structure one by one; an array that is reserved by its parts, because parts of it may be given a meaning."""
    for words in filter(None, (" ".join(part.split()) for part in body.split(";"))):
        kind, names = re.match(r"(.*?[\s*])(\w+(?:\[\d+\])?(?:, \w+(?:\[\d+\])?)*)$", words).groups()
        for name in names.split(", "):
            array = re.fullmatch(r"reserved\[(\d+)\]", name)
            yield from [f"{kind.strip()} reserved"] * int(array[1]) if array else [f"{kind.strip()} {name}"]


def is_kept(old, new):
    """Whether a declaration is as good as the old one: the same, or a structure whose reserved members got names."""
    if old == new:
        return True
    parts, others = (text.split(": ", 1)[-1].split("; ") for text in (old, new))
    return old.startswith("struct ") and new.startswith("struct ") and len(parts) == len(others) and all(
        part == other or part.endswith(" reserved") and part.rsplit(" ", 1)[0] == other.rsplit(" ", 1)[0] for part, other in zip(parts, others))


# Objects whose keys come from the model: their names are no part of the interface.
OPEN = {"probabilities", "classes"}
TYPES = {bool: "boolean", int: "integer", float: "number", str: "text", list: "list", type(None): None}


def fields(text):
    """Types of every field in lines of JSON, by `event.field`, null left out."""
    found = {}
    for line in text.splitlines():
        values = json.loads(line)
        gather(values, values["event"], found)
    return found


def gather(values, place, found):
    for name, value in values.items():
        here = f"{place}.{'*' if place.rsplit('.', 1)[-1] in OPEN else name}"
        kinds = found.setdefault(here, set())
        if isinstance(value, dict):
            kinds.add("object")
            gather(value, here, found)
        elif TYPES[type(value)]:
            kinds.add(TYPES[type(value)])


def field_lines(found):
    """One line a field. A field of which only null was seen has no type."""
    return {name: f"{name} {' or '.join(sorted(kinds)) or 'null'}" for name, kinds in found.items()}


def same_field(old, new):
    """Whether a field has kept its type: null says nothing, and an integer is a number too."""
    (_, old), (_, new) = old.split(" ", 1), new.split(" ", 1)
    kinds = set(new.split(" or ")) - {"null"}
    allowed = set(old.split(" or "))
    return old == "null" or kinds <= allowed | ({"integer"} if "number" in allowed else set())


def changes(old, new, is_same):
    """What is gone or other than it was, and what is new; `old` and `new` give a line by name."""
    broken = [f"is gone: {line}" for name, line in old.items() if name not in new]
    broken += [f"was: {line}\n    is now: {new[name]}" for name, line in old.items() if name in new and not is_same(line, new[name])]
    return broken, [line for name, line in new.items() if name not in old]
