"""The answer of a simulation in plain sentences: whether the schedules fit, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ampsandbox.capacity.summary import VariantSummary
from ampsandbox.capacity.words import count_words, percent, span_words


def answer_of(variant: VariantSummary, groups: int) -> str:
    """Whether a schedule holds, and when writes arrive.

    Args:
        variant: The schedule with its figures.
        groups: How many groups they are of.
    """
    sentences = [*_troubles(variant, groups), _quota_sentence(variant, groups), _delay_sentence(variant)]
    first, *others = [sentence for sentence in sentences if sentence]
    if not variant.holds:
        return " ".join([f"No: {first}", *(_capital(each) for each in others)])
    return " ".join([f"Yes: {first}", *(_capital(each) for each in others)])


def advice_of(variants: Sequence[VariantSummary], groups: int) -> tuple[str, ...]:
    """What the other ways would do, a sentence each."""
    return tuple(_compared(each, variants[0], groups) for each in variants[1:])


def _troubles(variant: VariantSummary, groups: int) -> Iterator[str]:
    """What speaks against the schedule, worst first."""
    dry, writes = len(variant.dry_groups), variant.writes
    if dry:
        when = f", mostly at about {variant.dry_at}" if variant.dry_at else ""
        runs = "runs" if dry == 1 else "run"
        yield f"{_of(dry, groups)} {runs} out of calls{when}."
    if writes.lost:
        yield f"{count_words(writes.lost, 'write')} {_is_are(writes.lost)} given up after every retry failed."
    if writes.refused:
        yield (
            f"{count_words(writes.refused, 'write')} without a schedule {_is_are(writes.refused)} refused:"
            " the CRM is out of calls, busy or down."
        )
    if writes.in_doubt:
        yield f"the answer to {count_words(writes.in_doubt, 'insert')} is lost."


def _quota_sentence(variant: VariantSummary, groups: int) -> str:
    if variant.dry_groups:
        return ""
    if variant.quota_share is None:
        return "no CRM here has a daily limit."
    most = percent(variant.quota_share.max)
    if groups == 1:
        return f"the group stays within the day's calls; its busiest day uses {most} of them."
    return f"all {groups:,} groups stay within the day's calls; the busiest uses {most} of them."


def _delay_sentence(variant: VariantSummary) -> str:
    if not variant.writes.delivered:
        return "no write arrives."
    usual, longest = span_words(variant.delay_s.p95), span_words(variant.delay_s.max)
    if variant.delay_s.max < 1:
        return "a write is in the CRM within a second."
    if usual == longest:
        return f"a write is in the CRM after {longest} at most."
    return f"a write is in the CRM after {usual} in 95 of 100 cases, after {longest} at most."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _compared(variant: VariantSummary, given: VariantSummary, groups: int) -> str:
    name = "Without batches" if variant.name == "unbatched" else f"“{variant.name}”"
    dry = len(variant.dry_groups)
    parts = []
    if dry:
        parts.append(f"{_of(dry, groups)} would run out of calls")
    elif variant.quota_share is not None:
        whose = "the group" if groups == 1 else "the busiest group"
        parts.append(f"{whose} would use {percent(variant.quota_share.max)} of its calls")
    if variant.writes.lost or variant.writes.refused:
        parts.append(f"{count_words(variant.writes.lost + variant.writes.refused, 'write')} would fail")
    parts.append(f"at {_ratio(variant.requests, given.requests)} requests")
    return f"{name}: {', '.join(parts)}; a write would wait {span_words(variant.delay_s.max)} at most."


def _ratio(requests: int, given: int) -> str:
    if not given or requests == given:
        return "as many"
    ratio = requests / given
    if 0.99 < ratio < 1.05:
        return "about as many"
    if ratio >= 1:
        return f"{ratio:,.0f} times the" if ratio >= 10 else f"{ratio:.1f} times the"
    return f"{percent(ratio)} of the"


def _of(count: int, groups: int) -> str:
    if groups == 1:
        return "the group"
    return f"{count:,} of {count_words(groups, 'group')}"


def _is_are(count: int) -> str:
    return "is" if count == 1 else "are"
