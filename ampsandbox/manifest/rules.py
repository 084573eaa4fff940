"""Every rule of the linter: its id, how much it matters, and what it is about.

The one place where rules are listed. `docs/rules.md` is made from it.
"""

from __future__ import annotations

import msgspec

from ampsandbox.manifest.findings import Severity, Target

E = Severity.ERROR
W = Severity.WARNING

DOCUMENT = "docs/rules.md"


class LintRule(msgspec.Struct, frozen=True):
    """One thing that the linter looks at.

    Args:
        id: What findings and `# amp:ignore` call it.
        sandbox: How much it matters to the sandbox; None when it is not asked there.
        deploy: How much it matters to `amp deploy` and Ampersand's public validator.
        title: What a manifest should be like.
        explanation: What happens otherwise.
        validator_rule: The name of the public validator's rule that says the same; empty when it has none.
    """

    id: str
    sandbox: Severity | None
    deploy: Severity
    title: str
    explanation: str
    validator_rule: str = ""

    def severity(self, target: Target) -> Severity | None:
        """How much a finding of the rule matters to a target; None for nothing."""
        return self.deploy if target is Target.DEPLOY else self.sandbox

    @property
    def anchor(self) -> str:
        """Where the rule is explained, relative to the repository."""
        return f"{DOCUMENT}#{self.id}"


