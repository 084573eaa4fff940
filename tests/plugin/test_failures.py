"""What failures say, to the letter: the texts are what the plugin is for."""

from __future__ import annotations

import pytest

QUEUED = 'amp_sandbox.send("create-lead", {"lastName": "Ann", "company": "Big Co."})'


def _failure(project: pytest.Pytester, *body: str, **options: str) -> list[str]:
    """The lines of the assertion that a test with this body fails with."""
    marker = ", ".join(f"{name}={value}" for name, value in options.items())
    lines = ["import pytest", "", f"@pytest.mark.ampsandbox({marker})", "def test_it(amp_sandbox):"]
    project.makepyfile("\n".join([*lines, *(f"    {line}" for line in body)]))
    result = project.runpytest_inprocess("--tb=short", "--ampsandbox-log=none")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    found = [line.removeprefix("E   ") for line in result.outlines if line.startswith("E ")]
    return [line.removeprefix("AssertionError: ") for line in found]


def test_a_write_that_waits_is_shown_with_the_call_that_flushes_it(project: pytest.Pytester) -> None:
    assert _failure(
        project,
        QUEUED,
        "amp_sandbox.advance(minutes=30)",
        'amp_sandbox.assert_written("lead", {"lastName": "Ann"})',
    )[:5] == [
        "expected a write of lead with {'lastName': 'Ann'}.",
        "Nearest:",
        "  insert of lead, queued: {'lastName': 'Ann', 'company': 'Big Co.'}",
        "Still waiting:",
        "  1 insert of lead, due at 2026-01-01 02:00:00: call sandbox.advance(minutes=90) or sandbox.flush()",
    ]


def test_the_nearest_write_is_compared_field_by_field(project: pytest.Pytester) -> None:
    lines = _failure(
        project,
        'amp_sandbox.send("create-account", {"name": "Big Co", "numberOfEmployees": 10})',
        'amp_sandbox.send("create-account", {"name": "Other"})',
        'amp_sandbox.assert_written("account", {"name": "Big Co.", "numberOfEmployees": 10, "website": "x"})',
    )
    assert lines[:8] == [
        "expected a write of account with {'name': 'Big Co.', 'numberOfEmployees': 10, 'website': 'x'}.",
        "Nearest:",
        "  insert of account, succeeded: {'name': 'Big Co', 'numberOfEmployees': 10}",
        "      name: expected 'Big Co.', was 'Big Co'",
        "      website: expected 'x', was not sent",
        "  insert of account, succeeded: {'name': 'Other'}",
        "      name: expected 'Big Co.', was 'Other'",
        "      numberOfEmployees: expected 10, was not sent",
    ]


def test_a_refusal_is_shown_in_the_crms_words_with_the_last_exchanges(project: pytest.Pytester) -> None:
    lines = _failure(
        project,
        'amp_sandbox.send("create-account", {"nam": "Big Co."})',
        'amp_sandbox.assert_written("account")',
    )
    assert lines[:3] == [
        "expected a write of account.",
        "Nearest:",
        "  insert of account, failed (INVALID_FIELD: No such column 'nam' on sobject of type Account):"
        " {'nam': 'Big Co.'}",
    ]
    assert lines[3] == "Last requests:"
    assert lines[4].startswith("  POST /projects/demo/create-account -> 422 {")
    assert "Last CRM requests:" in lines
    assert lines[6].startswith("  POST /services/data/v60.0/sobjects/Account -> 400 [{")
    assert not any("metadata" in line.lower() for line in lines), "provisioning is no news"


def test_nothing_accepted_is_said_so(project: pytest.Pytester) -> None:
    assert _failure(project, 'amp_sandbox.assert_written("account", {"name": "A"}, mode="insert")') == [
        "expected an insert of account with {'name': 'A'}.",
        "No write was accepted at all.",
    ]


def test_a_wrong_count_is_told(project: pytest.Pytester) -> None:
    lines = _failure(
        project,
        'amp_sandbox.send("create-account", {"name": "A"})',
        'amp_sandbox.assert_written("account", {"name": "A"}, times=2)',
    )
    assert lines[:3] == [
        "expected a write of account with {'name': 'A'}, 2 times, and found 1.",
        "Nearest:",
        "  insert of account, succeeded: {'name': 'A'}",
    ]


