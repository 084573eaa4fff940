"""What a sandbox is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec


class RunnerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a sandbox is made of.

    Attributes:
        manifest: The `amp.yaml`; None starts without one.
        host: The address to listen on; None does not listen at all.
        port: The port to listen on; 0 takes a free one.
        allow_hosts: Further names of this machine, for callers in other containers.
        allow_origins: Origins of pages that may call Ampersand's API, such as `http://localhost:5173`.
        https_port: The port for HTTPS, 0 for a free one; None for none.
        proxy_port: The port of a proxy that leads Ampersand's own hosts here; None for none.
        ca_dir: Where the development CA is; its usual place when None.
        project: The project id in the URLs.
        groups: Installed at the start, for each integration that the sandbox exercises.
        integrations: Only these of them; all when empty.
        state: Where everything is kept; None keeps it in memory.
        seed: What ids and random choices are drawn from.
        start: The clock's first moment; the wall clock's, or the stored one, when None.
        speed: Clock seconds per second, 0 to freeze; 1, or the stored one, when None.
        api_key: What write requests must carry as X-Api-Key; None ignores it.
        durability: `normal` or `full`, instead of what the settings say.
        flush_on_exit: Deliver what waits before stopping.
        watch: Reload the manifest when its file is saved.
        settings: `sandbox.yaml`, with connections and settings.
        use_environment: Whether environment variables may switch connections to live ones.
        env_file: Variables for the credentials that the settings refer to.
        allow_production: Names or ids of production orgs that may be written to.
        dry_run: Show requests to live CRMs instead of sending them.
        record: The file that the session is recorded to.
        custom_fields: Custom text fields that the mock orgs have, beside those of the settings, by object.
    """

    manifest: Path | None = None
    host: str | None = "127.0.0.1"
    port: int = 0
    allow_hosts: tuple[str, ...] = ()
    allow_origins: tuple[str, ...] = ()
    https_port: int | None = None
    proxy_port: int | None = None
    ca_dir: Path | None = None
    project: str = "demo"
    groups: tuple[str, ...] = ("demo",)
    integrations: tuple[str, ...] = ()
    state: Path | None = None
    seed: int | str = 0
    start: datetime | None = None
    speed: float | None = None
    api_key: str | None = None
    durability: str | None = None
    flush_on_exit: bool = False
    watch: bool = True
    settings: Path | None = None
    use_environment: bool = True
    env_file: Path | None = None
    allow_production: tuple[str, ...] = ()
    dry_run: bool = False
    record: Path | None = None
    custom_fields: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
