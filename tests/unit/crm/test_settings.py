"""`sandbox.yaml`: what is read, and everything that is wrong with it at once."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from ampsandbox.errors import SettingsError
from ampsandbox.settings import Settings, SettingsInvalidError, load_settings, load_variables
from ampsandbox.settings.credentials import (
    CommandReference,
    EnvironmentReference,
    FileReference,
    KeyringReference,
)
from mock_crm.core.settings import OrgSettings


def read(tmp_path: Path, text: str, variables: dict[str, str] | None = None) -> Settings:
    path = tmp_path / "sandbox.yaml"
    path.write_text(dedent(text))
    return load_settings(path, variables or {})


def rules(tmp_path: Path, text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(SettingsInvalidError) as caught:
        read(tmp_path, text)
    return [(found.rule, found.line, found.column) for found in caught.value.findings]


def test_without_a_file_everything_is_mocked() -> None:
    assert load_settings(None, {}) == Settings()


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Settings()


def test_every_way_of_naming_a_secret_is_read(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
        connections:
          - integration: write
            group: acme
            provider: salesforce
            auth: password
            client_id: ${APP}
            client_secret: {keyring: {service: sf, username: me}}
            username: me@acme.com
            password: {command: "op read 'op://x y/z'"}
            security_token: {command: [pass, show, sf]}
          - provider: salesforce
            auth: jwt-bearer
            client_id: app
            username: me
            private_key: {file: keys/server.key}
            login_url: https://test.salesforce.com/
        """,
    )
    first, second = settings.connections
    assert first.serves("salesforce", "write", "acme")
    assert not first.serves("salesforce", "write", "other")
    assert second.serves("salesforce", "any", "any")
    assert not second.serves("hubspot", "any", "any")
    assert first.values["client_id"] == EnvironmentReference("APP")
    assert first.values["client_secret"] == KeyringReference("sf", "me")
    assert first.values["password"] == CommandReference(("op", "read", "op://x y/z"))
    assert first.values["security_token"] == CommandReference(("pass", "show", "sf"))
    assert second.values["private_key"] == FileReference(tmp_path / "keys/server.key")
    assert (first.login_url, second.login_url) == (
        "https://login.salesforce.com",
        "https://test.salesforce.com",
    )
    assert first.api_version == "v60.0"


def test_a_secret_in_the_file_is_a_finding_that_does_not_repeat_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalidError) as caught:
        read(
            tmp_path,
            """\
            connections:
              - provider: hubspot
                auth: access-token
                access_token: pat-eu1-very-secret
            """,
        )
    [found] = caught.value.findings
    assert (found.rule, found.line, found.column) == ("literal-secret", 4, 19)
    assert found.path == "$.connections[0].access_token"
    assert "${ACCESS_TOKEN}" in found.hint
    assert "very-secret" not in str(caught.value) + repr(caught.value.findings)


def test_everything_that_is_wrong_is_found_at_once_at_its_place(tmp_path: Path) -> None:
    assert rules(
        tmp_path,
        """\
        enginee: {}
        engine:
          parallel_requests: 0
          time_zone: Mars/Olympus
        mocks: {permissions: lax, colour: red}
        connections:
          - provider: salesforce
            auth: refresh-token
            refresh_token: literal
            username: me
            login_url: http://login.example.com
          - provider: hubspot
            auth: jwt-bearer
          - auth: magic
            tokn: x
            password: hunter2
        """,
    ) == [
        ("unknown-key", 1, 10),
        ("bad-value", 3, 22),
        ("bad-value", 4, 14),
        ("bad-value", 5, 22),
        ("unknown-key", 5, 35),
        ("missing-key", 7, 5),
        ("literal-secret", 9, 20),
        ("unused-key", 10, 15),
        ("insecure-url", 11, 16),
        ("bad-value", 13, 11),
        ("missing-key", 14, 5),
        ("bad-value", 14, 11),
        ("unknown-key", 15, 11),
        ("literal-secret", 16, 15),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("engine: {parallel_requests: true}", "$.engine.parallel_requests"),
        ("mocks: {logins: {me: 1}}", "$.mocks.logins.me"),
        ("mocks: {tokens: [pat-x, 2]}", "$.mocks.tokens[1]"),
        ("mocks: {custom_fields: {Contact: [One__c, {}]}}", "$.mocks.custom_fields.Contact[1]"),
        ("mocks: {custom_fields: {Contact: One__c}}", "$.mocks.custom_fields.Contact"),
        ("ids: {demo: [a, 1]}", "$.ids.demo[1]"),
        ("ids: {demo: a, other: a}", "$.ids"),
    ],
)
def test_what_is_wrong_within_a_section_is_found_at_its_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(SettingsInvalidError) as caught:
        read(tmp_path, text)
    [found] = caught.value.findings
    assert (found.rule, found.path) == ("bad-value", place)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("engine: {parallel_requests: true}", "Expected a whole number; it is True."),
        ("engine: {parallel_requests: 51}", "Expected a whole number <= 50; it is 51."),
        ("engine: {retry_base_s: 0}", "Expected a number > 0.0; it is 0."),
        ("mocks: {limits: maybe}", "Expected on or off; it is 'maybe'."),
        ("mocks: {tokens: [1]}", "Expected text; it is 1."),
        (
            "webhooks: [{url: 'ftp://x'}]",
            "The URL of a webhook begins with http:// or https:// and a host; it is 'ftp://x'.",
        ),
        ("mocks: {permissions: lax}", "Expected real or open; it is 'lax'."),
    ],
)
def test_what_a_value_should_be_is_said_in_words_of_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsInvalidError) as caught:
        read(tmp_path, text)
    assert [each.message for each in caught.value.findings] == [words]


