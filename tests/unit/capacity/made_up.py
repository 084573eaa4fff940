"""Results that nobody simulated, for tests of what is said about them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ampsandbox.capacity.assembly import Plan, RunOptions, make_plan
from ampsandbox.capacity.results import GroupResult, OutcomeCounts, SimulationResults, VariantResult, zeros
from ampsandbox.capacity.traffic import load_traffic
from ampsandbox.manifest.loader import usable_manifest

SAMPLES = Path(__file__).parents[3] / "sample_configs"


def sample_plan(**options: object) -> Plan:
    """The plan of the sample's traffic."""
    manifest = usable_manifest(SAMPLES / "mailmonkey.yaml")
    traffic = load_traffic(SAMPLES / "traffic" / "mailmonkey.yaml", manifest)
    return make_plan(traffic, RunOptions(**options))  # type: ignore[arg-type]


def made_up_results(
    plan: Plan, *, dry: int = 0, lost: int = 0, refused: int = 0, done: int = 0
) -> SimulationResults:
    """Results in which each group sends 1,000 requests on its first day and has 100 writes an hour.

    Args:
        plan: What was not simulated.
        dry: So many groups run out of calls at 16:40 of the first day, for two hours.
        lost: So many writes of the first group are lost.
        refused: So many are refused.
        done: How many groups were simulated; all when 0.
    """
    scenario = plan.scenario
    hours = scenario.days * 24
    variants = []
    count = done or scenario.groups
    for position, variant in enumerate(scenario.variants):
        result = VariantResult(variant.name, hours)
        for number in range(count):
            org = number % len(plan.limits)
            requests, others = zeros(scenario.days), zeros(scenario.days)
            requests[0] = 1000 * (position + 1)
            from_ = scenario.start + timedelta(hours=16, minutes=40)
            result.groups.append(
                GroupResult(
                    number, org, 1.0, plan.limits[org].daily, requests, zeros(scenario.days), others,
                    OutcomeCounts(delivered=100), 1_000_000, 2_000_000, 3_000_000, 50 + number, from_, 1000,
                    ((from_, from_ + timedelta(hours=2)),) if number < dry else (),
                )
            )  # fmt: skip
            result.delays_us.add(60_000_000 * (number + 1), 100)
            result.batch_sizes.add(100)
            result.request_sizes.add(50)
        result.outcomes = OutcomeCounts(delivered=100 * count - lost - refused, lost=lost, refused=refused)
        result.accepted[0] = result.finished[1] = 100 * count
        result.requests[16] = 1000 * (position + 1) * count
        result.dry_groups[16] = dry
        result.journal_bytes = 123_456_789
        variants.append(result)
    return SimulationResults(scenario.groups, variants, count)
