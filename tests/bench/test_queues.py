"""The simulation of queues agrees with the theory of queues."""

import json
import subprocess
import sys
from math import factorial, sqrt
from pathlib import Path
from statistics import mean, stdev

import pytest

from bench.needs import PEOPLE, need, table
from bench.queues import FIRST_WORD_SECONDS, H200, Machine, p95, servers_for, simulate

ROOT = Path(__file__).parents[2]
RUNS = 12
_T_999 = 4.44
"""Student's t for 11 degrees of freedom: a true mean is within so many errors in 999 of 1,000."""


def places(count: int) -> Machine:
    """A server with ``count`` places, each of which gives an answer a second."""
    return Machine("M/M/c", {each: float(each) for each in range(1, count + 1)})


def waiting_in_theory(count: int, a_second: float) -> float:
    """Erlang's formula for M/M/c: the mean seconds in the queue, where a place's rate is 1."""
    terms = [a_second**n / factorial(n) for n in range(count)]
    last = a_second**count / factorial(count) * count / (count - a_second)
    return last / (sum(terms) + last) / (count - a_second)


def time_in_theory(machine: Machine, a_second: float) -> float:
    """The mean seconds from a question to its whole answer, of a birth-death process."""
    chances = [1.0]
    for n in range(1, 2_000):
        chances.append(chances[-1] * a_second / machine.rate(min(n, machine.together)))
    number = sum(n * chance for n, chance in enumerate(chances)) / sum(chances)
    return number / a_second  # Little's law


def assert_mean(values: list[float], expected: float) -> None:
    error = stdev(values) / sqrt(len(values))
    assert abs(mean(values) - expected) < _T_999 * error
    assert error < 0.1 * expected  # or the interval would admit anything


@pytest.mark.slow
@pytest.mark.parametrize(("count", "a_second"), [(1, 0.5), (1, 0.8), (4, 3.0), (16, 14.0)])
def test_mean_waiting_is_that_of_erlang(count: int, a_second: float) -> None:
    waited = [
        mean(simulate(places(count), 1, a_second * 3600, questions=6_000, seed=seed).queue)
        for seed in range(RUNS)
    ]
    assert_mean(waited, waiting_in_theory(count, a_second))


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.3, 0.7])
def test_mean_time_is_that_of_a_server_that_slows_down_with_its_load(load: float) -> None:
    a_second = load * H200.rate(H200.together)
    took = [
        mean(simulate(H200, 1, a_second * 3600, questions=4_000, seed=seed).whole)
        for seed in range(RUNS)
    ]
    assert_mean(took, time_in_theory(H200, a_second))


def test_a_machine_is_as_fast_as_was_measured_and_in_between_in_between() -> None:
    machine = Machine("one", {1: 1.0, 8: 4.0, 32: 7.0})
    assert [machine.rate(n) for n in (1, 8, 32, 100)] == [1.0, 4.0, 7.0, 7.0]
    assert machine.rate(4) == pytest.approx(1 + 3 * 3 / 7)
    assert machine.rate(20) == pytest.approx(5.5)


def test_two_servers_share_the_questions() -> None:
    one = simulate(places(1), 1, 0.8 * 3600, questions=2_000)
    two = simulate(places(1), 2, 0.8 * 3600, questions=2_000)
    assert mean(two.queue) < 0.5 * mean(one.queue)


def test_there_are_as_few_servers_as_are_fast_enough() -> None:
    an_hour = 1.5 * H200.rate(H200.together) * 3600
    servers = servers_for(H200, an_hour, questions=1_000)
    assert servers >= 2
    waits = simulate(H200, servers, an_hour, questions=1_000)
    assert p95(waits.first_word) <= FIRST_WORD_SECONDS


def test_price_is_that_of_the_hours_and_none_is_made_up() -> None:
    needs = [need(10, questions=200)]
    rows = dict(line.strip("| ").split(" | ", 1) for line in [*table(needs, 2.0)][2:])
    assert rows["GPU-hours a month"] == "730"
    assert rows["price a month"] == "1,460"
    assert not [line for line in table(needs) if "price" in line]


@pytest.mark.slow
def test_the_command_prints_the_table_of_the_docs_as_json(tmp_path: Path) -> None:
    plot = tmp_path / "queues.svg"
    command = ["queues", "--json", "--people", "10", "--plot", str(plot)]
    run = subprocess.run(
        [sys.executable, "-m", "bench", *command],
        capture_output=True,
        check=True,
        cwd=ROOT,
        timeout=250,
    )
    found = json.loads(run.stdout)
    assert [one["people"] for one in found] == [10]
    assert plot.read_text().startswith("<?xml")


@pytest.mark.slow
def test_table_in_the_docs_is_what_the_simulation_gives() -> None:
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    for line in table([need(count) for count in PEOPLE]):
        assert line in page
