"""A traffic file is read into a plan, and everything that is wrong with one has a place and a way out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ampsandbox.capacity.assembly import Plan, RunOptions, make_plan
from ampsandbox.capacity.findings import TrafficInvalidError
from ampsandbox.capacity.starter import starter_traffic
from ampsandbox.capacity.traffic import Traffic, load_traffic, parse_traffic
from ampsandbox.errors import UsageError
from ampsandbox.manifest.findings import Finding
from ampsandbox.manifest.formats.text import render
from ampsandbox.manifest.loader import load_manifest
from ampsandbox.manifest.model import Manifest, Mode, Provider

SAMPLES = Path(__file__).parents[3] / "sample_configs"
LEADS = "traffic: [{endpoint: create-lead, writes_per_day: 240}]\n"


def _manifest(name: str = "mailmonkey") -> Manifest:
    manifest = load_manifest(SAMPLES / f"{name}.yaml").manifest
    assert manifest is not None
    return manifest


MAILMONKEY = _manifest()


def _read(text: str, folder: Path = SAMPLES, manifest: Manifest = MAILMONKEY) -> Traffic:
    return parse_traffic(text.encode(), "traffic.yaml", manifest, folder)


def _plan(text: str, **options: object) -> Plan:
    return make_plan(_read(text), RunOptions(**options))  # type: ignore[arg-type]


def _findings(text: str, folder: Path = SAMPLES, manifest: Manifest = MAILMONKEY) -> tuple[Finding, ...]:
    with pytest.raises(TrafficInvalidError) as caught:
        _read(text, folder, manifest)
    return caught.value.result.findings


# -- what a file means ------------------------------------------------------------------------------------


def test_a_rate_is_spread_over_the_hours_and_days_that_are_named() -> None:
    [path] = _plan(
        "traffic: [{endpoint: create-lead, writes_per_day: 240, hours: {9-11: 3, 22-2: 1},"
        " weekdays: {sat-sun: 0.5, mon: 0}}]"
    ).scenario.paths
    monday, tuesday, saturday = (path.writes_per_hour[day * 24 : day * 24 + 24] for day in (0, 1, 5))
    assert sum(monday) == 0
    assert tuesday[9] == tuesday[10] == 72
    assert tuesday[22] == tuesday[23] == tuesday[0] == tuesday[1] == 24
    assert sum(tuesday) == 240
    assert sum(saturday) == 120


def test_a_path_takes_provider_mode_and_schedule_from_the_manifest() -> None:
    [path] = _plan(LEADS).scenario.paths
    assert (path.provider, path.object, path.mode, path.schedule) == (
        Provider.SALESFORCE, "lead", Mode.INSERT, "every 2 minutes",
    )  # fmt: skip


def test_entries_about_one_object_and_mode_are_added_up() -> None:
    [path] = _plan(
        "traffic:\n"
        "- {endpoint: add-warmth-score, writes_per_day: 240, same_record: 0.4}\n"
        "- {object: contact, mode: update, integration: mailmonkey-salesforce, writes_per_day: 720}\n"
        "bursts: [{endpoint: add-warmth-score, at: day 2 09:30, writes: 50, over: 2 hours, share: 0.5}]\n"
    ).scenario.paths
    assert path.writes_per_hour == (40.0,) * 168
    assert path.same_record_share == pytest.approx(0.1)
    [burst] = path.bursts
    assert (burst.at, burst.over_s) == (datetime(2026, 1, 6, 9, 30, tzinfo=UTC), 7200)


def test_moments_are_in_the_time_zone_of_the_traffic() -> None:
    scenario = _plan(
        LEADS + "time_zone: Europe/Rome\nstart: 2026-07-06\n"
        "outages: [{provider: salesforce, at: 2026-07-08T10:00, for: 30 minutes}]"
    ).scenario
    assert scenario.start == datetime(2026, 7, 5, 22, 0, tzinfo=UTC)
    assert scenario.outages[0].at == datetime(2026, 7, 8, 8, 0, tzinfo=UTC)


def test_each_licence_brings_requests_and_a_public_app_of_hubspot_has_no_day() -> None:
    plan = _plan(
        "traffic:\n"
        "- {endpoint: create-lead, writes_per_day: 1}\n"
        "- {endpoint: create-contact, writes_per_day: 1}\n"
        "crms:\n"
        "- {provider: salesforce, edition: Professional Edition, licences: 40}\n"
        "- {provider: salesforce, daily_requests: 15000}\n"
        "- {provider: hubspot, edition: starter}\n"
        "- {provider: hubspot, edition: starter, app: private}\n"
    )
    assert [(each.daily, each.burst, each.is_guess) for each in plan.limits] == [
        (140_000, 0, True), (15_000, 0, False), (0, 110, False), (250_000, 100, False),
    ]  # fmt: skip


def test_what_the_caller_says_goes_before_the_file() -> None:
    scenario = _plan(LEADS + "groups: 3\ndays: 2\nseed: x", groups=7, days=1, seed="y").scenario
    assert (scenario.groups, scenario.days, scenario.seed) == (7, 1, "y")


def test_schedules_to_compare_become_variants() -> None:
    scenario = _plan(LEADS, schedules=("every 15 minutes", "0 * * * *", "every 15 minutes")).scenario
    assert [each.name for each in scenario.variants] == [
        "as given", "unbatched", "every 15 minutes", "0 * * * *",
    ]  # fmt: skip


def test_a_schedule_to_compare_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="--compare 'every 15'"):
        _plan(LEADS, schedules=("every 15",))


def test_more_traffic_than_can_be_simulated_is_refused() -> None:
    with pytest.raises(UsageError, match="about 36,500,000,000,000 writes"):
        _plan(LEADS.replace("240", "100000000"), groups=1000, days=365)


def test_results_that_would_not_fit_into_memory_are_refused() -> None:
    with pytest.raises(UsageError, match="1,000,000 groups, 366 days and 2 schedules would take 20 GB"):
        _plan(LEADS.replace("240", "1"), groups=1_000_000, days=366)


def test_todays_format_takes_a_mode_and_the_delay_of_auto_batches() -> None:
    text = "traffic: [{object: Lead, mode: insert, writes_per_day: 9, max_delay_minutes: 5}]"
    [path] = make_plan(_read(text, manifest=_manifest("today")), RunOptions()).scenario.paths
    assert (path.mode, path.schedule, path.auto_batch_s, path.retry_s) == (Mode.INSERT, None, 300, 3600)


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.yaml")))
def test_the_starter_file_of_every_sample_is_sound_and_covers_every_object(name: str) -> None:
    manifest = _manifest(name)
    traffic = _read(starter_traffic(manifest), manifest=manifest)
    assert not traffic.checked.findings
    assert len(traffic.targets) == len(manifest.endpoints()) + len(manifest.named_only())


def test_the_sample_of_a_traffic_file_is_sound() -> None:
    traffic = load_traffic(SAMPLES / "traffic" / "mailmonkey.yaml", MAILMONKEY)
    assert not traffic.checked.findings
    assert len(make_plan(traffic, RunOptions()).scenario.paths) == 4


# -- sizes from elsewhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("group,contacts\nacme,30\nglobex,10\n", (1.5, 0.5)),
        ("group;contacts\nacme;30\nglobex;10\n", (1.5, 0.5)),
        ("\ufeff30\r\n10\r\n\r\n", (1.5, 0.5)),
        ("5\n", (1.0,)),
    ],
)
def test_sizes_are_the_counts_of_a_csv_relative_to_their_mean(
    tmp_path: Path, text: str, sizes: tuple[float, ...]
) -> None:
    (tmp_path / "counts.csv").write_text(text, encoding="utf-8")
    plan = make_plan(_read(LEADS + "sizes: {csv: counts.csv}", tmp_path), RunOptions())
    assert plan.scenario.sizes.factors == sizes
    assert plan.scenario.groups == len(sizes)
    assert plan.group_names == (("acme", "globex") if "acme" in text else ("",) * len(sizes))


def test_a_column_of_a_csv_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,leads,plan\na,1,gold\nb,3,free\n")
    assert _read(LEADS + "sizes: {csv: c.csv, column: leads}", tmp_path).counts == (("a", "b"), (1.0, 3.0))


def test_sizes_are_the_writes_of_groups_in_a_recorded_session(tmp_path: Path) -> None:
    def line(group: str, **more: object) -> str:
        call = "writes.submit_batch" if "records" in more else "writes.submit"
        arguments = {"command": {"group": group, **more}}
        return json.dumps({"call": {"at": "2026-01-05T09:00:00Z", "call": call, "arguments": arguments}})

    header = {"recording": 2, "project": "demo", "seed": "0", "start": "2026-01-05T09:00:00Z"}
    lines = [json.dumps(header), line("acme"), line("globex", records=[1, 2, 3]), line("acme")]
    (tmp_path / "s.jsonl").write_text("\n".join([*lines, '{"event": {"type": "other"}}']) + "\n")
    counts = _read(LEADS + "sizes: {recording: s.jsonl}", tmp_path).counts
    assert counts == (("acme", "globex"), (2.0, 3.0))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,1\nb,-2\n", "counts:2: '-2' is no count"),
        (b"a,1\nb,nan\n", "'nan' is no count"),
        (b"a,1\nb\n", "'b' is no count"),
        (b"a,0\nb,0\n", "counts nothing"),
        (b"", "counts nothing"),
        (b"a,\xff\n", "not UTF-8"),
        (b'a,"1\n' + b"x" * 200_000, "no CSV file"),
    ],
)
def test_a_csv_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "counts").write_bytes(content)
    [finding] = _findings(LEADS + "sizes:\n  csv: counts", tmp_path)
    assert words in finding.message
    assert finding.position.line == 3


@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"recording": 99}\n', b"\x00\xff", b"[" * 100_000])
def test_a_recording_that_is_none_is_a_finding(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s").write_bytes(content)
    [finding] = _findings(LEADS + "sizes: {recording: s}", tmp_path)
    assert finding.position.path == "$.sizes.recording"


@pytest.mark.parametrize("name", ["gone.csv", ".", '"a\\0b"', "/dev/zero"])
def test_a_file_that_is_no_plain_file_is_a_finding(tmp_path: Path, name: str) -> None:
    [finding] = _findings(LEADS + f"sizes: {{csv: {name}}}", tmp_path)
    assert finding.rule == "bad-value"


# -- what is wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "rule", "words"),
    [
        ("traffic: [{endpoint: create-leed, writes_per_day: 1}]", "1:22", "unknown-endpoint", "create-lead"),
        ("traffic: [{object: leads, writes_per_day: 1}]", "1:20", "unknown-object", "“lead”"),
        ("traffic: [{object: contact, writes_per_day: 1}]", "1:20", "ambiguous-object", "mailmonkey-hubspot"),
        ("traffic: [{object: lead, mode: update, writes_per_day: 1}]", "1:32", "unknown-mode", "insert"),
        (
            "traffic: [{object: lead, integration: mailmonky-salesforce, writes_per_day: 1}]",
            "1:39", "unknown-integration", "mailmonkey-salesforce",
        ),
        ("traffic: [{writes_per_day: 1}]", "1:11", "bad-value", "endpoint"),
        ("traffic: [{endpoint: create-lead}]", "1:11", "required-field", "writes_per_day"),
        ("traffic: [{endpoint: create-lead, writes_per_day: -1}]", "1:51", "wrong-type", "at least 0"),
        ("traffic: [{endpoint: create-lead, writes_per_day: .nan}]", "1:51", "wrong-type", "number"),
        ("traffic: [{endpoint: create-lead, writes_per_day: 1e99}]", "1:51", "wrong-type", "at most"),
        ("traffic: [{endpoint: create-lead, writes_per_day: many}]", "1:51", "wrong-type", "'many'"),
        (
            "traffic: [{endpoint: create-lead, writes_per_day: 1, hours: {9-25: 1}}]",
            "1:68", "bad-value", "0 to 24",
        ),
        (
            "traffic: [{endpoint: create-lead, writes_per_day: 1, hours: [1, 2]}]",
            "1:61", "bad-value", "24 weights",
        ),
        (
            "traffic: [{endpoint: create-lead, writes_per_day: 1, same_record: 0.5}]",
            "1:67", "bad-value", "updates",
        ),
        (
            "traffic: [{endpoint: create-lead, writes_per_day: 1, max_delay_minutes: 5}]",
            "1:73", "bad-value", "schedule",
        ),
        (LEADS + "gruops: 5", "2:1", "unknown-key", "“groups”"),
        (LEADS + "groups: 0", "2:9", "wrong-type", "at least 1"),
        (LEADS + "groups: 1.5", "2:9", "wrong-type", "whole number"),
        (LEADS + "days: 9999999999999999999999", "2:7", "wrong-type", "at most 366"),
        (LEADS + "start: 5 January", "2:8", "bad-value", "2026-01-05"),
        (LEADS + "time_zone: Europe/Rom", "2:12", "bad-value", "Europe/Rome"),
        (LEADS + "crms: [{provider: hubspot}]", "2:7", "missing-crm", "salesforce"),
        (
            LEADS + "crms: [{provider: salesforce, edition: profesional}]",
            "2:40", "bad-value", "“professional”",
        ),
        (LEADS + "crms: [{provider: dynamics}]", "2:19", "wrong-type", "hubspot"),
        (LEADS + "crms: [{provider: salesforce, app: public}]", "2:36", "bad-value", "Only HubSpot"),
        (LEADS + "bursts: [{endpoint: create-lead, at: 14:00, writes: 1}]", "2:38", "bad-value", "day 3"),
        (
            LEADS + "bursts: [{endpoint: create-lead, at: day 1 9:00, writes: 1, share: 10%}]",
            "2:68", "wrong-type", "0.1 for 10%",
        ),
        (LEADS + "outages: [{provider: salesforce, at: day 1 9:00, for: x}]", "2:55", "bad-value", "hours"),
        (LEADS + "sizes: {sigma: 1}", "2:8", "bad-value", "distribution"),
        (LEADS + "sizes: 5", "2:8", "wrong-type", "mapping"),
        (LEADS + LEADS, "2:1", "duplicate-key", "line 1"),
        ("- 1", "1:1", "wrong-type", "mapping"),
        ("", "1:1", "required-field", "traffic"),
        ("traffic: [", "2:1", "yaml-syntax", "not YAML"),
        ("traffic: " + "[" * 200, "1:1", "too-deep", "100 deep"),
    ],
)  # fmt: skip
def test_a_finding_has_its_place_its_rule_and_a_way_out(text: str, place: str, rule: str, words: str) -> None:
    finding = _findings(text)[0]
    assert f"{finding.position.line}:{finding.position.column}" == place
    assert finding.rule == rule
    assert words in f"{finding.message} {finding.suggestion}"


def test_all_findings_come_at_once_and_are_shown_with_their_lines() -> None:
    text = LEADS.replace("240", "x") + "groups: -1\nbursts: [5]\n"
    with pytest.raises(TrafficInvalidError) as caught:
        _read(text)
    shown = render(caught.value.result)
    assert shown.count("[wrong-type]") == 3
    assert "    2 | groups: -1\n      |         ^\n" in shown


def test_an_alias_bomb_is_a_finding() -> None:
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert _findings(bomb)[0].rule == "alias-bomb"


def test_what_happens_outside_of_the_run_is_a_warning() -> None:
    traffic = _read(LEADS + "days: 2\nbursts: [{endpoint: create-lead, at: day 3 09:00, writes: 1}]")
    assert [each.rule for each in traffic.checked.findings] == ["outside-of-run"]


def test_a_missing_traffic_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        load_traffic(tmp_path / "t.yaml", MAILMONKEY)


SAMPLE = (SAMPLES / "traffic" / "mailmonkey.yaml").read_bytes()
PIECES = [
    b"",
    b"-1",
    b".nan",
    b"[",
    b"{}",
    b"null",
    b"&a ",
    b"*a",
    b"\xff",
    b"!!int ",
    b"1e400",
    b"'",
    b"\n- ",
]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_traffic_file_is_read_or_refused_with_findings(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SAMPLE)))
    end = data.draw(st.integers(start, min(len(SAMPLE), start + 30)))
    text = SAMPLE[:start] + data.draw(st.sampled_from(PIECES)) + SAMPLE[end:]
    try:
        make_plan(parse_traffic(text, "t", MAILMONKEY, SAMPLES), RunOptions())
    except TrafficInvalidError as error:
        result = error.result
    except UsageError:
        return
    else:
        return
    lines = result.text.count("\n") + 2  # where YAML ends too early is after the last line
    assert all(1 <= each.position.line <= lines for each in result.errors)
    assert "t:" in render(result)
