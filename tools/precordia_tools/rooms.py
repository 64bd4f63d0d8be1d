"""The rooms of docs/architecture.md and how they lie over each other when they are drawn. Standard library only."""
import re

PREFIX = "Precordia"


class Room:
    """A line of the table: its name, what lives there, what it imports, and whether it stands above the line."""

    def __init__(self, name, words, imports, is_above):
        self.name, self.words, self.imports, self.is_above = name, words, imports, is_above

    @property
    def label(self):
        return self.name.removeprefix(PREFIX) if self.name != PREFIX else self.name


def rooms_of(document):
    """The rooms of a document by name, in its order. ValueError where there is no table, or a room imports what is none, or itself by way of others."""
    block = re.search(r"^```rooms\n(.*?)^```", document, re.M | re.S)
    if not block:
        raise ValueError("no block ```rooms")
    rooms, is_above = {}, True
    for line in block[1].splitlines():
        if line.startswith("---"):
            is_above = False
        elif line.strip():
            name, rest = line.split(None, 1)
            words, _, grants = rest.rpartition("→")
            names = [grant.strip() for grant in grants.split(",") if grant.strip() not in ("", "nothing")]
            rooms[name] = Room(name, " ".join(words.split()), [grant if re.match(r"C[A-Z]|Precordia|precordia", grant) else PREFIX + grant for grant in names], is_above)
    for room in rooms.values():
        for name in room.imports:
            if name not in rooms:
                raise ValueError(f"{room.name} imports {name}, which is no room of the table")
    for name in rooms:
        way = cycle(rooms, name, [])
        if way:
            raise ValueError(f"a cycle: {' → '.join(way)}")
    return rooms


def cycle(rooms, name, way):
    """The way from a room back to itself; None where there is none."""
    if name in way:
        return way[way.index(name):] + [name]
    for other in rooms[name].imports:
        found = cycle(rooms, other, way + [name])
        if found:
            return found
    return None


def reach(rooms):
    """What each room reaches, itself left out."""
    found = {}

    def of(name):
        if name not in found:
            found[name] = set(rooms[name].imports).union(*(of(other) for other in rooms[name].imports))
        return found[name]

    for name in rooms:
        of(name)
    return found


def arrows(rooms):
    """Imports that no longer way says as well, by room."""
    reached = reach(rooms)
    return {name: [other for other in room.imports if not any(other in reached[third] for third in room.imports if third != other)]
            for name, room in rooms.items()}


def rows_of(rooms, drawn):
    """The row of each room: below all that it imports, and those below the line below all that stand above it."""
    rows = {}

    def of(name):
        if name not in rows:
            rows[name] = max((of(other) + 1 for other in drawn[name]), default=0)
            if not rooms[name].is_above:
                rows[name] = max(rows[name], first)
        return rows[name]

    first = 0
    for name, room in rooms.items():
        if room.is_above:
            of(name)
    first = max(rows.values(), default=-1) + 1
    for name in rooms:
        of(name)
    return rows, first


class Layout:
    """Places in rows. A long arrow has a place in every row that it crosses, and arrows to one room share theirs."""

    SWEEPS = 40

    def __init__(self, rooms):
        self.drawn = arrows(rooms)
        self.rows, self.line = rows_of(rooms, self.drawn)
        self.order = [[] for _ in range(max(self.rows.values(), default=0) + 1)]
        self.above, self.below = {}, {}
        for name in rooms:
            self.add(self.rows[name], (name, None))
        for name in rooms:
            for other in self.drawn[name]:
                self.lead(name, other)
        self.sort()

    def add(self, row, place):
        if place not in self.above:
            self.order[row].append(place)
            self.above[place], self.below[place] = [], []

    def lead(self, name, other):
        """An arrow from a room up to another, through the rows between."""
        place = (name, None)
        for row in range(self.rows[name] - 1, self.rows[other] - 1, -1):
            upper = (other, None) if row == self.rows[other] else (other, row)
            self.add(row, upper)
            if upper not in self.above[place]:
                self.above[place].append(upper)
                self.below[upper].append(place)
            place = upper

    def crossings(self):
        total = 0
        for upper, lower in zip(self.order, self.order[1:]):
            at = {place: index for index, place in enumerate(upper)}
            ends = [at[end] for place in lower for end in sorted(self.above[place], key=at.get)]
            total += sum(a > b for index, a in enumerate(ends) for b in ends[index + 1:])
        return total

    def sort(self):
        """Each row by the middle of what its places lead to, down and up, until it gets no better."""
        best = (self.crossings(), [list(row) for row in self.order])
        for sweep in range(self.SWEEPS):
            down = sweep % 2 == 0
            rows = range(1, len(self.order)) if down else range(len(self.order) - 2, -1, -1)
            for row in rows:
                ends = self.above if down else self.below
                at = {place: index for index, place in enumerate(self.order[row - 1 if down else row + 1])}
                middles = {place: (sum(at[end] for end in ends[place]) / len(ends[place])) if ends[place] else index
                           for index, place in enumerate(self.order[row])}
                self.order[row].sort(key=middles.get)
            best = min(best, (self.crossings(), [list(row) for row in self.order]), key=lambda found: found[0])
        self.order = best[1]

    def columns(self, width, passing):
        """The middle of each place: near what it is joined with, and never nearer to its neighbour than both need. Whole numbers."""
        need = {place: width if place[1] is None else passing for row in self.order for place in row}
        middle = {}
        for row in self.order:
            at = 0
            for place in row:
                middle[place] = at + need[place] / 2
                at += need[place]
        for sweep in range(self.SWEEPS):
            for row in self.order if sweep % 2 == 0 else reversed(self.order):
                wanted = []
                for place in row:
                    ends = self.above[place] + self.below[place]
                    wanted.append(sum(middle[end] for end in ends) / len(ends) if ends else middle[place])
                for place, at in zip(row, apart(wanted, [need[place] for place in row])):
                    middle[place] = at
        least = min(middle[place] - need[place] / 2 for place in middle)
        return {place: round(at - least) for place, at in middle.items()}


def apart(wanted, need):
    """Places in order, as near to the wanted ones as they can be without touching: groups that push each other share the mean."""
    groups = []
    for index, at in enumerate(wanted):
        groups.append([at, 1, [index], 0.0, need[index]])
        while len(groups) > 1:
            left, right = groups[-2], groups[-1]
            gap = (need[left[2][-1]] + need[right[2][0]]) / 2
            if left[0] + left[3] + gap <= right[0]:
                break
            shift = left[3] + gap
            count = left[1] + right[1]
            first = (left[0] * left[1] + (right[0] - shift) * right[1]) / count
            groups[-2:] = [[first, count, left[2] + right[2], shift + right[3], 0.0]]
    found = [0.0] * len(wanted)
    for first, _, members, _, _ in groups:
        at = first
        for place, index in enumerate(members):
            if place:
                at += (need[members[place - 1]] + need[index]) / 2
            found[index] = at
    return found
