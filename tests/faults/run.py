"""One run: servers behind proxies, a whole system, people at work, somebody who breaks things, then the questions."""

import shutil
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from store.events.unit_of_work import Store
from store.messaging.topology import DEAD, DEAD_COMMANDS
from store.personal.cipher import Keyring
from tests.faults import checker, log, outside
from tests.faults.enough import missing
from tests.faults.errand_checks import check_errands, counts
from tests.faults.errands import APPLICATION, company, finish
from tests.faults.findings import Findings
from tests.faults.foreign import ForeignEngine
from tests.faults.forgetter import Forgetter
from tests.faults.ledger import Ledger
from tests.faults.load import People
from tests.faults.modeler import Modeler
from tests.faults.nemesis import Nemesis, full_deck
from tests.faults.rollbacks import Developer
from tests.faults.screens import check_screens
from tests.faults.subscribers import Subscribers
from tests.faults.world import World

SETTLING_SECONDS = 150.0
WHOLE_DECK_SECONDS = 180.0
"""On a busy machine what was killed is long in coming back, and what is not there cannot be hit."""
LONGER_SECONDS = 60.0


@dataclass
class Result:
    """What happened, in numbers."""

    seed: object
    minutes: float
    sql: str
    hits: Counter
    missed: Counter
    attempts: Counter
    outcomes: Counter
    units: Counter
    events: Counter
    checks: Counter
    violations: list
    screens: Counter
    wire: Counter
    colleagues: Counter
    errands: Counter
    timeline: list
    """What the nemesis did, and when."""
    stalls: list
    slowest: list
    seconds: dict = field(default_factory=dict)
    missing: list = field(default_factory=list)
    """What was done too little for the run to show anything; see `enough`."""

    @property
    def holds(self):
        """Whether everything held, and enough was done for that to mean something."""
        return not self.violations and not self.missing


def play(
    seed,
    seconds,
    *,
    deck=None,
    pause=(1.0, 4.0),
    postgresql=False,
    impatience=0.0,
    whole_deck=False,
    at_least=0,
    bombs=False,
    errands=False,
    keep=None,
    say=print,
):
    """Run for this long; settle, check, say what was found.

    `whole_deck`: also until every act has hit, if it does in three minutes more. `at_least`: and then, in peace, until
    so many tasks were completed. `bombs`: people also start models that run away or wait for timers, and use names that
    are none. `errands`: processes of the run's own do what engines can, see `errand_models`, and are brought to an end.
    """
    with ExitStack() as stack:
        begun = time.monotonic()
        world = World(stack, postgresql=postgresql)
        for home in world.means.homes.values() if keep else ():
            stack.callback(shutil.copytree, home / "logs", keep, dirs_exist_ok=True)
        say(f"up after {time.monotonic() - begun:.0f} s")
        ledger, screens = Ledger(), Subscribers(world.system.url)
        colleagues = [stack.enter_context(one) for one in world.colleagues(stack)]
        nemesis = Nemesis(seed, world.means, deck or full_deck(world.means), pause)
        times = {"start": time.monotonic() - begun}
        with screens:
            with _everybody(stack, world, seed, ledger, impatience, bombs=bombs, errands=errands):
                with nemesis:
                    _wait(seconds, ledger, nemesis, say)
                    _until(lambda: not (whole_deck and nemesis.never_hit()), WHOLE_DECK_SECONDS)
                # On a slow machine the nemesis leaves no time in which anybody gets anything done.
                _until(lambda: ledger.outcomes["complete", 200] >= at_least)
                times["work"] = time.monotonic() - begun - times["start"]
            times["answers"] = time.monotonic() - begun - times["start"] - times["work"]
            say(f"everybody has an answer after {times['answers']:.0f} s more")
            if errands:
                finish(world, world.database(stack, APPLICATION), ledger, say)
            settled = time.monotonic()
            findings, stores = _settle(world, ledger, say)
        _catch_up(screens, stores)
        check_screens([*screens.screens, *screens.read_again()], stores, findings)
        for one in screens.members:
            one.close()
        times["settling"] = time.monotonic() - settled
        for failure in (words for one in (*colleagues, screens) for words in one.failures):
            findings.expect("load", False, failure)
        for failure in nemesis.failures:
            findings.expect("nemesis", False, failure)
        events = Counter(event[3] for store in stores for event in store.events.values())
        result = Result(
            seed=seed,
            minutes=seconds / 60,
            sql="postgresql" if postgresql else "sqlite",
            hits=nemesis.hits,
            missed=nemesis.missed,
            attempts=ledger.attempts,
            outcomes=ledger.outcomes,
            units=ledger.units,
            events=events,
            checks=findings.made,
            violations=findings.found,
            screens=screens.counts,
            wire=Counter(first=len(world.recorder.first), repeats=world.recorder.repeats),
            colleagues=Counter({type(one).__name__: one.done for one in colleagues}),
            errands=counts(ledger.errands, stores[0]),
            timeline=nemesis.log,
            stalls=ledger.stalls,
            slowest=ledger.slowest,
            seconds=times,
        )
        result.missing = missing(result, nemesis.deck)
        return result


