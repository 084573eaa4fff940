"""Makes `ampsandbox/manifest/provider_catalog.json` anew.

Reads the catalogue that amp-labs/connectors generates and publishes under MIT, and keeps of it the facts that
`ampsandbox check` needs: the names of providers and modules, and which actions each supports.

    python scripts/provider_catalog.py path/to/connectors/internal/generated/catalog.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "ampsandbox" / "manifest" / "provider_catalog.json"
ACTIONS = ("read", "write", "subscribe", "proxy")


def facts(entry: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a provider or a module."""
    kept: dict[str, Any] = {"displayName": entry["displayName"]} if "displayName" in entry else {}
    kept["actions"] = [action for action in ACTIONS if entry["support"][action]]
    if entry.get("modules"):
        kept["modules"] = {
            name: facts(module)["actions"] for name, module in sorted(entry["modules"].items())
        }
    return kept


def main() -> None:
    """Read the catalogue that the command line names, and write ours: one provider a line."""
    published = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = [
        f"    {json.dumps(name)}: {json.dumps(facts(entry), ensure_ascii=False)}"
        for name, entry in sorted(published["catalog"].items())
    ]
    source = "github.com/amp-labs/connectors internal/generated/catalog.json (MIT)"
    head = f'{{\n  "source": "{source}",\n  "date": "{published["timestamp"][:10]}",\n  "providers": {{\n'
    TARGET.write_text(head + ",\n".join(lines) + "\n  }\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