def test_an_unwanted_write_is_listed(project: pytest.Pytester) -> None:
    assert _failure(
        project,
        'amp_sandbox.send("create-account", {"name": "A"})',
        'amp_sandbox.assert_not_written("account")',
    )[:2] == ["expected no write of account, and found:", "  insert of account, succeeded: {'name': 'A'}"]


def test_other_flushes_are_listed(project: pytest.Pytester) -> None:
    assert _failure(
        project,
        QUEUED,
        "amp_sandbox.flush()",
        'amp_sandbox.assert_batched("lead", size=2, reason="schedule")',
    )[:3] == [
        "expected a flush of lead with 2 writes by schedule.",
        "Flushes:",
        "  1 of lead by manual at 2026-01-01 00:00:00",
    ]
    assert _failure(project, 'amp_sandbox.assert_batched("lead")') == [
        "expected a flush of lead.",
        "lead was not flushed.",
    ]


def test_what_is_tried_again_says_when(project: pytest.Pytester) -> None:
    lines = _failure(
        project,
        QUEUED,
        "amp_sandbox.faults().add('row-lock', nth=1)",
        "amp_sandbox.advance(hours=2)",
        "amp_sandbox.assert_no_pending()",
    )
    assert lines[:2] == ["expected that nothing waits.", "Still waiting:"]
    assert lines[2].startswith("  1 insert of lead, tried 1 time, again at 2026-01-01 02:00:")
    assert "call sandbox.advance(seconds=" in lines[2]


def test_too_many_crm_requests_are_counted_from_the_tests_begin(project: pytest.Pytester) -> None:
    lines = _failure(
        project,
        "amp_sandbox.assert_api_calls(at_most=0)",
        'amp_sandbox.send("create-account", {"name": "A"})',
        "amp_sandbox.assert_api_calls(at_most=1)",
        "amp_sandbox.assert_api_calls(at_most=0)",
    )
    assert lines[0] == "expected at most 0 CRM requests, and there were 1."


def test_a_refusal_that_did_not_come_is_told(project: pytest.Pytester) -> None:
    lines = _failure(
        project,
        'amp_sandbox.send("create-account", {"name": "A"})',
        'amp_sandbox.assert_refused("account", code="INVALID_FIELD")',
    )
    assert lines[:3] == [
        "expected a refused write of account with the code INVALID_FIELD.",
        "Nearest:",
        "  insert of account, succeeded: {'name': 'A'}",
    ]


def test_hostile_text_stays_on_its_line(project: pytest.Pytester) -> None:
    lines = _failure(
        project,
        r'amp_sandbox.send("create-account", {"name": "\x1b[31m\nred\u202e"})',
        'amp_sandbox.assert_written("account", {"name": "A"})',
    )
    assert lines[2] == "  insert of account, succeeded: {'name': '\\x1b[31m\\nred\\u202e'}"
    assert not any("\x1b" in line for line in lines)


def test_an_endpoint_that_does_not_exist_is_told_with_the_way_out(project: pytest.Pytester) -> None:
    lines = _failure(project, 'amp_sandbox.write_url("create-acount")')
    assert lines[0].endswith("The manifest has no endpoint 'create-acount'.")
    assert lines[1] == ("It has: create-account, create-lead, update-contact. Did you mean 'create-account'?")


LEFTOVERS = """
import httpx
import pytest

def leave(sandbox):
    lead = {"lastName": "A", "company": "B"}
    sandbox.client().post("create-lead", json={"groupId": "demo", "fields": lead})
    sandbox.client().post("create-account", json={"groupId": "demo", "fields": {}})
    sandbox.client().post("create-acount", json={})

"""