_TABLE = (
    LintRule(
        "yaml-syntax",
        E,
        E,
        "The file is YAML",
        "The text does not parse as YAML, not even after the repairs of `yaml-repair`.",
    ),
    LintRule(
        "yaml-repair",
        W,
        E,
        "The file had to be repaired",
        "The text does not parse as it stands, but one of a few known slips explains why: a key one or two "
        "columns off its siblings, `-name:` without a space, an unquoted value that starts with `*` or `@`, "
        "a lone `...`, a tab. The sandbox reads the repaired text; `amp deploy` rejects the file.",
    ),
    LintRule(
        "file-encoding",
        E,
        E,
        "The file is text",
        "The file must be UTF-8 or UTF-16 text without NUL and other control characters.",
    ),
    LintRule(
        "odd-line-break",
        W,
        W,
        "Line breaks that everybody sees",
        "The characters U+0085, U+2028 and U+2029 break lines in YAML 1.1, but neither in YAML 1.2 nor in "
        "most editors. The sandbox reads them as spaces.",
    ),
    LintRule(
        "file-too-large",
        E,
        E,
        "The file is of a sane size",
        "A manifest may have 4 MiB. The largest public ones have a few hundred lines.",
    ),
    LintRule(
        "too-deep",
        E,
        E,
        "Nesting is of a sane depth",
        "Mappings and lists may be nested 100 deep.",
    ),
    LintRule(
        "alias-bomb",
        E,
        E,
        "Aliases stay small",
        "Written out, the aliases of the file would make it far larger than it is, or an alias contains "
        "itself.",
    ),
    LintRule(
        "duplicate-anchor",
        W,
        W,
        "Anchors are given once",
        "An anchor (`&name`) is given twice in the file. An alias (`*name`) means the last one before it.",
    ),
    LintRule(
        "several-documents",
        W,
        W,
        "One document in a file",
        "Only the first document of the file is read, here and by `amp deploy`.",
    ),
    LintRule(
        "too-many-findings",
        W,
        W,
        "There is an end to it",
        "A report has at most 1,000 findings. This one tells how many more there are.",
    ),
    LintRule(
        "duplicate-key",
        W,
        W,
        "No key twice in one mapping",
        "YAML keeps the last of two equal keys and silently drops the first. Mostly a `- ` is missing.",
    ),
    LintRule(
        "non-string-key",
        W,
        E,
        "Keys are strings",
        "A list or mapping stands where a key belongs; it is ignored.",
    ),
    LintRule(
        "unknown-key",
        W,
        W,
        "Every key means something",
        "The key is not part of the format. It is ignored, here and by `amp deploy`.",
        "unknown-key",
    ),
    LintRule(
        "string-fields-only",
        W,
        W,
        "Custom fields are strings",
        "A custom field has no `type`: only string fields can be created, and a write must give their values "
        "as text. The key is ignored.",
    ),
    LintRule(
        "key-case",
        W,
        W,
        "Keys in their own spelling",
        "The key differs from a known one only in upper and lower case. `amp deploy` and the sandbox accept "
        "it; editors and other tools may not.",
    ),
    LintRule(
        "wrong-type",
        E,
        E,
        "Lists, mappings and strings where they belong",
        "A value is of another kind than its key calls for.",
    ),
    LintRule(
        "not-a-string",
        W,
        W,
        "Strings that YAML takes for something else",
        "`1.0`, `no` and `2023-01-01` are a number, a boolean and a date in YAML. The sandbox reads the "
        "text as it is written; quotes make that certain.",
    ),
    LintRule(
        "required-field",
        E,
        E,
        "Required keys",
        "A required key is missing or empty.",
        "required-field",
    ),
    LintRule(
        "spec-version",
        E,
        E,
        "A known `specVersion`",
        "`1.0.0` is today's format; `0.1.0`, or none at all, the 2023 format with `api` and `actions`; "
        "`1.1.0` the drafts of late 2023. A file in today's format must say `specVersion: 1.0.0`.",
        "spec-version",
    ),
    LintRule(
        "mixed-dialect",
        W,
        W,
        "One format in a file",
        "Keys of the 2023 format and of today's stand in one file. The sandbox understands both; `amp "
        "deploy` ignores what is not in 1.0.0.",
        "unknown-key",
    ),
    LintRule(
        "integration-structure",
        E,
        E,
        "Integrations with actions",
        "A manifest needs at least one integration, and each integration at least one action.",
        "integration-structure",
    ),
    LintRule(
        "write-objects",
        E,
        E,
        "A write has objects",
        "A write action needs at least one object to write to.",
        "write-objects",
    ),
    LintRule(
        "read-objects",
        W,
        E,
        "A read has objects",
        "`read` needs a list `objects`. Reads are not exercised by the sandbox, so this error of `amp "
        "deploy` is a warning here.",
        "read-objects",
    ),
    LintRule(
        "subscribe-objects",
        W,
        E,
        "A subscription has objects",
        "`subscribe` needs a list `objects`. Subscriptions are not exercised by the sandbox, so this error "
        "of `amp deploy` is a warning here.",
        "subscribe-objects",
    ),
    LintRule(
        "action-type",
        E,
        W,
        "A known action type",
        "`type` is `read`, `write`, `subscribe` or `notify`.",
    ),
    LintRule(
        "provider-spelling",
        W,
        E,
        "A known provider",
        "The sandbox has mock CRMs for `salesforce` and `hubspot`. Integrations with other providers are "
        "loaded and shown, but not exercised.",
        "provider-not-supported",
    ),
    LintRule(
        "mode-value",
        E,
        W,
        "A known mode",
        "`mode` is `insert` or `update`.",
    ),
    LintRule(
        "endpoint-syntax",
        E,
        W,
        "An endpoint is one URL segment",
        "The endpoint becomes the last segment of a URL, so it cannot hold `/`, `?`, `#`, `%`, spaces or "
        "control characters.",
    ),
    LintRule(
        "endpoint-style",
        W,
        W,
        "Endpoints that need no escaping",
        "Letters, digits, dashes and underscores read well in a URL and need no escaping in any client.",
    ),
    LintRule(
        "duplicate-endpoint",
        E,
        W,
        "Endpoints are unique in the project",
        "Write endpoints, and the destinations of type `api`, share one URL space across all integrations.",
    ),
    LintRule(
        "duplicate-integration",
        E,
        W,
        "Integration names are unique",
        "Two integrations of one name cannot be told apart.",
    ),
    LintRule(
        "duplicate-write-object",
        E,
        E,
        "No object twice in one action",
        "In 1.0.0 an object may stand once in `write.objects`. In the 2023 format it may stand several "
        "times, each with its own endpoint.",
        "duplicate-write-object",
    ),
    LintRule(
        "shared-batch",
        W,
        W,
        "Two schedules for one batch",
        "Two endpoints of one integration write to one object in one mode, but on different schedules.",
    ),
    LintRule(
        "duplicate-field",
        E,
        W,
        "No custom field twice in one object",
        "A field is created once.",
    ),
    LintRule(
        "conflicting-definition",
        W,
        W,
        "One definition per custom object and field",
        "The same custom object or field is described twice, differently. The first description counts.",
    ),
    LintRule(
        "schedule-syntax",
        E,
        E,
        "A schedule in one of two formats",
        "Five cron fields (`0 */2 * * *`), or three words (`every 2 hours`).",
        "schedule-syntax",
    ),
    LintRule(
        "schedule-never-fires",
        E,
        E,
        "A schedule that fires",
        "The cron expression names a day that does not exist, such as 30 February, so that nothing would "
        "ever be written.",
        "schedule-syntax",
    ),
    LintRule(
        "schedule-singular",
        W,
        W,
        "The last word is plural",
        "`every 1 hours`: the last of the three words is always plural.",
    ),
    LintRule(
        "schedule-alias",
        W,
        W,
        "Cron in five fields",
        "`@daily` and its like are names that some crons know; the format has five fields: `0 0 * * *`.",
    ),
    LintRule(
        "schedule-every-minute",
        W,
        W,
        "Not every minute",
        "A batch that is flushed every minute saves no CRM requests.",
    ),
    LintRule(
        "schedule-uneven",
        W,
        W,
        "Steps that divide the hour or day",
        "`*/45` means minutes 0 and 45 of every hour, not every 45 minutes.",
    ),
    LintRule(
        "unknown-object",
        W,
        W,
        "A standard object of the provider",
        "The CRM is not known to have such a standard object. The name is its official name in camel case.",
    ),
    LintRule(
        "object-spelling",
        W,
        W,
        "Objects in camel case",
        "The object is known, but the 2023 format writes its official name in camel case, in the singular.",
    ),
    LintRule(
        "name-syntax",
        W,
        W,
        "Names of letters and dashes",
        "Names of custom objects and custom fields may have only letters and dashes; names of integrations "
        "letters, digits and dashes.",
    ),
    LintRule(
        "crm-name",
        E,
        W,
        "Names that the CRM can hold",
        "After translation the name breaks a rule of the CRM: too long, a character that it does not allow, "
        "no letter first.",
    ),
    LintRule(
        "name-clash",
        E,
        W,
        "Names that stay different",
        "Two names become the same name in the CRM.",
    ),
    LintRule(
        "standard-name",
        W,
        W,
        "Custom objects and fields that are new",
        "The CRM already has a standard object or field of that name, so that a write cannot say which it "
        "means.",
    ),
    LintRule(
        "prompt-sentence",
        W,
        W,
        "Prompts are full sentences",
        "A prompt is shown to the customer: a full sentence, from a capital letter to a full stop.",
    ),
    LintRule(
        "missing-display-name",
        W,
        W,
        "Display names",
        "Without a `displayName` one is made from the name. The customer sees it, in the installer and in "
        "the CRM.",
    ),
    LintRule(
        "custom-object-fields",
        W,
        W,
        "Custom objects have fields",
        "A custom object without `customFields` has nothing to write but its name.",
    ),
    LintRule(
        "allowed-value",
        W,
        W,
        "Values from a list",
        "The key takes one of a few values. The part is not exercised by the sandbox.",
    ),
    LintRule(
        "duplicate-read-object",
        W,
        E,
        "No object twice in `read`",
        "An object may stand once in `read.objects`.",
        "duplicate-read-object",
    ),
    LintRule(
        "duplicate-subscribe-object",
        W,
        E,
        "No object twice in `subscribe`",
        "An object may stand once in `subscribe.objects`.",
        "duplicate-subscribe-object",
    ),
    LintRule(
        "schedule-minimum-interval",
        W,
        E,
        "Reads at least ten minutes apart",
        "`amp deploy` rejects reads that are less than ten minutes apart. Writes of the 2023 format have no "
        "such limit.",
        "schedule-minimum-interval",
    ),
    LintRule(
        "frequent-schedule-risk",
        W,
        W,
        "Frequent reads",
        "Reads every 15 minutes or less may run into the provider's rate limits.",
        "frequent-schedule-risk",
    ),
    LintRule(
        "large-backfill-risk",
        W,
        W,
        "Large backfills",
        "Reading the full history, or more than 180 days, may take very long.",
        "large-backfill-risk",
    ),
    LintRule(
        "delivery-mode",
        W,
        E,
        "Delivery of reads",
        "`mode: auto` has no `pageSize`; `mode: onRequest` needs one from 50 to 500.",
        "delivery-mode",
    ),
    LintRule(
        "backfill-config",
        W,
        E,
        "Backfill of reads",
        "`defaultPeriod` has either `days`, 0 or more, or `fullHistory`.",
        "backfill-config",
    ),
    LintRule(
        "field-mapping-unique",
        W,
        W,
        "One field per mapped name",
        "Two fields of a read object cannot have the same `mapToName`.",
    ),
    LintRule(
        "subscribe-requires-read",
        W,
        E,
        "Subscriptions need a read",
        "`subscribe` takes its fields and mappings from `read`.",
        "subscribe-requires-read",
    ),
    LintRule(
        "subscribe-inherit-fields",
        W,
        E,
        "Subscriptions inherit",
        "`inheritFieldsAndMapping: true` is the only value in 1.0.0.",
        "subscribe-inherit-fields",
    ),
    LintRule(
        "subscribe-minimum-events",
        W,
        W,
        "Subscriptions have an event",
        "Without an event nothing is ever delivered.",
        "subscribe-minimum-events",
    ),
    LintRule(
        "update-event-watch-fields",
        W,
        E,
        "Update events watch fields",
        "Either `requiredWatchFields` or `watchFieldsAuto`, not both.",
        "update-event-watch-fields",
    ),
    LintRule(
        "watch-fields-no-nesting",
        W,
        E,
        "Watched fields are top-level",
        "CRMs do not tell of changes inside nested fields.",
        "watch-fields-no-nesting",
    ),
    LintRule(
        "salesforce-subscribe-limit",
        W,
        E,
        "Five subscriptions on Salesforce",
        "Salesforce lets an integration watch five objects at most.",
        "salesforce-subscribe-limit",
    ),
    LintRule(
        "provider-not-supported",
        W,
        E,
        "A provider that Ampersand has",
        "The provider is not in the catalogue that Ampersand publishes. The sandbox loads and shows the "
        "integration, but has mock CRMs for `salesforce` and `hubspot` only.",
        "provider-not-supported",
    ),
    LintRule(
        "provider-module",
        W,
        E,
        "A module that the provider has",
        "`module` is none of the provider's in the catalogue that Ampersand publishes.",
        "provider-module",
    ),
    LintRule(
        "provider-capability-read",
        W,
        E,
        "A provider that supports `read`",
        "According to the catalogue that Ampersand publishes, the provider, or its module, does not "
        "support `read`.",
        "provider-capability-read",
    ),
    LintRule(
        "provider-capability-write",
        W,
        E,
        "A provider that supports `write`",
        "According to the catalogue that Ampersand publishes, the provider, or its module, does not "
        "support `write`.",
        "provider-capability-write",
    ),
    LintRule(
        "provider-capability-subscribe",
        W,
        E,
        "A provider that supports `subscribe`",
        "According to the catalogue that Ampersand publishes, the provider, or its module, does not "
        "support `subscribe`.",
        "provider-capability-subscribe",
    ),
    LintRule(
        "provider-capability-proxy",
        W,
        E,
        "A provider that supports `proxy`",
        "According to the catalogue that Ampersand publishes, the provider, or its module, does not "
        "support `proxy`.",
        "provider-capability-proxy",
    ),
    LintRule(
        "update-event-enabled",
        W,
        E,
        "Events are always enabled",
        "`enabled: always` is the only value of an event in 1.0.0.",
        "update-event-enabled",
    ),
    LintRule(
        "always-enabled-fields",
        W,
        E,
        "What is always read is complete",
        "A read object with `enabled: always` is read without the customer's choice, so that it needs a "
        "schedule and required fields, none of them mapped.",
        "always-enabled-fields",
    ),
    LintRule(
        "field-name",
        W,
        W,
        "Fields have a name",
        "A field of a read object is a mapping with a `fieldName`, or with the `mapToName` of a field "
        "that the customer maps.",
    ),
    LintRule(
        "inherit-mapping",
        W,
        W,
        "Mappings to inherit",
        "`inheritMapping: true` takes the mappings of the read object of the same name. There is none, so"
        " that names are written as they come.",
    ),
    LintRule(
        "watch-schema",
        W,
        W,
        "A complete `watchSchema`",
        "`watchSchema` needs a `destination` and `allObjects`, each event in it `enabled: always`, and a "
        "cron schedule, if any. The public validator does not look at it yet.",
    ),
    LintRule(
        "google-calendar-backfill",
        W,
        E,
        "Backfills of Google Calendar",
        "The events of Google Calendar can be read at most 28 days back.",
        "google-calendar-backfill",
    ),
    LintRule(
        "snowflake-backfill",
        W,
        E,
        "Backfills of Snowflake",
        "Snowflake reads the full history or nothing: `days` is not supported.",
        "snowflake-backfill",
    ),
    LintRule(
        "destination-exists",
        None,
        W,
        "Destinations that exist",
        "Only the project on Ampersand's side knows whether a destination exists. Asked with `--target "
        "deploy` only.",
        "destination-exists",
    ),
)


def markdown() -> str:
    """A section for each rule, for the page that documents them."""
    return "\n".join(f"## {rule.id}\n\n**{rule.title}**\n\n{rule.explanation}\n" for rule in _TABLE)


RULES = {rule.id: rule for rule in _TABLE}
