"""Every rule of the linter: its id, how much it matters, and what it is about.

The one place where rules are listed. `RULES.md` beside this module is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ampsandbox.manifest.findings import Severity

E = Severity.ERROR
W = Severity.WARNING

DOCUMENT = "ampsandbox/manifest/RULES.md"


@dataclass(frozen=True, slots=True)
class LintRule:
    """One thing that the linter looks at."""

    id: str
    severity: Severity
    title: str
    explanation: str

    @property
    def anchor(self) -> str:
        """Where the rule is explained, relative to the repository."""
        return f"{DOCUMENT}#{self.id}"


_HEADING = """# Rules of `ampsandbox check`

An error stops the manifest from being used; `--strict` makes every warning an error. A warning is
silenced by `# amp:ignore` or `# amp:ignore[rule]`, on its line or on the line above, for that key and all
that is below it.
Warnings on parts that the sandbox does not exercise (read, subscribe, …) are errors of `amp deploy`.
"""
_TABLE = (
    LintRule(
        "yaml-syntax",
        E,
        "The file is YAML",
        "The text does not parse as YAML, not even after the repairs of `yaml-repair`.",
    ),
    LintRule(
        "yaml-repair",
        W,
        "The file had to be repaired",
        "The text does not parse as it stands, but one of a few known slips explains why: a key one or two "
        "columns off its siblings, `-name:` without a space, an unquoted value that starts with `*` or `@`, "
        "a lone `...`, a tab. The sandbox reads the repaired text; `amp deploy` rejects the file.",
    ),
    LintRule(
        "file-encoding",
        E,
        "The file is text",
        "The file must be UTF-8 or UTF-16 text without NUL and other control characters.",
    ),
    LintRule(
        "odd-line-break",
        W,
        "Line breaks that everybody sees",
        "The characters U+0085, U+2028 and U+2029 break lines in YAML 1.1, but neither in YAML 1.2 nor in "
        "most editors. The sandbox reads them as spaces.",
    ),
    LintRule(
        "file-too-large",
        E,
        "The file is of a sane size",
        "A manifest may have 4 MiB. The largest public ones have a few hundred lines.",
    ),
    LintRule(
        "too-deep",
        E,
        "Nesting is of a sane depth",
        "Mappings and lists may be nested 100 deep.",
    ),
    LintRule(
        "alias-bomb",
        E,
        "Aliases stay small",
        "Written out, the aliases of the file would make it far larger than it is, or an alias contains "
        "itself.",
    ),
    LintRule(
        "duplicate-anchor",
        W,
        "Anchors are given once",
        "An anchor (`&name`) is given twice in the file. An alias (`*name`) means the last one before it.",
    ),
    LintRule(
        "several-documents",
        W,
        "One document in a file",
        "Only the first document of the file is read, here and by `amp deploy`.",
    ),
    LintRule(
        "too-many-findings",
        W,
        "There is an end to it",
        "A report has at most 1,000 findings. This one tells how many more there are.",
    ),
    LintRule(
        "duplicate-key",
        W,
        "No key twice in one mapping",
        "YAML keeps the last of two equal keys and silently drops the first. Mostly a `- ` is missing.",
    ),
    LintRule(
        "non-string-key",
        W,
        "Keys are strings",
        "A list or mapping stands where a key belongs; it is ignored.",
    ),
    LintRule(
        "unknown-key",
        W,
        "Every key means something",
        "The key is not part of the format. It is ignored, here and by `amp deploy`.",
    ),
    LintRule(
        "key-case",
        W,
        "Keys in their own spelling",
        "The key differs from a known one only in upper and lower case. `amp deploy` and the sandbox accept "
        "it; editors and other tools may not.",
    ),
    LintRule(
        "wrong-type",
        E,
        "Lists, mappings and strings where they belong",
        "A value is of another kind than its key calls for.",
    ),
    LintRule(
        "not-a-string",
        W,
        "Strings that YAML takes for something else",
        "`1.0`, `no` and `2023-01-01` are a number, a boolean and a date in YAML. The sandbox reads the "
        "text as it is written; quotes make that certain.",
    ),
    LintRule(
        "required-field",
        E,
        "Required keys",
        "A required key is missing or empty.",
    ),
    LintRule(
        "spec-version",
        E,
        "A known `specVersion`",
        "`1.0.0` is today's format; `0.1.0`, or none at all, the 2023 format with `api` and `actions`; "
        "`1.1.0` the drafts of late 2023. A file in today's format must say `specVersion: 1.0.0`.",
    ),
    LintRule(
        "mixed-dialect",
        W,
        "One format in a file",
        "Keys of the 2023 format and of today's stand in one file. The sandbox understands both; `amp "
        "deploy` ignores what is not in 1.0.0.",
    ),
    LintRule(
        "integration-structure",
        E,
        "Integrations with actions",
        "A manifest needs at least one integration, and each integration at least one action.",
    ),
    LintRule(
        "write-objects",
        E,
        "A write has objects",
        "A write action needs at least one object to write to.",
    ),
    LintRule(
        "read-objects",
        W,
        "A read has objects",
        "`read` needs a list `objects`. Reads are not exercised by the sandbox, so this error of `amp "
        "deploy` is a warning here.",
    ),
    LintRule(
        "subscribe-objects",
        W,
        "A subscription has objects",
        "`subscribe` needs a list `objects`. Subscriptions are not exercised by the sandbox, so this error "
        "of `amp deploy` is a warning here.",
    ),
    LintRule(
        "action-type",
        E,
        "A known action type",
        "`type` is `read`, `write`, `subscribe` or `notify`.",
    ),
    LintRule(
        "provider-spelling",
        W,
        "A known provider",
        "The sandbox has mock CRMs for `salesforce` and `hubspot`. Integrations with other providers are "
        "loaded and shown, but not exercised.",
    ),
    LintRule(
        "mode-value",
        E,
        "A known mode",
        "`mode` is `insert` or `update`.",
    ),
    LintRule(
        "endpoint-syntax",
        E,
        "An endpoint is one URL segment",
        "The endpoint becomes the last segment of a URL, so it cannot hold `/`, `?`, `#`, `%`, spaces or "
        "control characters.",
    ),
    LintRule(
        "endpoint-style",
        W,
        "Endpoints that need no escaping",
        "Letters, digits, dashes and underscores read well in a URL and need no escaping in any client.",
    ),
    LintRule(
        "duplicate-endpoint",
        E,
        "Endpoints are unique in the project",
        "Write endpoints, and the destinations of type `api`, share one URL space across all integrations.",
    ),
    LintRule(
        "duplicate-integration",
        E,
        "Integration names are unique",
        "Two integrations of one name cannot be told apart.",
    ),
    LintRule(
        "duplicate-write-object",
        E,
        "No object twice in one action",
        "In 1.0.0 an object may stand once in `write.objects`. In the 2023 format it may stand several "
        "times, each with its own endpoint.",
    ),
    LintRule(
        "shared-batch",
        W,
        "Two schedules for one batch",
        "Two endpoints of one integration write to one object in one mode, but on different schedules.",
    ),
    LintRule(
        "duplicate-field",
        E,
        "No custom field twice in one object",
        "A field is created once.",
    ),
    LintRule(
        "conflicting-definition",
        W,
        "One definition per custom object and field",
        "The same custom object or field is described twice, differently. The first description counts.",
    ),
    LintRule(
        "schedule-syntax",
        E,
        "A schedule in one of two formats",
        "Five cron fields (`0 */2 * * *`), or three words (`every 2 hours`).",
    ),
    LintRule(
        "schedule-never-fires",
        E,
        "A schedule that fires",
        "The cron expression names a day that does not exist, such as 30 February, so that nothing would "
        "ever be written.",
    ),
    LintRule(
        "schedule-singular",
        W,
        "The last word is plural",
        "`every 1 hours`: the last of the three words is always plural.",
    ),
    LintRule(
        "schedule-alias",
        W,
        "Cron in five fields",
        "`@daily` and its like are names that some crons know; the format has five fields: `0 0 * * *`.",
    ),
    LintRule(
        "schedule-every-minute",
        W,
        "Not every minute",
        "A batch that is flushed every minute saves no CRM requests.",
    ),
    LintRule(
        "schedule-uneven",
        W,
        "Steps that divide the hour or day",
        "`*/45` means minutes 0 and 45 of every hour, not every 45 minutes.",
    ),
    LintRule(
        "unknown-object",
        W,
        "A standard object of the provider",
        "The CRM is not known to have such a standard object. The name is its official name in camel case.",
    ),
    LintRule(
        "object-spelling",
        W,
        "Objects in camel case",
        "The object is known, but the 2023 format writes its official name in camel case, in the singular.",
    ),
    LintRule(
        "name-syntax",
        W,
        "Names of letters and dashes",
        "Names of custom objects and custom fields may have only letters and dashes; names of integrations "
        "letters, digits and dashes.",
    ),
    LintRule(
        "crm-name",
        E,
        "Names that the CRM can hold",
        "After translation the name breaks a rule of the CRM: too long, a character that it does not allow, "
        "no letter first.",
    ),
    LintRule(
        "name-clash",
        E,
        "Names that stay different",
        "Two names become the same name in the CRM.",
    ),
    LintRule(
        "standard-name",
        W,
        "Custom objects and fields that are new",
        "The CRM already has a standard object or field of that name, so that a write cannot say which it "
        "means.",
    ),
    LintRule(
        "prompt-sentence",
        W,
        "Prompts are full sentences",
        "A prompt is shown to the customer: a full sentence, from a capital letter to a full stop.",
    ),
    LintRule(
        "missing-display-name",
        W,
        "Display names",
        "Without a `displayName` one is made from the name. The customer sees it, in the installer and in "
        "the CRM.",
    ),
    LintRule(
        "custom-object-fields",
        W,
        "Custom objects have fields",
        "A custom object without `customFields` has nothing to write but its name.",
    ),
    LintRule(
        "allowed-value",
        W,
        "Values from a list",
        "The key takes one of a few values. The part is not exercised by the sandbox.",
    ),
    LintRule(
        "duplicate-read-object",
        W,
        "No object twice in `read`",
        "An object may stand once in `read.objects`.",
    ),
    LintRule(
        "duplicate-subscribe-object",
        W,
        "No object twice in `subscribe`",
        "An object may stand once in `subscribe.objects`.",
    ),
    LintRule(
        "schedule-minimum-interval",
        W,
        "Reads at least ten minutes apart",
        "`amp deploy` rejects reads that are less than ten minutes apart. Writes of the 2023 format have no "
        "such limit.",
    ),
    LintRule(
        "frequent-schedule-risk",
        W,
        "Frequent reads",
        "Reads every 15 minutes or less may run into the provider's rate limits.",
    ),
    LintRule(
        "large-backfill-risk",
        W,
        "Large backfills",
        "Reading the full history, or more than 180 days, may take very long.",
    ),
    LintRule(
        "delivery-mode",
        W,
        "Delivery of reads",
        "`mode: auto` has no `pageSize`; `mode: onRequest` needs one from 50 to 500.",
    ),
    LintRule(
        "backfill-config",
        W,
        "Backfill of reads",
        "`defaultPeriod` has either `days`, 0 or more, or `fullHistory`.",
    ),
    LintRule(
        "field-mapping-unique",
        W,
        "One field per mapped name",
        "Two fields of a read object cannot have the same `mapToName`.",
    ),
    LintRule(
        "subscribe-requires-read",
        W,
        "Subscriptions need a read",
        "`subscribe` takes its fields and mappings from `read`.",
    ),
    LintRule(
        "subscribe-inherit-fields",
        W,
        "Subscriptions inherit",
        "`inheritFieldsAndMapping: true` is the only value in 1.0.0.",
    ),
    LintRule(
        "subscribe-minimum-events",
        W,
        "Subscriptions have an event",
        "Without an event nothing is ever delivered.",
    ),
    LintRule(
        "update-event-watch-fields",
        W,
        "Update events watch fields",
        "Either `requiredWatchFields` or `watchFieldsAuto`, not both.",
    ),
    LintRule(
        "watch-fields-no-nesting",
        W,
        "Watched fields are top-level",
        "CRMs do not tell of changes inside nested fields.",
    ),
    LintRule(
        "salesforce-subscribe-limit",
        W,
        "Five subscriptions on Salesforce",
        "Salesforce lets an integration watch five objects at most.",
    ),
)


def markdown() -> str:
    """The text of `RULES.md`."""
    parts = [_HEADING]
    parts += [
        f"## {rule.id}\n\n**{rule.title}** · {rule.severity}\n\n{rule.explanation}\n" for rule in _TABLE
    ]
    return "\n".join(parts)


RULES = {rule.id: rule for rule in _TABLE}
