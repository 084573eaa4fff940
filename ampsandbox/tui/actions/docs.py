"""Writes the list of every action; `python -m ampsandbox.tui.actions.docs > docs/actions.md`."""

from __future__ import annotations

from itertools import groupby

from ampsandbox.tui.actions.registry import ACTIONS

_HEAD = """\
# Actions

Every action of the screen: its id, its keys, and what it does. All of them are in the command palette
(`ctrl+p`) under their title. Keys of a panel work while the panel has the focus; those under “Everywhere”
always do, except that single characters typed into a field are text.

## Your own keys

Write a JSON file that maps ids to keys to `keymap.json` in the configuration folder (`ampsandbox locate`
prints where that is). This one is for those whose tmux, zellij or terminal keeps `ctrl+o`, `ctrl+p` or the
function keys:

```json
{
  "send-write": "ctrl+s,f5",
  "jump": "alt+o",
  "open-palette": "alt+p",
  "show-help": "alt+h",
  "focus-integrations": "alt+1",
  "focus-form": "alt+2",
  "focus-batches": "alt+3",
  "focus-log": "alt+4"
}
```

A key is a character (`?`), a name (`f5`, `enter`, `pagedown`, `question_mark`), or either of them after
`ctrl+`, `alt+` or `shift+`; several are separated by commas. Actions that have no key can be given one. At
the start the screen names what it cannot use: ids and keys that do not exist, keys that terminals do not
send (`ctrl+m` is `enter`), and keys that two actions share. What is good in the file is in force all the
same.
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
