"""The ids of today's API: UUIDs that follow from names, so that a URL or a setting holds from run to run.

Ampersand's API takes ids and names alike. Real ids, as a deployed app has them in its settings, can stand for
names too: `ids:` of `sandbox.yaml` maps names of the project and of integrations to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("c4a1a3fe-51b5-4f5c-9d4f-0f6a9b8f4f11")


class Identifiers:
    """Turns names into ids and back.

    Args:
        project: The project's name in the URLs.
        aliases: Further names and ids, by the name of the project or of an integration. The first one is
            what answers show.
    """

    def __init__(self, project: str, aliases: Mapping[str, Sequence[str]] | None = None) -> None:
        self.project = project
        self._aliases = aliases or {}
        self.project_id = self._first(project, f"project/{project}")

    def is_project(self, id_or_name: str) -> bool:
        """Whether this is a name or an id of the project."""
        return (
            id_or_name == self.project
            or id_or_name == self.project_id
            or id_or_name in self._aliases.get(self.project, ())
        )

    def integration_id(self, name: str) -> str:
        """The id of the integration of that name."""
        return self._first(name, f"project/{self.project}/integration/{name}")

    def integration_name(self, id_or_name: str, names: Iterable[str]) -> str | None:
        """Which of the integrations of these names is meant; None for none."""
        names = tuple(names)
        if id_or_name in names:
            return id_or_name
        return next(
            (
                name
                for name in names
                if id_or_name == self.integration_id(name) or id_or_name in self._aliases.get(name, ())
            ),
            None,
        )

    def revision_id(self, integration: str, content: bytes) -> str:
        """The id of what the manifest says of an integration: another one for other content."""
        return _uuid(f"{self.integration_id(integration)}/{blake2b(content).hexdigest()}")

    def installation_id(self, integration: str, group: str) -> str:
        """The id of an integration's installation for a group."""
        return _uuid(f"project/{self.project}/integration/{integration}/group/{group}")

    def connection_id(self, provider: str, group: str) -> str:
        """The id of a group's connection to a provider."""
        return _uuid(f"project/{self.project}/connection/{provider}/{group}")

    def config_id(self, integration: str, group: str, number: int) -> str:
        """The id of one version of an installation's config."""
        return _uuid(f"{self.installation_id(integration, group)}/config/{number}")

    def provider_app_id(self, provider: str) -> str:
        """The id of the app that customers of a provider connect through."""
        return _uuid(f"project/{self.project}/provider-app/{provider}")

    def org_id(self) -> str:
        """The id of the organisation that the project belongs to."""
        return _uuid(f"project/{self.project}/org")

    def _first(self, name: str, path: str) -> str:
        given = self._aliases.get(name, ())
        return given[0] if given else _uuid(path)


@lru_cache(maxsize=4096)
def _uuid(path: str) -> str:
    return str(uuid5(_NAMESPACE, path))
