"""Where writes go: an installation, a mode, and an object as its manifest defines it.

A write path outlives the manifest it came from, so that what was accepted can still be delivered.
"""

from __future__ import annotations

import msgspec

from ampsandbox.engine.context import EngineContext
from ampsandbox.engine.journal import JournalEntry
from ampsandbox.manifest.model import Integration, Manifest, Mode, WriteObject

_INSERT = "INSERT OR REPLACE INTO routes(number, installation, mode, definition) VALUES (?, ?, ?, ?)"

WritePathKey = tuple[int, str | None, str, Mode]


class WritePath:
    """One way of a write. `item` changes with the manifest, the rest does not.

    Attributes:
        is_current: Whether the manifest still has it.
        batch_key: What writes have in common that are flushed together.
    """

    __slots__ = ("batch_key", "installation", "is_current", "is_stored", "item", "mode", "number")

    def __init__(
        self, number: int, installation: int, mode: Mode, item: WriteObject, *, is_stored: bool = False
    ) -> None:
        self.number = number
        self.installation = installation
        self.mode = mode
        self.item = item
        self.is_stored = is_stored
        self.is_current = True
        self.batch_key = (installation, item.name, mode)  # once: every write asks for it

    @property
    def schedule(self) -> str | None:
        """The schedule as the current manifest spells it."""
        return self.item.schedule if self.is_current else None


class WritePaths:
    """Every write path there ever was."""

    def __init__(self, context: EngineContext) -> None:
        self._journal = context.journal
        self._by_number: dict[int, WritePath] = {}
        self._by_key: dict[WritePathKey, WritePath] = {}
        for row in context.journal.read.write_paths():
            item = msgspec.json.decode(row.definition, type=WriteObject)
            self._add(WritePath(row.number, row.installation, Mode(row.mode), item, is_stored=True))

    def __getitem__(self, number: int) -> WritePath:
        return self._by_number[number]

    def get(self, number: int) -> WritePath | None:
        """A write path, where the journal has it."""
        return self._by_number.get(number)

    def of_installation(self, installation: int) -> list[int]:
        """The numbers of an installation's paths."""
        return self.matching(frozenset([installation]), None)

    def matching(self, installations: frozenset[int] | None, object_name: str | None) -> list[int]:
        """The numbers of the paths of some installations and of an object, or of all."""
        return [
            path.number
            for path in self._by_number.values()
            if (installations is None or path.installation in installations)
            and object_name in (None, path.item.name)
        ]

    def objects(self) -> set[str]:
        """The names of all objects that were ever written to."""
        return {path.item.name for path in self._by_number.values()}

    def scheduled(self, batch_key: tuple[int, str, Mode]) -> WritePath | None:
        """A write path whose writes share a batch of that key and that has a schedule now."""
        paths = self._by_number.values()
        return next((path for path in paths if path.batch_key == batch_key and path.schedule), None)

    def find_or_add(self, installation: int, item: WriteObject, mode: Mode) -> WritePath:
        """The write path of a write, new where it is the first one."""
        path = self._by_key.get((installation, item.endpoint, item.name, mode))
        if path is None:
            path = WritePath(self._journal.next_number("routes"), installation, mode, item)
            self._add(path)
        elif path.item is not item:
            path.is_stored = path.is_stored and path.item == item
            path.item = item
        return path

    def include(self, path: WritePath, unit: JournalEntry) -> None:
        """Store the write path along with what needs it, unless it is stored already."""
        if not path.is_stored:
            row = (path.number, path.installation, path.mode.value, msgspec.json.encode(path.item))
            unit.statements.append((_INSERT, [row]))

    def redefine(self, manifest: Manifest, integrations: dict[int, str]) -> None:
        """Give paths the definitions of a new manifest; `integrations` names that of each installation."""
        for (installation, endpoint, name, mode), path in self._by_key.items():
            integration = manifest.find_integration(integrations.get(installation, ""))
            item = _find(integration, endpoint, name, mode) if integration else None
            path.is_current = item is not None
            if item is not None:
                self.find_or_add(installation, item, mode)

    def _add(self, path: WritePath) -> None:
        self._by_number[path.number] = path
        self._by_key[(path.installation, path.item.endpoint, path.item.name, path.mode)] = path


def _find(integration: Integration, endpoint: str | None, name: str, mode: Mode) -> WriteObject | None:
    return next(
        (
            item
            for item in integration.objects
            if item.name == name and item.endpoint == endpoint and item.mode in (mode, None)
        ),
        None,
    )
