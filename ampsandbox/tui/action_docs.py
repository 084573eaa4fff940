"""Writes the list of every action; `python -m ampsandbox.tui.action_docs > ampsandbox/tui/ACTIONS.md`."""

from __future__ import annotations

from itertools import groupby

from ampsandbox.tui.actions import ACTIONS

_HEAD = """\
# Actions

Every action of the screen: its id, its keys, and what it does. All of them are in the command palette
(`ctrl+p`) under their title. Keys of a panel work while the panel has the focus; those under “Everywhere”
always do, except that single characters typed into a field are text.

To use other keys, write a JSON file that maps ids to keys, such as `{"send-write": "ctrl+s,f5"}`, to
`keymap.json` in the configuration folder (`ampsandbox locate` prints where that is).
"""


def document() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    for panel, actions in groupby(ACTIONS, key=lambda action: action.panel):
        parts.append(f"\n## {'Everywhere' if panel == 'app' else panel.capitalize()}\n")
        parts.append("| id | keys | palette | does |\n| --- | --- | --- | --- |")
        for action in actions:
            keys = " ".join(f"`{key}`" for key in action.keys.split(",") if key) or "–"
            parts.append(f"| `{action.id}` | {keys} | {action.title} | {action.about} |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    print(document(), end="")
