"""The lines of the tree: integrations, what they write to, and the endpoints that take the writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from ampsandbox.tui.forms.target import target_to

if TYPE_CHECKING:
    from ampsandbox.manifest.model import Integration
    from ampsandbox.tui.backend.views import BatchView, InstallationStatus
    from ampsandbox.tui.forms.target import FormTarget

_PROVIDERS: Final = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
Waiting = Mapping[tuple[str, str, str], int]
"""How many writes wait, by integration, object and mode."""


class Node(msgspec.Struct, frozen=True):
    """One line. `target` is set on the leaves that can be written to, `waiting` where writes wait."""

    key: str
    depth: int
    text: str
    tone: str = ""
    mark: str = ""
    remark: str = ""
    target: FormTarget | None = None
    waiting: int = 0

    @property
    def integration(self) -> str:
        """The name of the integration that the line belongs to."""
        return self.key.split("/")[0]


def count_waiting(batches: Sequence[BatchView]) -> Waiting:
    """How many writes wait for each endpoint, over all groups."""
    found: dict[tuple[str, str, str], int] = {}
    for batch in batches:
        key = (batch.integration, batch.object, batch.mode)
        found[key] = found.get(key, 0) + batch.count
    return found


def leaf_key(target: FormTarget) -> str:
    """The key of an endpoint's line."""
    return f"{target.integration.name}//{target.key}"


def lines_of(
    integration: Integration,
    installations: Sequence[InstallationStatus] | None,
    waiting: Waiting,
    wanted: str = "",
    *,
    is_folded: bool = False,
) -> list[Node]:
    """The lines of one integration; with `wanted`, those that hold the words and what they belong to."""
    name = integration.name
    sign = "▸" if is_folded else "▾"
    head = Node(name, 0, integration.display_name or name, "strong", sign)
    leaves = list(_leaves(integration, waiting))
    if wanted and not _holds(head, wanted) and wanted not in name.lower():
        leaves = _matching(leaves, wanted)
        if not leaves:
            return []
    if is_folded:
        return [head]
    return [head, _state(integration, installations), *leaves]


def _state(integration: Integration, installations: Sequence[InstallationStatus] | None) -> Node:
    mine = [item for item in installations or () if item.integration == integration.name]
    live = sum(item.is_live for item in mine)
    words = _PROVIDERS.get(integration.provider, integration.provider)
    if installations is not None:
        of_all = "" if live == len(mine) else f" of {len(mine)}"
        words += f" · ▲ {live}{of_all} live" if live else f" · {len(mine) or 'not'} installed"
    tone = "bad" if live else "warn" if installations is not None and not mine else "muted"
    return Node(f"{integration.name}/?", 1, words, tone)


def _leaves(integration: Integration, waiting: Waiting) -> Iterator[Node]:
    from ampsandbox.manifest.model import ObjectKind

    seen: set[str] = set()
    for item in integration.objects:
        if integration.is_exercised and not item.endpoint:
            yield _object(target_to(integration, item), waiting)
            continue
        if item.name not in seen:
            seen.add(item.name)
            is_custom = item.kind is ObjectKind.CUSTOM
            remark, mark = ("custom", "◆") if is_custom else ("", "◇")
            yield Node(f"{integration.name}/{item.name}", 1, item.name, remark=remark, mark=mark)
        if integration.is_exercised:
            yield _endpoint(target_to(integration, item), waiting)
    for n, action in enumerate(integration.unexercised_actions):
        yield Node(f"{integration.name}/~{n}", 1, f"{action} (not exercised)", "muted", "·")


def _endpoint(target: FormTarget, waiting: Waiting) -> Node:
    item, mode = target.item, target.mode.value
    count = waiting.get((target.integration.name, item.name, mode), 0)
    mark = "◷" if item.schedule else ""
    return Node(leaf_key(target), 2, target.title, "accent", mark, mode, target, count)


def _object(target: FormTarget, waiting: Waiting) -> Node:
    """An object of today's format, which is written to by its name."""
    name, of = target.item.name, target.integration.name
    count = sum(each for key, each in waiting.items() if key[:2] == (of, name))
    return Node(leaf_key(target), 1, name, "accent", "◇", "", target, count)


def _matching(nodes: Sequence[Node], wanted: str) -> list[Node]:
    """The nodes that hold the words, objects also for the sake of their endpoints and the other way round."""
    found: list[Node] = []
    parent: Node | None = None
    for node in nodes:
        if node.depth == 1:
            parent = node
            if _holds(node, wanted):
                found.append(node)
        elif _holds(node, wanted) or (parent is not None and parent in found and _holds(parent, wanted)):
            if parent is not None and parent not in found:
                found.append(parent)
            found.append(node)
    return found


def _holds(node: Node, wanted: str) -> bool:
    return wanted in node.text.lower()