def _teardown(project: pytest.Pytester, marker: str = "", ini: str = "") -> list[str]:
    with project.path.joinpath("tox.ini").open("a") as file:
        file.write(f"\n{ini}\n")
    mark = f"@pytest.mark.ampsandbox({marker})\n" if marker else ""
    project.makepyfile(f"{LEFTOVERS}{mark}def test_it(amp_sandbox):\n    leave(amp_sandbox)\n")
    result = project.runpytest_inprocess()
    lines = result.outlines
    begin = "The test left something behind in the sandbox."
    if begin not in lines:
        result.assert_outcomes(passed=1)
        return []
    result.assert_outcomes(passed=1, errors=1)
    end = next(number for number, line in enumerate(lines) if line.startswith("Switch a check off"))
    return lines[lines.index(begin) + 1 : end]


def test_leftovers_fail_the_test_at_its_end(project: pytest.Pytester) -> None:
    lines = _teardown(project)
    assert lines[:-1] == [
        "Still waiting:",
        "  1 insert of lead, due at 2026-01-01 02:00:00: call sandbox.advance(hours=2) or sandbox.flush()",
        "Refused by the CRM, and not looked at by the test:",
        "  insert of account, failed (REQUIRED_FIELD_MISSING: Required fields are missing: [Name]): {}",
        "  Look at them with sandbox.assert_refused(...), sandbox.dead_letters or the like.",
        "Sent to nowhere:",
    ]
    assert lines[-1].startswith("  POST /projects/demo/create-acount -> 404 {")


@pytest.mark.parametrize(
    ("marker", "ini", "sections"),
    [
        ("strict=False", "", []),
        ("", "ampsandbox_strict = false", []),
        ("strict=True", "ampsandbox_strict = false", ["Still", "Refused", "Sent"]),
        ("strict={'unflushed': False}", "", ["Refused", "Sent"]),
        ("strict={'unread_refusals': False}", "", ["Still", "Sent"]),
        ("strict={'unknown_routes': False}", "", ["Still", "Refused"]),
        ("", "ampsandbox_strict = unflushed, unknown_routes", ["Still", "Sent"]),
    ],
)
def test_each_check_can_be_switched_off(
    project: pytest.Pytester, marker: str, ini: str, sections: list[str]
) -> None:
    lines = _teardown(project, marker, ini)
    assert [line.partition(" ")[0] for line in lines if not line.startswith(" ")] == sections


@pytest.mark.parametrize(
    "look",
    [
        "amp_sandbox.dead_letters",
        "amp_sandbox.operations",
        "amp_sandbox.writes('account')",
        "amp_sandbox.assert_refused('account', code='REQUIRED_FIELD_MISSING')",
        "amp_sandbox.operation(operation)",
    ],
)
def test_a_refusal_that_was_looked_at_is_no_leftover(project: pytest.Pytester, look: str) -> None:
    project.makepyfile(
        f"""
        def test_it(amp_sandbox):
            body = {{"groupId": "demo", "fields": {{}}}}
            operation = amp_sandbox.client().post("create-account", json=body).json()["operationId"]
            {look}
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_refusal_that_a_fault_asked_for_is_no_leftover(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_it(amp_sandbox):
            amp_sandbox.faults().add("error", code="INVALID_FIELD", method="POST")
            body = {"groupId": "demo", "fields": {"name": "A"}}
            assert amp_sandbox.client().post("create-account", json=body).status_code == 422
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_failed_test_reports_the_log_and_not_its_leftovers(project: pytest.Pytester) -> None:
    project.makepyfile(f"def test_it(amp_sandbox):\n    {QUEUED}\n    assert False\n")
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*ampsandbox teardown*",
            "Last requests:",
            "  POST /projects/demo/create-lead -> 202 *",
            "Last events:",
        ]
    )


@pytest.mark.parametrize(("wish", "shown"), [("all", True), ("failed", False), ("none", False)])
def test_the_log_is_shown_as_asked(project: pytest.Pytester, wish: str, shown: bool) -> None:
    project.makepyfile("def test_it(amp_sandbox): pass")
    result = project.runpytest_inprocess("-rP", f"--ampsandbox-log={wish}")
    result.assert_outcomes(passed=1)
    assert ("ampsandbox teardown" in result.stdout.str()) is shown
