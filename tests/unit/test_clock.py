"""The clock: reading, moving, timers, and knowing when all work is at rest."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest

from ampsandbox.clock import EARLIEST, LATEST, MAX_SPEED, Clock, moment_after, time_span
from ampsandbox.errors import ClockError

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def frozen() -> Clock:
    return Clock(START, speed=0)


class Wall:
    """A wall clock that a test moves.

    It takes the place of the whole reading: with freezegun loaded, as by a test of the plugin in the same
    process, a clock asks that for the real time and not `time.time`.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1_000_000.0
        monkeypatch.setattr("ampsandbox.clock.machine_time", lambda: lambda: self.seconds)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


async def test_a_frozen_clock_stands_still(frozen: Clock, wall: Wall) -> None:
    wall.seconds += 60
    assert frozen.now() == START
    assert frozen.elapsed_ms((1.0, 2.0)) == 0.0


async def test_a_fast_clock_runs_at_a_multiple_of_the_wall(wall: Wall) -> None:
    clock = Clock(START, speed=60)
    wall.seconds += 2
    assert clock.now() == START + 2 * MINUTE


async def test_changing_the_speed_keeps_the_moment(wall: Wall) -> None:
    clock = Clock(START, speed=60)
    wall.seconds += 1
    clock.freeze()
    wall.seconds += 100
    clock.run(1)
    wall.seconds += 5
    assert clock.now() == START + MINUTE + timedelta(seconds=5)


@pytest.mark.parametrize("speed", [-1, 1_000_001, 1e300, float("inf"), float("nan")])
async def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ClockError):
        Clock(START, speed=speed)


async def test_advance_fires_timers_in_order_each_at_its_moment(frozen: Clock) -> None:
    fired: list[tuple[str, datetime]] = []

    def note(name: str) -> None:
        fired.append((name, frozen.now()))

    for name, minutes in (("late", 3), ("early", 1), ("beyond", 9)):
        frozen.call_at(START + minutes * MINUTE, partial(note, name))
    await frozen.advance(START + 5 * MINUTE)

    assert fired == [("early", START + MINUTE), ("late", START + 3 * MINUTE)]
    assert frozen.now() == START + 5 * MINUTE
    assert frozen.next_due() == START + 9 * MINUTE


async def test_advance_waits_for_work_that_begets_work(frozen: Clock) -> None:
    ticks: list[datetime] = []

    async def tick() -> None:
        for _ in range(3):
            await frozen.sleep(60)
            ticks.append(frozen.now())
            await frozen.gather(frozen.sleep(10), frozen.sleep(20))

    frozen.spawn(tick())
    await frozen.advance(START + 10 * MINUTE)

    assert ticks == [START + timedelta(seconds=s) for s in (60, 140, 220)]


async def test_advance_waits_for_the_outside_world(frozen: Clock) -> None:
    answered = asyncio.Event()
    moments: list[datetime] = []

    async def call() -> None:
        await answered.wait()
        moments.append(frozen.now())

    frozen.call_at(START + MINUTE, lambda: frozen.spawn(call()))
    asyncio.get_running_loop().call_later(0.02, answered.set)
    await frozen.advance(START + 2 * MINUTE)
    assert moments == [START + MINUTE]


async def test_a_spawned_task_may_advance_while_another_advances(frozen: Clock) -> None:
    async def advance() -> None:
        await frozen.advance(START + 2 * MINUTE)

    frozen.call_at(START + MINUTE, lambda: frozen.spawn(advance()))
    await asyncio.wait_for(frozen.advance(START + MINUTE), 2)
    await asyncio.sleep(0.01)
    assert frozen.now() == START + 2 * MINUTE


async def test_the_clock_does_not_go_back(frozen: Clock) -> None:
    with pytest.raises(ClockError):
        await frozen.advance(START - MINUTE)


async def test_a_cancelled_timer_does_not_fire(frozen: Clock) -> None:
    fired: list[int] = []
    frozen.call_at(START + MINUTE, lambda: fired.append(1)).cancel()
    await frozen.advance(START + 2 * MINUTE)
    assert fired == []
    assert frozen.next_due() is None


async def test_a_due_timer_fires_on_a_frozen_clock(frozen: Clock) -> None:
    fired = asyncio.Event()
    frozen.call_at(START, fired.set)
    await asyncio.wait_for(fired.wait(), 2)


async def test_timers_fire_by_themselves_on_a_running_clock() -> None:
    clock = Clock(START, speed=3600)
    fired = asyncio.Event()
    clock.call_at(START + MINUTE, fired.set)
    await asyncio.wait_for(fired.wait(), 2)


async def test_real_time_goes_on_over_a_restart(wall: Wall) -> None:
    first = Clock(START, speed=1)
    reading = first.reading()
    wall.seconds += 3600
    second = Clock(speed=0)
    second.resume(reading, not_before=START)
    assert second.now() == START + timedelta(hours=1)


@pytest.mark.parametrize("speed", [0.0, 60.0])
async def test_any_other_speed_goes_on_where_it_was(wall: Wall, speed: float) -> None:
    first = Clock(START, speed=speed)
    reading = first.reading()
    wall.seconds += 3600
    second = Clock()
    second.resume(reading, not_before=START + MINUTE)
    assert (second.now(), second.speed) == (START + MINUTE, speed)


