"""Building the node tree of documents that give one anchor twice.

YAML allows it, and so does the parser of `amp deploy`: an alias means the anchor that came last. PyYAML's own
composer refuses it.
"""

from __future__ import annotations

from typing import Any

import yaml

from ampsandbox.manifest.yaml_tree import Loader

DUPLICATE_ANCHOR = "found duplicate anchor"
"""How the message of PyYAML's composer begins."""


class AnchorComposer:
    """Composes one document out of parser events. The nesting must have been bounded before."""

    def __init__(self, text: str) -> None:
        self._loader: Any = Loader(text)
        self._anchors: dict[str, yaml.Node] = {}

    def compose(self) -> yaml.Node | None:
        """The root of the first document.

        Raises:
            yaml.YAMLError: The text does not parse, or an alias has no anchor.
        """
        try:
            for event_type in (yaml.StreamStartEvent, yaml.DocumentStartEvent):
                if not isinstance(self._loader.get_event(), event_type):
                    return None
            return self._node(self._loader.get_event())
        finally:
            self._loader.dispose()

    def _node(self, event: Any) -> yaml.Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._anchored(event, self._scalar(event))
        kind = yaml.SequenceNode if isinstance(event, yaml.SequenceStartEvent) else yaml.MappingNode
        node = kind(
            self._tag(kind, event, None, event.implicit), [], event.start_mark, None, event.flow_style
        )
        self._anchored(event, node)
        while not isinstance(event := self._loader.get_event(), yaml.CollectionEndEvent):
            child = self._node(event)
            node.value.append(
                (child, self._node(self._loader.get_event())) if kind is yaml.MappingNode else child
            )
        node.end_mark = event.end_mark
        return node

    def _scalar(self, event: Any) -> yaml.Node:
        tag = self._tag(yaml.ScalarNode, event, event.value, event.implicit)
        return yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark, style=event.style)

    def _alias(self, event: Any) -> yaml.Node:
        if event.anchor not in self._anchors:
            raise yaml.composer.ComposerError(None, None, "found undefined alias", event.start_mark)
        return self._anchors[event.anchor]

    def _anchored(self, event: Any, node: yaml.Node) -> yaml.Node:
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _tag(self, kind: type[yaml.Node], event: Any, value: str | None, implicit: object) -> str:
        if event.tag is None or event.tag == "!":
            return str(self._loader.resolve(kind, value, implicit))
        return str(event.tag)