@contextmanager
def _everybody(stack, world, seed, ledger, impatience, *, bombs, errands):
    people = People(world.system.url, seed, ledger)
    for person in people.members:
        person.impatience = impatience
    people.join(ForeignEngine(world.system.url, ledger, seed))
    if bombs:
        people.join(Modeler(world.system.url, ledger, seed))
    people.join(Forgetter(world.invoicing(stack), ledger, seed))
    people.join(Developer(Store(world.database(stack, "approval")), ledger, seed))
    for one in company(world.system.url, world.database(stack, APPLICATION), ledger, seed) if errands else ():
        people.join(one)
    with people:
        yield


def _wait(seconds, ledger, nemesis, say):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(30.0, left))
        answered = sum(asked.status is not None for asked in ledger.asked)
        say(f"{left:.0f} s left: {answered} of {len(ledger.asked)} answered, {sum(nemesis.hits.values())} hits")


def _until(is_true, seconds=LONGER_SECONDS):
    end = time.monotonic() + seconds
    while not is_true() and time.monotonic() < end:
        time.sleep(1.0)


def _catch_up(screens, stores):
    """Until every screen is right: what a web process has not heard yet comes late, what it has lost never comes."""
    deadline = time.monotonic() + LONGER_SECONDS
    wrong = True
    while wrong and time.monotonic() < deadline:
        screens.catch_up()
        found = Findings()
        check_screens(screens.screens, stores, found)
        wrong = found.found


def _settle(world, ledger, say):
    """Ask until everything agrees; what still does not when the time is over is a violation."""
    deadline = time.monotonic() + SETTLING_SECONDS
    while (unhealthy := world.unhealthy()) or world.in_flight():
        if time.monotonic() > deadline:
            break
        time.sleep(0.5)
    patience = 5
    before = []
    while True:
        findings = Findings()
        stores = examine(world, ledger, findings)
        for name in unhealthy:
            findings.expect("health", False, f"{name} is not healthy")
        patience = patience - 1 if findings.found == before else 5
        if not findings.found or not patience or time.monotonic() > deadline:
            return findings, stores
        before = findings.found
        say(f"not settled: {before[:3]}")
        time.sleep(3)
        unhealthy = world.unhealthy()


def examine(world, ledger, findings):
    """Everything the checker knows to ask about the system and the people."""
    keyring = Keyring(world.settings.personal_keys)
    stores = [log.read(database, database.application, findings, keyring) for database in world.databases]
    for store in stores:
        checker.check_store(store, world.views, findings)
    checker.check_causes(stores, findings)
    checker.check_wire(world.recorder.first, stores, findings)
    checker.check_dead(world.depths(DEAD, DEAD_COMMANDS), findings)
    outside.check_answers(ledger, stores, findings)
    outside.check_completions(ledger, stores, findings)
    outside.check_comments(ledger, world.views, findings)
    outside.check_erased(ledger, stores, world.views, findings)
    outside.check_pending(ledger, world.views, findings)
    outside.check_units(ledger, stores, world.views, findings)
    outside.check_foreign(ledger, stores[-1], findings)
    check_errands(ledger.errands, stores[0], findings)
    for problem in ledger.problems:
        findings.expect("load", False, problem)
    return stores
