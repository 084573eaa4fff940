"""The values of records as JSON, by name as HubSpot shows them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, repeat
from operator import itemgetter

import msgspec

Columns = Mapping[str, Sequence[str]]
"""The values of several records by property, each in the order of the records."""

_encode = msgspec.json.Encoder().encode
_MOST_FRAMES = 256
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Frames:
    """Documents of new records, of whose values most are the same in all of them.

    Sorting and writing thirty values for each new contact took a fifth of its time in a batch.

    Args:
        shared: The values of all that do not say otherwise.
        restate: The name among a record's own values, if any, whose value the answer to the creation shows
            otherwise, and that value.
    """

    def __init__(
        self, shared: Mapping[str, str], restate: Callable[[Mapping[str, str]], tuple[str, str] | None]
    ) -> None:
        self._names = sorted(shared)
        entries = [f'"{name}":{_encode(shared[name]).decode()},' for name in self._names]
        self._ends = [0, *accumulate(map(len, entries))]
        self._text = "".join(entries)
        self._restate = restate
        self._frames: dict[tuple[str, ...], Frame] = {}

    def fill(self, own: Mapping[str, str]) -> tuple[str, str]:
        """The document of a record with these values of its own: as it is kept, and as it is shown first."""
        return self._frame(own).fill(own)

    def fill_all(self, own: Columns) -> tuple[Iterator[str], Iterator[str]]:
        """What `fill` gives for each of several records with values of their own for the same properties.

        A record has no value where its text is empty, which must not be so for the last property by name.
        The documents are made while iterating, so that only a few of them are in memory at a time.
        """
        return self._frame({name: column[0] for name, column in own.items()}).fill_all(own)

    def _frame(self, own: Mapping[str, str]) -> Frame:
        names = tuple(own)
        frame = self._frames.get(names)
        if frame is None:
            if len(self._frames) >= _MOST_FRAMES:
                self._frames.clear()
            frame = self._frames[names] = self._new_frame(names, self._restate(own))
        return frame

    def _new_frame(self, own: tuple[str, ...], restated: tuple[str, str] | None) -> Frame:
        text, ends = self._text, self._ends
        names = sorted(own)
        pieces: list[str] = []
        at = 0
        for name in names:
            here = bisect_left(self._names, name)
            separator = '",' if pieces else "{"
            pieces += [f'{separator}{text[ends[at] : ends[here]]}"{name}":"', ""]
            at = here + 1 if self._names[here : here + 1] == [name] else here
        pieces.append(f'",{text[ends[at] :]}'[:-1] + "}")
        return Frame(names, pieces, restated)


class Frame:
    """The documents of new records with own values of the same names.

    Args:
        names: The names in order.
        pieces: The document, in pieces: every second one is the value of a name.
        restated: See `Frames`.
    """

    def __init__(self, names: list[str], pieces: list[str], restated: tuple[str, str] | None) -> None:
        self._names = names
        self._pieces = pieces
        self._own = itemgetter(*names) if len(names) > 1 else lambda values: (values[names[0]],)
        self._restated = None if restated is None else (2 * names.index(restated[0]) + 1, restated[1])

    def fill(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The document with these values; see `Frames.fill`."""
        pieces = self._pieces.copy()
        pieces[1::2] = _escaped(self._own(values))
        kept = "".join(pieces)
        if self._restated is None:
            return kept, kept
        place, text = self._restated
        pieces[place] = text
        return kept, "".join(pieces)

    def fill_all(self, own: Columns) -> tuple[Iterator[str], Iterator[str]]:
        """The documents with these values; see `Frames.fill_all`."""
        pieces = self._pieces.copy()
        columns = _all_escaped([own[name] for name in self._names])
        for number, (name, column) in enumerate(zip(self._names, columns, strict=True)):
            if "" in column:
                # Not only the value is a record's own, but the whole entry, which some of them have not.
                place = 2 * number + 1
                pieces[place - 1] = pieces[place - 1].removesuffix(f'"{name}":"')
                pieces[place + 1] = pieces[place + 1].removeprefix('",')
                columns[number] = [f'"{name}":"{value}",' if value else "" for value in column]
        parts: list[Iterable[str]] = [repeat(piece) for piece in pieces]
        parts[1::2] = columns
        kept = map("".join, zip(*parts, strict=False))
        if self._restated is not None:
            place, text = self._restated
            parts[place] = repeat(text)
        return kept, map("".join, zip(*parts, strict=False))


def _escaped(values: Sequence[str]) -> Sequence[str]:
    """Texts as they stand between quotes in JSON."""
    if _is_plain(values):
        return values
    return [_encode(value)[1:-1].decode() for value in values]


def _all_escaped(columns: list[Sequence[str]]) -> list[Sequence[str]]:
    return columns if _is_plain(chain.from_iterable(columns)) else list(map(_escaped, columns))


def _is_plain(values: Iterable[str]) -> bool:
    """Whether there is nothing to escape in any of them, in a third of the time that escaping takes."""
    text = "".join(values)
    return text.isascii() and len(_encode(text)) == len(text) + 2


def text_of(values: Mapping[str, str]) -> str:
    """Values in any order as JSON."""
    return _encode_sorted(values).decode()