@pytest.mark.parametrize("speed", [1.0, 3600.0])
async def test_a_system_clock_that_is_set_back_does_not_set_this_one_back(wall: Wall, speed: float) -> None:
    clock = Clock(START, speed)
    wall.seconds += 10
    before = clock.now()
    wall.seconds -= 3600
    assert clock.now() == before
    wall.seconds += 5
    assert clock.now() == before + timedelta(seconds=5 * speed)


async def test_of_two_advances_at_once_the_further_one_counts(frozen: Clock) -> None:
    await asyncio.gather(*(frozen.spawn(frozen.advance(START + n * MINUTE)) for n in (3, 2)))
    assert frozen.now() == START + 3 * MINUTE


# -- bounds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        datetime(9999, 12, 31, 23, 59, 58, tzinfo=UTC),
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(2026, 1, 1),  # noqa: DTZ001 - a moment without a zone
    ],
)
async def test_a_moment_beyond_the_range_is_refused_wherever_it_is_given(
    frozen: Clock, moment: datetime
) -> None:
    with pytest.raises(ClockError):
        Clock(moment)
    with pytest.raises(ClockError):
        frozen.set(moment)
    with pytest.raises(ClockError):
        await frozen.advance(moment)
    assert frozen.now() == START


async def test_a_clock_that_reaches_its_last_moment_stands_there(wall: Wall) -> None:
    clock = Clock(LATEST - MINUTE, speed=MAX_SPEED)
    wall.seconds += 1e9
    assert clock.now() == LATEST
    wall.seconds -= 1e8
    assert clock.now() == LATEST
    clock.run(1)
    assert clock.now() == LATEST


@pytest.mark.parametrize("speed", [1e12, 1e300, 1.0, 0.0, -5.0])
@pytest.mark.parametrize("year", [1, 9999])
async def test_a_reading_of_an_earlier_version_beyond_the_range_is_taken_as_the_bound(
    wall: Wall, year: int, speed: float
) -> None:
    clock = Clock()
    clock.resume((datetime(year, 6, 1, tzinfo=UTC), 0.0, speed), datetime(9999, 12, 31, tzinfo=UTC))
    wall.seconds += 1e6
    assert clock.now() == LATEST
    assert 0 <= clock.speed <= MAX_SPEED


@pytest.mark.parametrize("amount", [{"days": 1e300}, {"hours": float("inf")}, {"seconds": float("nan")}])
def test_a_span_that_no_clock_can_go_is_refused(amount: dict[str, float]) -> None:
    with pytest.raises(ClockError):
        time_span(**amount)


@pytest.mark.parametrize("days", [-5_000_000, 5_000_000])
def test_a_moment_that_far_away_is_beyond_the_range(days: int) -> None:
    moment = moment_after(START, timedelta(days=days))
    assert not EARLIEST <= moment <= LATEST


async def test_a_frozen_clock_moves_on_for_work_that_somebody_waits_for(frozen: Clock) -> None:
    fired: list[datetime] = []
    frozen.call_at(START + MINUTE, lambda: fired.append(frozen.now()))
    frozen.call_at(START + 5 * MINUTE, lambda: fired.append(frozen.now()))

    async def slow() -> str:
        await frozen.sleep(90)
        await frozen.sleep(30)
        return "answer"

    assert await frozen.carry(slow()) == "answer"
    assert frozen.now() == START + 2 * MINUTE
    assert fired == [START + MINUTE]


async def test_a_frozen_clock_is_not_carried_further_than_a_day(frozen: Clock) -> None:
    with pytest.raises(ClockError, match="comes at 2026"):
        await frozen.carry(_after(frozen, 86_401))
    with pytest.raises(ClockError, match="comes at 9000"):
        await frozen.carry(_after(frozen, 1e300))
    assert frozen.now() == START
    assert await frozen.carry(_after(frozen, 86_400)) == START + timedelta(days=1)


async def test_two_that_wait_share_the_way(frozen: Clock) -> None:
    first, second, _ = await asyncio.gather(
        frozen.carry(_after(frozen, 60)), frozen.carry(_after(frozen, 90)), frozen.advance(START + MINUTE)
    )
    assert (first, second) == (START + MINUTE, START + timedelta(seconds=90))
    assert frozen.now() == START + timedelta(seconds=90)


async def test_work_that_waits_for_no_moment_moves_no_clock(frozen: Clock) -> None:
    frozen.call_at(START + MINUTE, lambda: None)
    assert await frozen.carry(_after(frozen, 0)) == START
    with pytest.raises(ClockError):
        await frozen.carry(_refused())
    assert frozen.now() == START


async def test_a_clock_that_is_led_moves_for_nobody(frozen: Clock) -> None:
    frozen.is_led = True
    waiting = asyncio.ensure_future(frozen.carry(_after(frozen, 60)))
    await frozen.settled()
    assert frozen.now() == START
    await frozen.advance(START + MINUTE)
    assert await waiting == START + MINUTE


async def test_who_stops_waiting_ends_the_work(frozen: Clock) -> None:
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            with frozen.waiting():
                await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.ensure_future(frozen.carry(endless()))
    await frozen.settled()
    waiting.cancel()
    await ended.wait()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def _after(clock: Clock, seconds: float) -> datetime:
    await clock.sleep(seconds)
    return clock.now()


async def _refused() -> None:
    raise ClockError("no")
