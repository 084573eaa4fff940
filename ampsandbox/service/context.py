"""What the verbs of a sandbox work on, and how they find an installation and its mock CRM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec

from ampsandbox.clock import Clock
from ampsandbox.crm.connect import Connections
from ampsandbox.engine.engine import Engine
from ampsandbox.engine.model import Installation
from ampsandbox.errors import ConflictError, NotFoundError, UsageError, nearest_hint
from ampsandbox.service.api_operations import ApiOperations
from ampsandbox.service.identifiers import Identifiers
from ampsandbox.service.recorded import CallRecorder
from ampsandbox.service.request_log import RequestLog
from mock_crm.core.errors import CrmError

if TYPE_CHECKING:
    from ampsandbox.service.webhook_target import WebhookTarget
    from mock_crm.core.org import Org


class ServiceContext(msgspec.Struct):
    """The parts of a running sandbox.

    Attributes:
        identifiers: What Ampersand's API calls things.
        webhook_targets: Who is told when an asynchronous write has ended.
        manifest_path: The file that the sandbox was started with; None where it was started without one.
        url: Where the server listens; empty where it does not.
        recorder: Hears of every call that changes something; None where the session is not recorded.
    """

    engine: Engine
    connections: Connections
    request_log: RequestLog
    identifiers: Identifiers
    webhook_targets: tuple[WebhookTarget, ...] = ()
    manifest_path: Path | None = None
    url: str = ""
    recorder: CallRecorder | None = None

    @property
    def api_operations(self) -> ApiOperations:
        """The operations as today's API counts them."""
        return ApiOperations(self.engine)

    @property
    def clock(self) -> Clock:
        """The clock that everything in the sandbox reads."""
        return self.engine.clock

    def installation(self, installation_id: str) -> Installation:
        """The installation of that id.

        Raises:
            NotFoundError: There is none.
        """
        for item in self.engine.installations.all():
            if item.id == installation_id:
                return item
        raise NotFoundError(
            f"There is no installation {installation_id!r}.", "'ampsandbox ctl state' lists them."
        )

    def installations_of(
        self, group: str | None = None, integration: str | None = None
    ) -> list[Installation]:
        """The installations of a group and an integration; all of them where none is named.

        Raises:
            NotFoundError: There is none.
        """
        installed = self.engine.installations.all()
        matching = [
            item
            for item in installed
            if group in (None, item.group) and integration in (None, item.integration)
        ]
        if matching:
            return matching
        for kind, name, names in (
            ("group", group, {item.group for item in installed}),
            ("integration", integration, {item.integration for item in installed}),
        ):
            if name is not None and name not in names:
                hint = f"Installed: {', '.join(sorted(names)) or 'none'}.{nearest_hint(name, names)}"
                raise NotFoundError(f"Nothing is installed for {kind} {name!r}.", hint)
        pairs = ", ".join(f"{item.integration} for {item.group}" for item in installed) or "nothing"
        what = f"integration {integration!r} and group {group!r}" if installed else "any group"
        raise NotFoundError(f"Nothing is installed for {what}.", f"Installed: {pairs}.")

    def installation_of(self, group: str, integration: str | None = None) -> Installation:
        """The one installation of a group; `integration` says which where the group has several.

        Raises:
            NotFoundError: The group is not installed, or not for that integration.
            ConflictError: It has several, and none is named.
        """
        matching = self.installations_of(group, integration)
        if len(matching) > 1:
            names = ", ".join(item.integration for item in matching)
            raise ConflictError(
                f"The group {group!r} has several CRMs: {names}.", "Say which integration you mean."
            )
        return matching[0]

    def object_name(self, name: str) -> str:
        """An object in the manifest's spelling, for a name in any case.

        Raises:
            NotFoundError: The manifest has no such object, and none was written to.
        """
        manifest = self.engine.manifest
        known = {item.name for each in (manifest.integrations if manifest else ()) for item in each.objects}
        known |= self.engine.operations.written_objects()
        for each in known:
            if each.lower() == name.lower():
                return each
        listed = ", ".join(sorted(known)) or "none"
        raise NotFoundError(
            f"The manifest has no object {name!r}.", f"It has: {listed}.{nearest_hint(name, known)}"
        )

    def org(self, installation: Installation) -> Org:
        """The mock CRM of an installation.

        Raises:
            ConflictError: Its connection is a live one.
        """
        org = self.connections.org(installation.id)
        if org is None:
            what = f"The CRM of {installation.integration} for {installation.group!r} is a live one."
            raise ConflictError(what, "Look at its records in the CRM itself.")
        return org

    def org_of(self, group: str, integration: str | None = None) -> Org:
        """The mock CRM of a group; see `installation_of` and `org`."""
        return self.org(self.installation_of(group, integration))


class ServiceGroup:
    """Verbs that belong together. Its `name` is what recordings and the table of verbs call it.

    Each public coroutine method is a verb, which every front offers; see `docs/verbs.md`.
    """

    name: ClassVar[str]

    def __init__(self, context: ServiceContext) -> None:
        self.context = context


class MockRefusedError(ConflictError):
    """A rule of the mock CRM forbids what was asked of it directly.

    Attributes:
        code: The CRM's error code.
        fields: The API names of the fields it is about.
    """

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = (), advice: str = "") -> None:
        named = f"Fields: {', '.join(fields)}. " if fields else ""
        super().__init__(f"{code}: {message}", f"{named}This is the CRM's own rule.{advice}")
        self.code = code
        self.fields = fields


def org_object(org: Org, name: str) -> str | None:
    """The CRM's own name of an object in any case, singular or plural; None where it has no such object."""
    try:
        return org.object_name(name)
    except CrmError:
        return None


@contextmanager
def crm_refusals(org: Org | None = None, object_name: str = "") -> Iterator[None]:
    """Say in the sandbox's errors why a mock CRM does not do what it is asked directly.

    Where the object is named, a refusal of an unknown one has the name that was probably meant.
    """
    try:
        yield
    except CrmError as error:
        is_unknown = org is not None and object_name and org_object(org, object_name) is None
        advice = nearest_hint(object_name, org.objects()) if org is not None and is_unknown else ""
        raise MockRefusedError(error.code, error.message, error.fields, advice) from error
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(f"The mock CRM does not take this: {error}.") from error
    except KeyError as error:
        raise NotFoundError(f"There is no {error}.") from error
