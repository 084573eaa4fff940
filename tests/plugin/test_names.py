"""A name that nothing has is refused with the one that was probably meant: no assertion holds by a typo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ampsandbox.errors import AmpSandboxError, ConflictError, NotFoundError, UsageError
from ampsandbox.testing import Batch, Operation, Sandbox
from ampsandbox.testing.names import one_or_many
from ampsandbox.testing.strict import Strictness

MANIFEST = Path(__file__).parents[2] / "sample_configs" / "mailmonkey.yaml"
SALESFORCE, HUBSPOT = "mailmonkey-salesforce", "mailmonkey-hubspot"


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox(MANIFEST) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.reset()
    shared.send("create-account", {"name": "Big Co."})
    return shared


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        ("assert_not_written('acount')", "'account'"),
        ("assert_not_written('account', group='dmeo')", "'demo'"),
        ("assert_not_written('account', integration='mailmonkey-salesfroce')", f"'{SALESFORCE}'"),
        ("assert_written('acount', times=0)", "'account'"),
        ("assert_written('account', mode='updat', times=0)", "'update'"),
        ("assert_written('account', group='dmeo', times=0)", "'demo'"),
        ("assert_refused('acount')", "'account'"),
        ("assert_refused('account', group='dmeo')", "'demo'"),
        ("assert_batched('leed')", "'lead'"),
        ("assert_batched('lead', reason='schedul')", "'schedule'"),
        ("assert_batched('lead', group='dmeo')", "'demo'"),
        ("assert_api_calls(at_most=0, group='dmeo')", "'demo'"),
        ("assert_api_calls(at_most=0, integration='mailmonkey-hubspt')", f"'{HUBSPOT}'"),
        ("assert_rejected('create-acount')", "'create-account'"),
        ("writes('acount')", "'account'"),
        ("writes('account', group='dmeo')", "'demo'"),
        ("flush('leed')", "'lead'"),
        ("flush('lead', group='dmeo')", "'demo'"),
        ("uninstall('dmeo')", "'demo'"),
        ("send('create-acount', {})", "'create-account'"),
        ("crm('dmeo')", "'demo'"),
        ("faults('demo', 'mailmonkey-hubspt')", f"'{HUBSPOT}'"),
        ("add_fault('outage', group='dmeo')", "'demo'"),
        ("add_fault('outtage')", "'outage'"),
        ("add_fault('row-lock', object='Acount')", "'Account'"),
        ("add_fault('row-lock', objct='Account')", "'object'"),
        ("crm('demo', 'mailmonkey-salesforce').records('Acount')", "'Account'"),
        ("crm('demo', 'mailmonkey-salesforce').records('Account', Nam='Big Co.')", "'Name'"),
        ("crm('demo', 'mailmonkey-hubspot').records('contacts', frstname='Ann')", "'firstname'"),
        ("crm('demo', 'mailmonkey-salesforce').record('Acount', '001')", "'Account'"),
        ("crm('demo', 'mailmonkey-hubspot').search('contcts', 'Ann')", "'contacts'"),
        ("crm('demo', 'mailmonkey-hubspot').history('contcts', '1')", "'contacts'"),
        ("assert_not_written('account', {'Nmae': 'Big Co.'})", "'name'"),
        ("assert_not_written('lead', {'warmthScroe': '1'})", "'warmthScore'"),
        ("install('acme', 'mailmonkey-salesforc')", "'mailmonkey-salesforce'"),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_the_nearest(sandbox: Sandbox, call: str, meant: str) -> None:
    with pytest.raises(AmpSandboxError) as refused:
        eval(f"sandbox.{call}", {"sandbox": sandbox})
    assert f"Did you mean {meant}?" in f"{refused.value.message} {refused.value.hint}"


@pytest.mark.parametrize("name", ["account", "ACCOUNT", "Account", "Accounts"])
def test_an_object_is_found_by_its_name_in_the_crm_too(sandbox: Sandbox, name: str) -> None:
    assert len(sandbox.assert_written(name, times=1)) == len(sandbox.writes(name)) == 1
    with pytest.raises(AssertionError, match=f"expected no write of {name}, and found"):
        sandbox.assert_not_written(name)


def test_a_custom_object_is_found_by_the_name_that_the_crm_gave_it(sandbox: Sandbox) -> None:
    sandbox.send("create-campaign", {"name": "Spring"})
    assert sandbox.writes("mailMonkeyCampaigns__c") == sandbox.writes("mailMonkeyCampaigns") != []


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("account", "name"),
        ("Account", "NumberOfEmployees"),
        ("lead", "warmthScore"),
        ("contact", "firstname"),
        ("mailMonkeyCampaigns", "campaignName"),
        ("Opportunity", "stageName"),
    ],
)
def test_a_field_that_the_object_has_somewhere_may_be_missing_in_writes(
    sandbox: Sandbox, name: str, field: str
) -> None:
    sandbox.assert_not_written(name, {field: "nothing"})


def test_a_field_that_was_sent_may_be_asked_for(sandbox: Sandbox) -> None:
    sandbox.send("create-account", {"nam": "x"}).errors  # noqa: B018 - looked at
    sandbox.assert_not_written("account", {"nam": "x"})


@pytest.mark.parametrize(("query", "crm"), [("nope", HUBSPOT), ({"objectType": "contacts"}, SALESFORCE)])
def test_a_query_in_the_language_of_another_crm_is_refused_with_an_example(
    sandbox: Sandbox, query: object, crm: str
) -> None:
    with pytest.raises(ConflictError, match="such as"):
        sandbox.crm("demo", crm).query(query)


@pytest.mark.parametrize("strict", [["unflushd"], "unflushd", {"unflushd": True}])
def test_a_check_that_does_not_exist_is_refused(strict: list[str] | str | dict[str, bool]) -> None:
    with pytest.raises(UsageError, match="no check 'unflushd'"):
        Strictness.of(strict)
    assert Strictness.of(["unflushed"]) == Strictness.of("unflushed,") == Strictness(True, False, False)


def test_a_group_that_is_no_text_is_refused() -> None:
    with pytest.raises(UsageError, match="1 is no name"):
        one_or_many([1])  # type: ignore[list-item]


def test_an_object_that_only_the_org_has_was_not_written(sandbox: Sandbox) -> None:
    sandbox.assert_not_written("Opportunity")
    assert sandbox.writes("Opportunity") == []


def test_what_another_integration_wrote_is_not_meant(sandbox: Sandbox) -> None:
    sandbox.assert_written("account", integration=SALESFORCE)
    sandbox.assert_not_written("account", integration=HUBSPOT)
    sandbox.assert_api_calls(at_most=0, integration=HUBSPOT)
    assert sandbox.writes(integration=HUBSPOT) == []


def test_a_fault_about_an_object_strikes_however_it_is_named(sandbox: Sandbox) -> None:
    [rule] = sandbox.add_fault("error", object="accounts", code="INVALID_FIELD", first=1)
    assert rule.object == "Account", "HubSpot has none"
    assert sandbox.send("create-account", {"name": "Other"}).state == "failed"


def test_kinds_of_faults_are_listed_for_one_that_does_not_exist(sandbox: Sandbox) -> None:
    with pytest.raises(UsageError) as refused:
        sandbox.faults("demo", SALESFORCE).add("quake")  # type: ignore[arg-type]
    assert "latency, error, drop-before" in refused.value.hint


def test_an_object_in_a_view_of_the_crm_is_refused_by_a_look_at_one_record(sandbox: Sandbox) -> None:
    assert sandbox.crm("demo", SALESFORCE).record("Account", "0010g00000000000AA") is None
    with pytest.raises(AmpSandboxError) as refused:
        sandbox.crm("demo", SALESFORCE).record("Acount", "0010g00000000000AA")
    assert not isinstance(refused.value, NotFoundError)


@pytest.mark.parametrize("look", ["state", "errors", "raw_response"])
def test_a_refused_send_is_looked_at_once_its_answer_is(sandbox: Sandbox, look: str) -> None:
    sent = sandbox.send("create-account", {"nam": "x"})
    assert sent.id
    assert [each.id for each in sandbox.unread_refusals()] == [sent.id]
    getattr(sent, look)
    assert sandbox.unread_refusals() == []


def test_a_refused_send_is_an_operation_like_any_other(sandbox: Sandbox) -> None:
    sent = sandbox.send("create-account", {"nam": "x"})
    assert isinstance(sent, Operation)
    assert sent == sandbox.operation(sent.id)
    assert sandbox.operation(sent.id) == sent
    assert sent != sandbox.operations[0]
    assert sent in sandbox.operations
    assert "INVALID_FIELD" in repr(sent)


def test_a_batch_is_what_flush_returns(sandbox: Sandbox) -> None:
    sandbox.send("create-lead", {"lastName": "Ann", "company": "Big Co."})
    assert [type(each) for each in sandbox.flush("lead")] == [Batch]


def test_a_rejected_request_is_asserted_by_endpoint_and_status(sandbox: Sandbox) -> None:
    with pytest.raises(
        AssertionError, match="expected a request to create-account that is rejected with 400"
    ):
        sandbox.assert_rejected("create-account", status=400)
    sandbox.client().post("create-account", json={"groupId": "demo"})
    sandbox.client().post("create-account", json={"groupId": "dmeo", "fields": {}})
    assert [each.status for each in sandbox.assert_rejected("create-account")] == [400, 404]
    assert [each.group for each in sandbox.assert_rejected(status=404)] == ["dmeo"]
    with pytest.raises(AssertionError):
        sandbox.assert_rejected("create-lead")
    sandbox.send("create-account", {"nam": "x"})
    with pytest.raises(AssertionError):
        sandbox.assert_rejected(status=422)


def test_a_text_is_one_group_and_one_field() -> None:
    with Sandbox(MANIFEST, groups="acme", custom_fields={"Account": "Tier__c"}, listen=False) as sandbox:
        assert {each.group for each in sandbox.installations} == {"acme"}
        fields = sandbox.crm("acme", SALESFORCE).describe("Account")["fields"]
        assert "Tier__c" in {each["name"] for each in fields}


def test_a_text_in_the_marker_is_one_group_and_a_mapping_one_fault(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.ampsandbox(groups="acme", faults={"kind": "outage"})
        def test_it(amp_sandbox):
            assert {each.group for each in amp_sandbox.installations} == {"acme"}
            assert [each.kind for each in amp_sandbox.faults().list()] == ["outage"]
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_bare_send_that_was_refused_fails_the_test_at_its_end(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_sent(amp_sandbox):
            amp_sandbox.send("create-account", {"nam": "x"})

        def test_looked_at(amp_sandbox):
            assert amp_sandbox.send("create-account", {"nam": "x"}).state == "failed"
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["Refused by the CRM, and not looked at by the test:"])


def test_a_rejection_that_was_asserted_is_no_leftover_and_an_unknown_group_no_unknown_route(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        def post(sandbox, group):
            sandbox.client().post("create-account", json={"groupId": group, "fields": {"name": "A"}})

        def test_asserted(amp_sandbox):
            post(amp_sandbox, "dmeo")
            amp_sandbox.assert_rejected("create-account", status=404)

        def test_not_asserted(amp_sandbox):
            post(amp_sandbox, "dmeo")
        """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["Sent for what is not installed:"])
    assert "Sent to nowhere:" not in result.outlines


def test_only_the_integrations_that_are_named_are_installed() -> None:
    with Sandbox(MANIFEST, groups="acme", integration=SALESFORCE) as sandbox:
        assert [(each.group, each.integration) for each in sandbox.installations] == [("acme", SALESFORCE)]
        assert sandbox.crm("acme").create("Account", {"Name": "Big Co."})


def test_an_integration_that_the_manifest_has_not_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no integration 'nope'") as refused:
        Sandbox(MANIFEST, integration="nope").start()
    assert SALESFORCE in refused.value.hint


def test_the_reason_of_a_refusal_is_never_cut(sandbox: Sandbox) -> None:
    [error] = sandbox.send("create-account", {"x" * 300: "1"}).errors
    sandbox.client().post("create-account", json={"groupId": "demo", "fields": {}, "y" * 300: 1})
    with pytest.raises(AssertionError) as failed:
        sandbox.assert_written("account", {"name": "Other"})
    assert len(error.message) > 300
    assert f"{error.code}: {error.message}" in str(failed.value)
    assert sandbox.requests[-1].response_body.decode() in str(failed.value)
