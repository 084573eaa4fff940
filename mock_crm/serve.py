"""One mock CRM as a program of its own: over HTTP, and on request over HTTPS and behind a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mock_crm.core.browser_guard import BrowserGuard
from mock_crm.core.clock import SystemClock
from mock_crm.core.errors import CrmError
from mock_crm.core.files import export, seed_file
from mock_crm.core.gc_tuning import tune_garbage_collector
from mock_crm.core.hosts import DOMAINS, LOCAL_NAMES, is_loopback
from mock_crm.core.listener import Listener, bind
from mock_crm.core.org import Org
from mock_crm.core.proxy import ConnectProxy
from mock_crm.core.settings import AcceptedCredentials, OrgSettings
from mock_crm.options import ServeOptions
from mock_crm.orgs import open_org

if TYPE_CHECKING:
    from mock_crm.core.tls import CertificateAuthority

_LOADED: Final = "loaded files"
_ANY_ADDRESS: Final = ("0.0.0.0", "::")


class ServeError(Exception):
    """The mock cannot be started as asked.

    Args:
        message: What is wrong, naming the port or the file.
        hint: The way out.
        exit_code: What the command ends with: 3 for a port, 4 for a directory or file.
    """

    def __init__(self, message: str, hint: str, exit_code: int) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


def run_until_stopped(options: ServeOptions) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code, which is 0 for both.

    Raises:
        ServeError: a port is taken, or a directory or file cannot be used.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(options))
    return 0


async def _serve(options: ServeOptions) -> None:
    stopped = asyncio.Event()
    _on_stop_signal(stopped.set)
    if not is_loopback(options.host):
        print(
            f"WARNING: {options.host} is reached from other machines: whoever gets there reads and writes"
            " this mock's records.",
            file=sys.stderr,
        )
    async with serving(options) as ready:
        print(json.dumps({"event": "ready", "url": ready["url"], "pid": os.getpid()} | ready), flush=True)
        tune_garbage_collector()
        await stopped.wait()


@contextlib.asynccontextmanager
async def serving(options: ServeOptions) -> AsyncIterator[dict[str, str]]:
    """Serve a mock CRM inside a running loop.

    Yields:
        Where it is reached: `url`; when asked for, `https_url`, `proxy_url` and `ca`, a certificate's path.

    Raises:
        ServeError: a port is taken, or a directory or file cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        plain = _bind(stack, options.host, options.port, "--port")
        ready = {"url": f"http://{_authority(plain)}"}
        tls_socket = proxy_socket = authority = None
        if options.https_port is not None or options.proxy_port is not None:
            tls_socket = _bind(stack, options.host, options.https_port or 0, "--https-port")
            authority = _authority_of(options)
            ready["https_url"] = f"https://{_authority(tls_socket)}"
        if options.proxy_port is not None:
            proxy_socket = _bind(stack, options.host, options.proxy_port, "--proxy-port")
            ready["proxy_url"] = f"http://{_authority(proxy_socket)}"
        org = _open_org(options)
        stack.callback(org.close)
        _load(org, options.load)
        if options.export is not None:
            stack.callback(_export, org, options.export)
        app = BrowserGuard(org.app, options.provider, [options.host, *options.allow_hosts])
        await _listen(stack, Listener(app, plain))
        if tls_socket is not None and authority is not None:
            context = authority.server_context(*_extra_names(options.host))
            await _listen(stack, Listener(app, tls_socket, context))
            ready["ca"] = str(authority.certificate_path.resolve())
            if proxy_socket is not None:
                await _proxy(stack, options.provider, proxy_socket, plain, tls_socket)
        yield ready


async def _listen(stack: contextlib.AsyncExitStack, listener: Any) -> None:
    await listener.start()
    stack.push_async_callback(listener.stop)


async def _proxy(
    stack: contextlib.AsyncExitStack,
    provider: str,
    listener: socket.socket,
    plain: socket.socket,
    tls: socket.socket,
) -> None:
    proxy = ConnectProxy(
        f"a mock {provider}", DOMAINS[provider], plain=_reachable(plain), tls=_reachable(tls)
    )
    await proxy.start(listener)
    stack.push_async_callback(proxy.stop)