def test_an_unknown_section_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalidError) as caught:
        read(tmp_path, "enginee: {}")
    assert caught.value.findings[0].hint == "The sections are connections, webhooks, engine, mocks, ids."


def test_two_entries_for_one_installation_are_a_finding(tmp_path: Path) -> None:
    entry = "- {provider: hubspot, auth: access-token, access_token: '${A}'}"
    assert rules(tmp_path, f"connections:\n{entry}\n{entry}\n") == [("duplicate-connection", 3, 3)]


@pytest.mark.parametrize("text", ["[]", "connections: {}", "engine: 3", "connections: [3]"])
def test_what_is_no_settings_at_all_is_a_finding(tmp_path: Path, text: str) -> None:
    assert rules(tmp_path, text)


@pytest.mark.parametrize("text", ["a: [", "a: \x00"])
def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "none.yaml", {})


def test_engine_and_mocks_are_read(tmp_path: Path) -> None:
    settings = read(tmp_path, "engine: {parallel_requests: 2, time_zone: Europe/Rome}\nmocks: {limits: off}")
    assert (settings.engine.parallel_requests, settings.engine.time_zone) == (2, ZoneInfo("Europe/Rome"))
    assert settings.engine.bulk_threshold == 2_000
    assert settings.mocks == {"limits": False}
    assert read(tmp_path, "mocks: {limits: real}").mocks == {"limits": True}
    assert read(tmp_path, "mocks: {limits: 'off', search_lag: off}").mocks == {
        "limits": False,
        "search_lag_s": 0,
    }


def test_every_option_of_a_mock_alone_has_its_key_below_mocks(tmp_path: Path) -> None:
    text = "mocks: {tokens: [pat-x], clients: {app: secret}, tier: free, search_lag: 5, batch_order: input}"
    assert OrgSettings(**read(tmp_path, text).mocks) == OrgSettings(
        tokens=("pat-x",), clients={"app": "secret"}, edition="free", search_lag_s=5, batch_order="input"
    )


def test_the_environment_alone_can_describe_a_connection() -> None:
    variables = {
        "AMPSANDBOX_LIVE_HUBSPOT": "access-token",
        "AMPSANDBOX_HUBSPOT_ACCESS_TOKEN": "pat-x",
        "AMPSANDBOX_HUBSPOT_GROUP": "acme",
    }
    [connection] = load_settings(None, variables).connections
    assert (connection.group, connection.base_url) == ("acme", "https://api.hubapi.com")
    assert connection.values["access_token"].resolve(variables).reveal() == "pat-x"


def test_credentials_in_the_environment_do_not_go_live_without_the_switch() -> None:
    assert load_settings(None, {"AMPSANDBOX_HUBSPOT_ACCESS_TOKEN": "pat-x"}).connections == ()


def test_a_switch_without_its_credentials_is_refused() -> None:
    with pytest.raises(SettingsError, match="needs “access_token”"):
        load_settings(None, {"AMPSANDBOX_LIVE_HUBSPOT": "access-token"})


def test_a_command_gives_what_it_prints() -> None:
    reference = CommandReference((sys.executable, "-c", "print('s3cret')"))
    assert reference.resolve({}).reveal() == "s3cret"


@pytest.mark.parametrize("code", ["raise SystemExit('s3cret')", "pass"])
def test_a_command_that_fails_is_named_without_its_output(code: str) -> None:
    with pytest.raises(SettingsError) as caught:
        CommandReference((sys.executable, "-c", code)).resolve({})
    assert caught.value.__cause__ is None
    with pytest.raises(SettingsError, match="FileNotFoundError"):
        CommandReference(("/no/such/program",)).resolve({})


