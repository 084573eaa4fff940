"""The files of a state folder: older formats, newer ones, damage, and what others do to them meanwhile."""

# ruff: noqa: ASYNC240 - small files of the test's own, that nothing waits for

from __future__ import annotations

import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ampsandbox.engine.journal.intents import pack
from ampsandbox.engine.model import BatchState, OperationState
from ampsandbox.engine.write_command import WriteCommand
from ampsandbox.errors import JournalUnavailableError, StateError
from ampsandbox.events import JournalRecovered
from ampsandbox.manifest.model import Mode
from ampsandbox.server.runner import RunnerOptions
from ampsandbox.server.sandbox_server import SandboxServer

pytestmark = pytest.mark.anyio

RELEASED = sorted((Path(__file__).parent / "data").glob("state-of-format-*.zip"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder that `ampsandbox serve` of the first format left: one record written, one write waiting."""
    with zipfile.ZipFile(RELEASED[0]) as archive:
        archive.extractall(tmp_path / "state")
    return tmp_path / "state"


async def opened(state: Path) -> SandboxServer:
    manifest = state.parent / "amp.yaml"
    if not manifest.exists():
        shutil.copy(state / "amp.yaml", manifest)
    options = RunnerOptions(
        manifest=manifest, host=None, groups=("acme",), state=state, watch=False, use_environment=False
    )
    return await SandboxServer.open(options)


async def write(server: SandboxServer, endpoint: str) -> None:
    assert server.engine.manifest is not None
    integration, item = server.engine.manifest.endpoints()[endpoint]
    await server.engine.submit(WriteCommand(integration, item, Mode.INSERT, "acme", {"name": "x"}))


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
async def test_a_folder_of_a_released_format_is_taken_up(tmp_path: Path, released: Path) -> None:
    with zipfile.ZipFile(released) as archive:
        archive.extractall(tmp_path / "state")
    server = await opened(tmp_path / "state")
    [item] = server.engine.installations.all()
    org = server.connections.org(item.id)
    assert org is not None
    assert server.clock.now() >= datetime(2026, 3, 2, tzinfo=UTC)
    assert [each.state for each in server.engine.operations.newest()] == [
        OperationState.QUEUED,
        OperationState.SUCCEEDED,
    ]
    assert [record["email"] for record in org.records("contacts")] == ["ada@x.io"]
    await server.engine.batches.flush()
    assert [record["name"] for record in org.records("companies")] == ["ada@x.io"]
    await server.stop()


@pytest.mark.parametrize("name", ["journal.sqlite", "orgs/*.sqlite"])
async def test_a_folder_of_a_newer_format_is_refused_with_the_way_out(state: Path, name: str) -> None:
    [path] = state.glob(name)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StateError, match=r"newer version") as caught:
        await opened(state)
    assert caught.value.hint


def execute(statement: str, *values: object) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute(statement, values)
        connection.close()

    return damage


def overwrite(at: int, content: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(at)
            file.write(content)

    return damage


DAMAGES = {
    "header zeroed": ("journal.sqlite", overwrite(0, bytes(100))),
    "a page of zeros": ("journal.sqlite", overwrite(4_096 * 3, bytes(4_096))),
    "cut to half": ("journal.sqlite", lambda path: os.truncate(path, path.stat().st_size // 2)),
    "a route that is no JSON": ("journal.sqlite", execute("UPDATE routes SET definition = x'7b22'")),
    "a clock that is none": ("journal.sqlite", execute("UPDATE meta SET value = x'00' WHERE name = 'clock'")),
    "a batch in no state": ("journal.sqlite", execute("UPDATE batches SET state = 'odd'")),
    "org: header zeroed": ("orgs/*.sqlite", overwrite(0, bytes(100))),
    "org: cut to nothing": ("orgs/*.sqlite", lambda path: os.truncate(path, 0)),
    "org: cut to half": ("orgs/*.sqlite", lambda path: os.truncate(path, path.stat().st_size // 2)),
}


@pytest.mark.parametrize("kind", DAMAGES)
async def test_damage_is_told_with_the_file_and_the_way_out(state: Path, kind: str) -> None:
    name, damage = DAMAGES[kind]
    [path] = state.glob(name)
    damage(path)
    with pytest.raises(StateError) as caught:
        await opened(state)
    assert path.name in caught.value.message
    assert caught.value.hint


async def test_an_org_whose_file_was_removed_begins_empty_and_says_so(state: Path) -> None:
    [path] = state.glob("orgs/*.sqlite")
    path.unlink()
    server = await opened(state)
    [problem] = server.problems
    await server.stop()
    assert "begins empty" in problem.message
    assert path.name in problem.message
    again = await opened(state)
    assert again.problems == []
    await again.stop()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("fields = x'7b22'", "fields cannot be read"),
        ("fields = '[1]'", "fields cannot be read"),
        ("fields = 7", "fields cannot be read"),
        ("fields = x'7b22ff227d'", "fields cannot be read"),
        ("primary_key = x'00'", "primary key is no text"),
    ],
)
async def test_a_waiting_write_whose_row_is_damaged_fails_at_once_and_the_others_go_on(
    state: Path, damage: str, words: str
) -> None:
    execute(f"UPDATE operations SET {damage} WHERE number = 2")(state / "journal.sqlite")
    server = await opened(state)
    await write(server, "later")
    await server.engine.batches.flush()
    sound, _, damaged = sorted(server.engine.operations.newest(), key=lambda each: each.state)[::-1]
    assert (sound.state, damaged.state) == (OperationState.SUCCEEDED, OperationState.FAILED)
    [error] = damaged.errors
    assert error.code == "JOURNAL_DAMAGED"
    assert words in error.message
    assert damaged.attempts == 0
    await server.stop()


@pytest.mark.parametrize("table", ["operations", "batches"])
@pytest.mark.parametrize("options", ["x'7b22'", "'[]'", "7"])
async def test_writes_whose_options_are_damaged_fail_and_the_sandbox_starts(
    state: Path, table: str, options: str
) -> None:
    await (await opened(state)).stop()  # brings the folder to the format of today
    execute(f"UPDATE {table} SET options = {options}")(state / "journal.sqlite")
    server = await opened(state)
    assert len(server.engine.batches.all()) == 1
    await server.engine.batches.flush()
    damaged = server.engine.operations.newest()[0]
    assert (damaged.state, damaged.attempts) == (OperationState.FAILED, 0)
    assert "options cannot be read" in damaged.errors[0].message
    await write(server, "later")
    await server.engine.batches.flush()
    assert server.engine.operations.newest()[0].state is OperationState.SUCCEEDED
    await server.stop()


async def test_a_write_that_was_on_its_way_with_damaged_options_is_in_doubt_for_that(state: Path) -> None:
    await (await opened(state)).stop()
    execute(f"INSERT INTO requests VALUES (1, x'{pack([2]).hex()}')")(state / "journal.sqlite")
    execute("UPDATE operations SET options = x'7b22' WHERE number = 2")(state / "journal.sqlite")
    server = await opened(state)
    operation = server.engine.operations.newest()[0]
    assert operation.state is OperationState.IN_DOUBT
    assert [each.code for each in operation.errors] == ["ANSWER_LOST", "JOURNAL_DAMAGED"]
    await server.stop()


async def test_a_damaged_row_does_not_hide_the_others(state: Path) -> None:
    execute("UPDATE operations SET fields = x'7b22'")(state / "journal.sqlite")
    server = await opened(state)
    assert [each.fields for each in server.engine.operations.newest()] == [{}, {}]
    assert {error.code for each in server.engine.operations.newest() for error in each.errors} == {
        "JOURNAL_DAMAGED"
    }
    await server.stop()


@pytest.mark.parametrize("damage", ["route = 99", "accepted_at = 'odd'"])
async def test_an_operation_that_cannot_be_shown_is_told_and_stops_nothing(state: Path, damage: str) -> None:
    execute(f"UPDATE operations SET {damage} WHERE number = 2")(state / "journal.sqlite")
    server = await opened(state)
    with pytest.raises(JournalUnavailableError, match="damaged at operation 2"):
        server.engine.operations.newest()
    await write(server, "later")
    await server.engine.batches.flush()
    [batch] = server.engine.batches.all()
    assert batch.state is BatchState.FLUSHED
    await server.stop()


@pytest.mark.parametrize("what", ["folder deleted", "journal renamed", "journal replaced"])
async def test_nothing_is_acknowledged_that_no_restart_can_find(state: Path, what: str) -> None:
    server = await opened(state)
    journal = state / "journal.sqlite"
    match what:
        case "folder deleted":
            shutil.rmtree(state)
        case "journal renamed":
            journal.rename(state / "journal.bak")
        case _:
            journal.rename(state / "journal.bak")
            journal.write_bytes(b"")
    for endpoint in ("later", "now"):
        with pytest.raises(JournalUnavailableError, match="moved, removed or replaced"):
            await write(server, endpoint)
    await server.engine.kill()
    await server.connections.aclose()


async def test_a_journal_that_is_gone_and_comes_back_is_told_once_each(
    state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = await opened(state)
    journal = state / "journal.sqlite"
    journal.rename(state / "journal.bak")
    for _ in range(3):
        with pytest.raises(JournalUnavailableError):
            await write(server, "later")
    (state / "journal.bak").rename(journal)
    await write(server, "later")
    await write(server, "later")
    lost, back = (record.getMessage() for record in caplog.records)
    assert str(journal) in lost
    assert "Put it back" in lost
    assert "written again" in back
    kinds = [type(event) for event in server.engine.events.since(0)]
    assert kinds.count(JournalRecovered) == 1
    await server.stop()


@pytest.mark.parametrize("wal", [None, b""])
async def test_a_journal_cut_to_nothing_beside_orgs_is_refused(state: Path, wal: bytes | None) -> None:
    journal = state / "journal.sqlite"
    os.truncate(journal, 0)
    if wal is not None:
        (state / "journal.sqlite-wal").write_bytes(wal)
    with pytest.raises(StateError, match=r"journal\.sqlite is empty") as caught:
        await opened(state)
    assert "backup" in caught.value.hint
    assert "--state" in caught.value.hint
    assert journal.stat().st_size == 0


async def test_an_empty_journal_of_a_start_that_was_killed_is_taken_up(tmp_path: Path, state: Path) -> None:
    shutil.copy(state / "amp.yaml", tmp_path / "amp.yaml")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "journal.sqlite").touch()
    server = await opened(fresh)
    await write(server, "now")
    await server.stop()


async def test_the_files_are_their_owners_whatever_was_there(state: Path) -> None:
    before = os.umask(0)
    state.chmod(0o755)
    try:
        server = await opened(state)
        await write(server, "now")
        modes = {path.name: path.stat().st_mode & 0o777 for path in state.rglob("*.sqlite*")}
        assert set(modes.values()) == {0o600}, modes
        assert (state / "journal.pid").stat().st_mode & 0o777 == 0o600
        assert state.stat().st_mode & 0o777 == 0o700
        await server.stop()
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", ["journal.pid", "journal.sqlite"])
async def test_no_file_of_the_state_follows_a_symbolic_link(state: Path, name: str) -> None:
    precious = state.parent / "precious.txt"
    precious.write_text("precious")
    (state / name).unlink(missing_ok=True)
    (state / name).symlink_to(precious)
    if name == "journal.sqlite":
        with pytest.raises(StateError, match="symbolic link"):
            await opened(state)
    else:
        await (await opened(state)).stop()
    assert precious.read_text() == "precious"
