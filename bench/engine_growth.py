"""`engine_growth`: what completing a task costs, and what is saved of its instance, as processes grow.

Each line is beside the smallest of its kind. *diamonds* is per diamond passed in one completion, *rounds* one
completion after so many rounds of a loop, *sequential* one completion in a chain of so many tasks, *parallel* one
completion per task that is open beside it: those are what the instance itself holds. Bytes are of the saved instance.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from bench.harness import Result
from settings import Settings
from tests.engines.world import World, bpmn, flows
from tests.support.sizes import ASK_AGAIN, chain, diamonds

DIAMONDS, ROUNDS, SEQUENTIAL = (5, 10, 20, 40), (10, 100, 1_000, 10_000), (10, 100, 1_000, 5_000)
PARALLEL = (10, 100, 1_000)
REPEATS = 5
Cost = tuple[float, float]
"""Microseconds and bytes."""


def run(_settings: Settings) -> list[Result]:
    """The goal: at most twice from the smallest to the largest."""
    return [
        *_beside("diamonds", DIAMONDS, _diamonds),
        *_beside("rounds", ROUNDS, _rounds),
        *_beside("sequential", SEQUENTIAL, _sequential),
        *_beside("parallel", PARALLEL, _parallel),
    ]


def _diamonds(count: int) -> Cost:
    def once() -> Cost:
        world = _started(diamonds(count))
        return _timed(lambda: world.complete("first")) / count, _size(world)

    return min(once() for _ in range(REPEATS))


def _rounds(count: int) -> Cost:
    world = _started(ASK_AGAIN, done=False)
    for _ in range(count):
        for name in ("a", "b", "i"):
            world.complete(name)
        _forget(world)
    return min(_timed(lambda name=name: world.complete(name)) for name in ("a", "b", "i")), _size(world)


def _sequential(count: int) -> Cost:
    world = _started(chain("userTask", count))
    return min(_timed(lambda number=number: world.complete(f"t{number}")) for number in range(REPEATS)), _size(world)


def _parallel(count: int) -> Cost:
    names = [f"t{number}" for number in range(count)]
    body = '<startEvent id="s"/><parallelGateway id="f"/>' + "".join(f'<userTask id="{name}"/>' for name in names)
    world = _started(bpmn(body + flows("s", "f") + "".join(flows("f", name) for name in names)))
    best = min(_timed(lambda number=number: world.complete(f"t{number}")) for number in range(REPEATS))
    return best / count, _size(world) / count


def _beside(name: str, counts: tuple[int, ...], measure: Callable[[int], Cost]) -> list[Result]:
    found = [(count, measure(count)) for count in counts]
    results = []
    for position, unit in enumerate(("us", "bytes")):
        first = found[0][1][position]
        for count, cost in found:
            ratio = round(cost[position] / first, 3)
            label = f"engine_growth {name} {count} {unit}"
            results.append(Result(label, round(cost[position], 1), round(first, 1), ratio, unit, REPEATS))
    return results


def _started(source: bytes, **variables: object) -> World:
    world = World(source)
    world.start(**variables)
    return world


def _forget(world: World) -> None:
    """What was said long ago is the test world's own burden."""
    ended = {task.engine_task_id for task in world.open()}
    world.said = [(key, said) for key, said in world.said if key.id in ended]


def _size(world: World) -> float:
    return float(len(world.memory.instances[world.instance].state))


def _timed(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1e6