def test_what_is_too_long_for_a_credential_is_refused_without_being_repeated(tmp_path: Path) -> None:
    endless = CommandReference((sys.executable, "-c", "print('s3cret' * 20_000)"))
    with pytest.raises(SettingsError, match="more than 65536 characters") as caught:
        endless.resolve({})
    assert "s3crets3cret" not in caught.value.message
    (tmp_path / "key").write_text("s3cret" * 20_000)
    with pytest.raises(SettingsError, match="is no credential") as caught:
        FileReference(tmp_path / "key").resolve({})
    assert "s3cret" not in caught.value.message


def test_a_keyring_entry_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(
        keyring, "get_password", lambda service, user: {("sf", "me"): "s3cret"}.get((service, user))
    )
    assert KeyringReference("sf", "me").resolve({}).reveal() == "s3cret"
    with pytest.raises(SettingsError, match="no entry sf/you"):
        KeyringReference("sf", "you").resolve({})


def test_an_env_file_is_read_as_shells_and_tools_write_them(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(
        '# comment\n\nA=1\nexport B = two words # comment\nC="x\\n\\"y\\"" # c\nD=\'a#b $c\'\nE=a#b\nF=\n'
        'KEY="-----BEGIN KEY-----\nMIIabc\n-----END KEY-----"\nG=`touch x`\n'
    )
    variables = load_variables(path)
    assert {name: variables[name] for name in ("A", "B", "C", "D", "E", "F", "KEY", "G")} == {
        "A": "1",
        "B": "two words",
        "C": 'x\n"y"',
        "D": "a#b $c",
        "E": "a#b",
        "F": "",
        "KEY": "-----BEGIN KEY-----\nMIIabc\n-----END KEY-----",
        "G": "`touch x`",
    }


def test_the_environment_wins_over_an_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "outside")
    (tmp_path / ".env").write_text("A=inside\nB=only here\n")
    variables = load_variables(tmp_path / ".env")
    assert (variables["A"], variables["B"]) == ("outside", "only here")


@pytest.mark.parametrize("line", ["hunter2", "T hunter2", 'T="hunter2', "=hunter2"])
def test_a_line_of_an_env_file_that_is_wrong_is_named_but_not_repeated(tmp_path: Path, line: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"A=1\n{line}\n")
    with pytest.raises(SettingsError, match=r":2: ") as caught:
        load_variables(path)
    assert "hunter2" not in str(caught.value)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} [{','.join(['*' + chr(97 + step)] * 10)}]\n" for step in range(9)
)
ENTRY = "connections:\n  - provider: hubspot\n    auth: access-token\n    access_token: {}\n"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BOMB + "connections: *j", "alias-bomb"),
        (BOMB + "engine: *j", "alias-bomb"),
        (BOMB + "mocks: {custom_fields: {Contact: *j}}", "alias-bomb"),
        ("connections: &a [*a]", "alias-bomb"),
        ("connections: " + "[" * 3_000, "too-deep"),
        ("connections: " + "[" * 2_000 + "]" * 2_000, "too-deep"),
        ("#" * 10_000_000, "file-too-large"),
        ("connections: \0", "file-encoding"),
        ("engine: {}\n---\nmocks: {}", "several-documents"),
        ("connections: !!python/object/apply:os.system ['true']", "yaml-syntax"),
        (ENTRY.format('{command: "echo \'a"}'), "bad-value"),
        (ENTRY.format("!!binary hunter2"), "yaml-syntax"),
        (ENTRY.format("[hunter2]"), "literal-secret"),
        (ENTRY.format("{value: hunter2}"), "literal-secret"),
        (ENTRY.format("*hunter2"), "yaml-syntax"),
        (ENTRY.format("!hunter2!x y"), "yaml-syntax"),
        (ENTRY.format("hunter2: hunter2"), "yaml-syntax"),
        (ENTRY.format("'hunter2"), "yaml-syntax"),
        (ENTRY.format("${T}\n    hunter2-KEY: 1"), "unknown-key"),
        (ENTRY.format("${T}\n    instance_url: https://u:hunter2@api.hubapi.com"), "literal-secret"),
        (ENTRY.format("${T}\n    auth: hunter2"), "bad-value"),
        ("engine: {retry_deadline_s: .inf}", "bad-value"),
        ("engine: {breaker_pause_s: 1e300}", "bad-value"),
    ],
)
def test_a_hostile_file_is_refused_with_a_rule_and_without_its_secrets(
    tmp_path: Path, text: str, rule: str
) -> None:
    with pytest.raises(SettingsInvalidError) as caught:
        read(tmp_path, text)
    assert rule in [finding.rule for finding in caught.value.findings]
    assert "hunter2" not in str(caught.value)


def test_anchors_and_merge_keys_are_read(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
        connections:
          - &one {provider: hubspot, auth: access-token, access_token: "${T}", group: a}
          - {<<: *one, group: b}
        """,
    )
    assert [each.group for each in settings.connections] == ["a", "b"]