def _bind(stack: contextlib.AsyncExitStack, host: str, port: int, option: str) -> socket.socket:
    try:
        bound = bind(host, port)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be opened ({error.strerror})"
        raise ServeError(
            f"{host}:{port} {reason}.", f"Try {option} 0, which takes a free port.", 3
        ) from error
    stack.callback(bound.close)
    return bound


def _open_org(options: ServeOptions) -> Org:
    path = None
    if options.state is not None:
        try:
            options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ServeError(
                f"{options.state} cannot be used to keep records: {error.strerror}.", "Name a directory.", 4
            ) from error
        path = options.state / f"{options.provider}.sqlite"
    accepted = _accepted(options.accept_logins)
    settings = OrgSettings(
        limits=options.limits,
        permissions=options.permissions,
        edition=options.org_type,
        state_and_country_picklists=options.state_and_country_picklists,
        tokens=accepted.tokens,
        logins=accepted.logins,
        clients=accepted.clients,
        bulk_job_s=options.bulk_seconds,
        search_lag_s=options.search_lag,
        batch_order=options.batch_order,
    )
    try:
        return open_org(
            options.provider,
            name=options.provider,
            seed=options.seed,
            clock=SystemClock(),
            path=path,
            settings=settings,
        )
    except ValueError as error:
        raise ServeError(f"--org-type {options.org_type}: {error}", "Name one of these.", 2) from error
    except sqlite3.DatabaseError as error:
        is_held = error.sqlite_errorname.startswith("SQLITE_BUSY")
        reason = "another process keeps its records there" if is_held else str(error)
        raise ServeError(
            f"{path} cannot be used: {reason}.", "Name another directory with --state.", 4
        ) from error


def _accepted(logins: str) -> AcceptedCredentials:
    """The credentials that are taken: those of a file, or any."""
    if logins == "any":
        return AcceptedCredentials()
    try:
        return AcceptedCredentials.of_file(Path(logins))
    except (OSError, ValueError) as error:
        message = f"{logins} cannot be read as logins: {error}"
        raise ServeError(message, "Write logins, clients or tokens into it, or any.", 4) from error


def _load(org: Org, paths: Sequence[Path]) -> None:
    """Put the records of files in, all or none; an org that is kept takes each file once."""
    loaded: list[str] = org.store.meta(_LOADED, [])
    with org.store.transaction():
        for path in paths:
            if (name := str(path.resolve())) in loaded:
                continue
            try:
                seed_file(org, path)
            except (OSError, ValueError, CrmError) as error:
                message = f"{path} cannot be loaded: {error}"
                raise ServeError(message, "Mend the file, or leave it out.", 4) from error
            loaded.append(name)
        org.store.set_meta(_LOADED, loaded)


def _export(org: Org, path: Path) -> None:
    try:
        path.write_text(json.dumps(export(org), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ServeError(f"{path} cannot be written: {error.strerror}", "Name another file.", 4) from error


def _authority_of(options: ServeOptions) -> CertificateAuthority:
    from mock_crm.core.tls import CertificateError, default_directory, development_authority

    try:
        return development_authority(options.ca_dir or default_directory())
    except CertificateError as error:
        raise ServeError(str(error), "Name another directory with --ca-dir.", 4) from error


def _authority(bound: socket.socket) -> str:
    host, port = _reachable(bound)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _reachable(bound: socket.socket) -> tuple[str, int]:
    """Return an address to connect to: a socket on all interfaces is reached on the loopback one."""
    host, port = bound.getsockname()[:2]
    if host in _ANY_ADDRESS:
        host = "::1" if ":" in host else "127.0.0.1"
    return host, port


def _extra_names(host: str) -> tuple[str, ...]:
    return () if host in (*LOCAL_NAMES, *_ANY_ADDRESS) else (host,)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _on_stop_signal(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
