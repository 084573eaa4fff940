"""The config of an installation in the journal, and what groups consented to."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ampsandbox.engine.authorizations import Authorization
from ampsandbox.engine.installation_registry import NOT_CONFIGURED
from ampsandbox.engine.model import InstallationState
from ampsandbox.engine.write_rules import ObjectNotSelectedError

if TYPE_CHECKING:
    from tests.unit.engine.conftest import Desk

pytestmark = pytest.mark.anyio

Open = Callable[..., Awaitable["Desk"]]
ACCOUNTS = {"provider": "salesforce", "write": {"objects": {"account": {"objectName": "account"}}}}
LEADS = {"provider": "salesforce", "write": {"objects": {"lead": {"objectName": "lead"}}}}


async def install(desk: Desk, content: dict[str, Any] = ACCOUNTS) -> str:
    (installed,) = await desk.sandbox.installations.install("acme", "crm", config=("consumer:ada", content))
    return installed.id


async def test_what_was_installed_without_a_config_has_everything_ticked(open_desk: Open) -> None:
    desk = await open_desk()
    config = desk.sandbox.installations.config(desk.installation.id)
    assert (config.number, config.created_by) == (0, NOT_CONFIGURED)
    assert set(config.content["write"]["objects"]) == {"account", "contact", "lead"}
    assert desk.sandbox.installations.write_rules(desk.installation.id, "lead").allows_delete


async def test_an_object_that_is_not_in_the_config_is_refused_until_it_is(open_desk: Open) -> None:
    desk = await open_desk(install=False)
    id_ = await install(desk)
    with pytest.raises(ObjectNotSelectedError):
        desk.sandbox.installations.write_rules(id_, "lead")
    assert desk.sandbox.installations.write_rules(id_, "account").item.name == "account"
    config = await desk.sandbox.installations.configure(id_, "api:update", LEADS)
    assert (config.number, config.created_by) == (2, "api:update")
    assert desk.sandbox.installations.write_rules(id_, "lead").item.name == "lead"
    with pytest.raises(ObjectNotSelectedError):
        desk.sandbox.installations.write_rules(id_, "account")


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_configs_and_consents_survive_the_end_of_the_process(
    open_desk: Open, tmp_path: Path, end: str
) -> None:
    desk = await open_desk(state=tmp_path, install=False)
    consent = Authorization("salesforce", "acme", desk.clock.now(), "Acme Inc.", "ada", "Ada", "apiKey")
    await desk.sandbox.installations.authorize(consent)
    id_ = await install(desk)
    await desk.sandbox.installations.configure(id_, "consumer:ada", LEADS)
    await getattr(desk.sandbox, end)()

    again = await open_desk(state=tmp_path, orgs=desk.orgs, install=False)
    assert again.sandbox.installations.config(id_).content == LEADS
    assert again.sandbox.installations.config(id_).number == 2
    assert again.sandbox.installations.authorizations == [consent]
    assert again.installation.state is InstallationState.INSTALLED


async def test_a_reset_keeps_configs_and_consents(open_desk: Open) -> None:
    desk = await open_desk(install=False)
    id_ = await install(desk)
    snapshot = desk.sandbox.snapshot()
    await desk.sandbox.reset()
    assert desk.sandbox.installations.config(id_).content == ACCOUNTS
    await desk.sandbox.installations.configure(id_, "x", LEADS)
    await desk.sandbox.restore(snapshot)
    assert desk.sandbox.installations.config(id_).content == ACCOUNTS
    assert [each.group for each in desk.sandbox.installations.authorizations] == ["acme"]


async def test_an_installation_that_was_under_way_when_the_process_died_is_failed(
    open_desk: Open, tmp_path: Path
) -> None:
    desk = await open_desk(state=tmp_path, install=False)
    id_ = await install(desk)
    await desk.sandbox.stop()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as journal, journal:
        journal.execute("UPDATE installations SET state = 'provisioning'")

    again = await open_desk(state=tmp_path, orgs=desk.orgs, install=False)
    assert again.installation.state is InstallationState.FAILED
    assert "Install it again" in again.installation.error
    assert again.sandbox.installations.config(id_).content == ACCOUNTS
    (installed,) = await again.sandbox.installations.install("acme", "crm")
    assert installed.state is InstallationState.INSTALLED
    assert again.sandbox.installations.config(id_).content == ACCOUNTS


async def test_installing_implies_consent_which_goes_with_the_last_installation(open_desk: Open) -> None:
    desk = await open_desk()
    assert [(each.provider, each.group) for each in desk.sandbox.installations.authorizations] == [
        ("salesforce", "acme")
    ]
    await desk.sandbox.installations.uninstall("acme")
    assert desk.sandbox.installations.authorizations == []


async def test_consent_may_be_there_before_any_installation_and_be_revoked(open_desk: Open) -> None:
    desk = await open_desk(install=False)
    await desk.sandbox.installations.authorize(Authorization("salesforce", "acme", desk.clock.now(), "Acme"))
    await desk.sandbox.advance(timedelta(hours=1))
    await install(desk)
    assert [each.group_name for each in desk.sandbox.installations.authorizations] == ["Acme"]
    await desk.sandbox.installations.revoke("salesforce", "acme")
    assert desk.sandbox.installations.authorizations == []


async def test_a_journal_of_the_first_version_is_taken_up(open_desk: Open, tmp_path: Path) -> None:
    desk = await open_desk(state=tmp_path)
    await desk.sandbox.stop()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as journal, journal:
        journal.executescript("DROP TABLE configs; DROP TABLE authorizations; PRAGMA user_version = 1;")
        for table, column in (("operations", "options"), ("batches", "options"), ("outcomes", "status")):
            journal.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    again = await open_desk(state=tmp_path, orgs=desk.orgs)
    assert again.sandbox.installations.config(again.installation.id).number == 0
    assert [each.group for each in again.sandbox.installations.authorizations] == ["acme"]
