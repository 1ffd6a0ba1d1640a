"""Personal data: sealed in the log, readable in the views, and gone everywhere once the person's key is destroyed."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Barrier, Event

import pytest

from domain.aggregates.register import collections
from domain.personal import ERASED, MARK
from engines.spiff.saved import ready_tasks
from store.engine.instances import Instances
from store.events.log_reader import LogReader
from store.fakes.exchange_and_views import MemoryViews
from store.personal.cipher import Keyring
from store.sql.schema import metadata
from store.views.erasure import GONE
from store.views.generations import collection_name
from store.views.indexes import indexes
from store.views.writer import Views, prepare_generation
from tasks.application import ProcessApplication
from tasks.erase import Eraser
from tasks.project import Projector
from tests.engines.world import bpmn, flows
from tests.read_side import own_views
from tests.store.databases import each_database, rows
from tests.support.platform import Platform, Row

pytestmark = pytest.mark.servers
KEYRING = Keyring(["4sTbXwqB1pKj0VQhX3N2c0H0vYkQm5bq4mG7q0c0u1E="])
TASK = (
    '<userTask id="t" name="Call ${customer.name}"><documentation>for ${amount}</documentation>'
    '<extensionElements><camunda:formData><camunda:formField id="who" type="string" defaultValue="${customer.name}"/>'
    "</camunda:formData></extensionElements></userTask>"
)
PROCESS = bpmn(f'<startEvent id="s"/>{TASK}<userTask id="u"/><endEvent id="e"/>' + flows("s", "t", "u", "e"))
ANN = {"id": 4711, "name": "Annabella", "iban": "DE-777-888"}
BOB = {"id": 4712, "name": "Bobolink", "iban": "DE-999-000"}
SECRETS = ("Annabella", "DE-777-888")


def application_on(store):
    made = ProcessApplication("app")
    made.personal("customer.name", "customer.iban", subject="customer.id")
    made.personal("holder", "name", subject="owner", entry_type="account")
    made.personal("persons.phone", subject="persons.id", entry_type="trip")
    made.data_entry("account")(lambda _id, payload: {"description": f"of {payload['holder']}"})
    made.mirror_variables(include=["customer", "amount"])
    made.use(store, keyring=KEYRING)
    return made


class World(Platform):
    ready = staticmethod(ready_tasks)

    def __init__(self, store, documents):
        super().__init__(store, documents, KEYRING.open)
        self.application = application_on(store)
        self.application.deploy(PROCESS)

    def story(self):
        """Two customers, each with an instance, an account and a trip they share; the task of Ann is changed once."""
        for customer in (ANN, BOB):
            with self.application.unit_of_work() as work:
                work.engine.start("p", {"customer": customer, "amount": 5})
                account = {"holder": customer["name"], "owner": customer["id"]}
                work.data_entries.save(entry_type="account", entry_id=str(customer["id"]), payload=account, name="N")
                work.tasks.create(f"own-{customer['id']}", name="Own", payload={"customer": customer})
        with self.application.unit_of_work() as work:
            persons = [{"id": one["id"], "phone": f"phone-{one['name']}"} for one in (ANN, BOB)]
            work.data_entries.save(entry_type="trip", entry_id="T", payload={"persons": persons})
            work.tasks.change("own-4711", payload={"customer": {**ANN, "iban": "DE-777-888-new"}})
            account = {"entry_type": "account", "entry_id": "4711"}
            work.data_entries.merge(**account, payload={"holder": "Annabella B.", "seen": True})
        self.ship()

    def erase(self, subject="4711"):
        with self.application.unit_of_work() as work:
            work.erase(subject)
        assert Eraser(self.store, self.application.personal_of).finish(Event()) == 1
        self.ship()

    def stored(self):
        """Everything in the SQL store but the instances, as text."""
        tables = [table.name for table in metadata.sorted_tables if table.name not in {"instance", "definition"}]
        return {name: str(rows(self.store, f"SELECT * FROM {name}")) for name in tables}

    def shown_as_text(self):
        names = [name for name in self.documents.list_collection_names() if not name.startswith("system.")]
        return {name: str(list(self.documents[name].find())) for name in names}

    def generation(self, number):
        return {
            base: {one["_id"]: one for one in self.documents[collection_name(base, number)].find()}
            for base in collections()
        }


@pytest.fixture
def world(store, servers):
    with own_views(servers.mongo_url) as documents:
        yield World(store, documents)


def holding(texts, *secrets):
    return sorted(name for name, text in texts.items() if any(secret in text for secret in secrets))


@each_database
def test_it_is_sealed_in_the_log_and_readable_in_the_views(world):
    world.story()
    # The only name left is what the application calls them, which says nothing to anybody else.
    assert holding(world.stored(), *SECRETS, "Bobolink") == []
    assert all("Annabella" not in body for body in world.exchange.bodies)
    shown = {one["subject"]: one for one in world.documents["task"].find()}
    [called] = [one for one in shown.values() if one["name"] == "Call Annabella"]
    assert (called["description"], called["payload"]["customer"]) == ("for 5", ANN)
    assert called["formFields"][0]["default"] == "Annabella"
    assert shown["own-4711"]["payload"]["customer"]["iban"] == "DE-777-888-new"
    variables = {one["value"]["name"] for one in world.documents["process_variable"].find({"name": "customer"})}
    assert variables == {"Annabella", "Bobolink"}
    entries = {one["entryId"]: one for one in world.documents["data_entry"].find()}
    account = {"holder": "Annabella B.", "owner": 4711, "seen": True}
    assert (entries["4711"]["payload"], entries["4711"]["description"]) == (account, "of Annabella")
    assert entries["T"]["payload"]["persons"][1] == {"id": 4712, "phone": "phone-Bobolink"}
    assert holding(world.shown_as_text(), MARK) == []
    assert world.documents["task"].count_documents({"words": "annabella"}) == 2, "it is found"
    assert world.find() == [], "views and log agree"


@each_database
def test_who_is_erased_is_so_everywhere_and_nobody_else_is(world):
    world.story()
    late = list(world.exchange.bodies)
    world.erase()
    assert holding(world.shown_as_text(), *SECRETS) == []
    assert holding(world.stored(), *SECRETS) == []
    assert holding({"instance": str(rows(world.store, "SELECT * FROM instance"))}, *SECRETS) == []
    shown = {one["subject"]: one for one in world.documents["task"].find()}
    names = sorted(one["name"] for one in shown.values())
    assert names == ["Call Bobolink", "Own", "Own", ERASED]
    assert shown["own-4711"]["payload"] == {"customer": {"id": 4711, "name": ERASED, "iban": ERASED}}
    assert shown["own-4712"]["payload"] == {"customer": BOB}
    trip = world.documents["data_entry"].find_one({"entryId": "T"})
    assert [one["phone"] for one in trip["payload"]["persons"]] == [ERASED, "phone-Bobolink"]
    told = world.documents["task_history"].find({"type": "task.attributes_changed"})
    assert [one["changes"]["payload"]["customer"]["iban"] for one in told] == [ERASED]
    assert world.documents["task_history"].count_documents({"personal": {"$exists": True}}) == 0
    assert world.find() == []
    # What was on its way, with its keys, or comes again from a queue or a backup of the log.
    world.exchange.projector.apply([Row(body.encode()) for body in late])
    assert holding(world.shown_as_text(), *SECRETS) == []


@each_database
def test_work_goes_on_and_what_is_new_of_them_has_a_new_key(world):
    world.story()
    world.erase()
    [(instance, task)] = [
        (one["processInstanceId"], one["subject"]) for one in world.documents["task"].find({"name": ERASED})
    ]
    with world.application.unit_of_work() as work:
        work.engine.complete(instance, task, {"customer": {**ANN, "name": "Annika"}})
    world.ship()
    [found] = world.documents["task"].find({"processInstanceId": instance, "state": "open"})
    assert found["payload"]["customer"] == {**ANN, "name": "Annika"}
    assert holding(world.stored(), "Annika") == []
    states = sorted(rows(world.store, "SELECT state FROM data_subject"))
    assert states == [("erased",), ("live",), ("live",)]
    world.erase()
    assert holding(world.shown_as_text(), "Annika", *SECRETS) == []


@each_database
def test_a_rebuild_after_it_is_what_is_shown(world):
    world.story()
    world.erase()
    prepare_generation(world.documents, 2, indexes())
    views = Views(world.documents)

    class Filling:
        gone = views.gone

        def apply(self, projected):
            views.fill(2, projected)

    filling = Projector(Filling(), lambda *burial: pytest.fail(str(burial)), unwrap=KEYRING.open)
    for page in LogReader(world.store.database).pages():
        filling.apply([Row(one.body.encode()) for one in page])
    assert world.generation(2) == world.generation(1)


@each_database
def test_what_is_rolled_back_erases_nobody(world):
    world.story()
    with pytest.raises(ZeroDivisionError), world.application.unit_of_work() as work:
        work.erase("4711")
        raise ZeroDivisionError
    with world.application.unit_of_work() as work:
        with pytest.raises(ZeroDivisionError), work.savepoint():
            work.erase("4711")
            work.tasks.create("lost", payload={"customer": {"id": 1, "name": "Lost"}})
            raise ZeroDivisionError
        work.tasks.create("kept", payload={"customer": {"id": 1, "name": "Kept"}})
    assert Eraser(world.store, world.application.personal_of).finish(Event()) == 0
    world.ship()
    assert world.documents["task"].find_one({"subject": "kept"})["payload"]["customer"]["name"] == "Kept"
    assert world.application.task("own-4711").payload["customer"]["name"] == "Annabella"


@each_database
def test_a_step_before_it_is_finished_brings_nothing_back(world):
    """Its instance still has the variables: what it says of them then must not be sealed anew."""
    world.story()
    [task] = world.documents["task"].find({"name": "Call Annabella"})
    with world.application.unit_of_work() as work:
        work.erase("4711")
    with world.application.unit_of_work() as work:
        work.engine.complete(task["processInstanceId"], task["subject"], {"amount": 6})
        work.data_entries.save(entry_type="account", entry_id="new", payload={"holder": "Annabella", "owner": 4711})
    Eraser(world.store, world.application.personal_of).finish(Event())
    world.ship()
    assert holding(world.shown_as_text(), *SECRETS) == []
    assert rows(world.store, "SELECT count(*) FROM data_subject WHERE wrapped IS NOT NULL") == [(1,)], "of Bob"
    assert world.find() == []


@each_database
def test_who_is_known_to_an_instance_only(store, world):
    with world.application.unit_of_work() as work:
        instance = work.engine.start("p", {"customer": {}, "amount": 1})
    state = json.dumps({**json.loads(rows(store, "SELECT state FROM instance")[0][0])})
    state = state.replace('"customer": {}', '"customer": {"id": 4711, "name": "Annabella"}')
    assert "Annabella" in state
    with store.database.transaction() as connection:
        Instances(connection, "app").rewrite(instance, state)
    world.erase()
    assert holding({"instance": str(rows(store, "SELECT * FROM instance"))}, *SECRETS) == []


@each_database
def test_an_instance_that_cannot_be_read_holds_up_nobody_and_is_tried_again(world):
    world.story()
    with world.application.unit_of_work() as work:
        broken = work.engine.start("p", {"customer": ANN, "amount": 1})
    with world.store.database.transaction() as connection:
        Instances(connection, "app").rewrite(broken, '{"variables": "4711"}')
    with world.application.unit_of_work() as work:
        work.erase("4711")
        work.erase("4712")
    eraser = Eraser(world.store, world.application.personal_of)
    assert eraser.finish(Event()) == 1, "of Bob nothing is left"
    world.ship()
    assert holding(world.shown_as_text(), *SECRETS, "Bobolink") == []
    with world.store.database.transaction() as connection:
        Instances(connection, "app").end(broken, '{"variables": {}, "local": {}, "workflow": null}')
    assert eraser.finish(Event()) == 1


@pytest.mark.parametrize("kind", ["file", "postgresql"], indirect=True)
def test_two_who_say_something_of_somebody_new_at_once(world):
    """Nobody has to try again, and both use one key."""
    together = Barrier(4)

    def say(number):
        together.wait(10)
        for one in range(5):
            with world.application.unit_of_work() as work:
                work.tasks.create(f"{number}.{one}", payload={"customer": {"id": one, "name": f"Name {one}"}})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(say, range(4)))
    world.ship()
    assert rows(world.store, "SELECT count(*) FROM data_subject") == [(5,)]
    names = [one["payload"]["customer"]["name"] for one in world.documents["task"].find()]
    assert Counter(names) == {f"Name {one}": 4 for one in range(5)}


@each_database
def test_it_goes_on_where_it_was_interrupted(world):
    world.story()
    with world.application.unit_of_work() as work:
        work.erase("4711")
    stop = Event()
    stop.set()
    eraser = Eraser(world.store, world.application.personal_of)
    assert eraser.finish(stop) == 0
    assert eraser.finish(Event()) == 1
    assert eraser.finish(Event()) == 0
    world.ship()
    assert holding(world.shown_as_text(), *SECRETS) == []
    assert rows(world.store, "SELECT subject FROM data_subject WHERE state = 'erased'") == [(None,)]


@each_database
def test_a_restored_backup_brings_nobody_back(world):
    """The log has the key again, the views remember that it was destroyed."""
    world.story()
    backup = rows(world.store, "SELECT key_id, wrapped, subject FROM data_subject WHERE subject = '4711'")
    world.erase()
    [(key_id, wrapped, subject)] = backup
    with world.store.database.transaction() as connection:
        again = {"wrapped": wrapped, "subject": subject, "state": "live"}
        table = metadata.tables["data_subject"]
        connection.execute(table.update().where(table.c.key_id == key_id).values(**again))
    assert world.find() == []
    world.exchange.projector.apply(
        [Row(one.body.encode()) for page in LogReader(world.store.database).pages() for one in page]
    )
    assert holding(world.shown_as_text(), *SECRETS) == []
    with world.application.unit_of_work() as work:
        work.tasks.create("again", payload={"customer": ANN})
    world.ship()
    assert world.documents["task"].find_one({"subject": "again"})["payload"]["customer"]["name"] == ERASED
    world.erase()
    assert world.find() == []


@each_database
def test_what_names_nobody_is_of_its_instance(world):
    with world.application.unit_of_work() as work:
        instance = work.engine.start("p", {"customer": {"name": "Noname"}, "amount": 1})
    world.ship()
    assert holding(world.stored(), "Noname") == []
    assert world.documents["task"].find_one()["payload"]["customer"] == {"name": "Noname"}
    world.erase(f"process_instance:{instance}")
    assert holding({**world.shown_as_text(), "i": str(rows(world.store, "SELECT * FROM instance"))}, "Noname") == []


@each_database
def test_an_entry_merged_where_it_was_made_in_the_same_unit_of_work(world):
    named = {"entry_type": "account", "entry_id": "A"}
    with world.application.unit_of_work() as work:
        work.data_entries.save(**named, payload={"holder": "Ann", "owner": "1", "old": {"a": 1}})
        work.data_entries.merge(**named, payload={"holder": "Annabella", "old": None})
        work.data_entries.merge(**named, payload={"new": 1}, name="Annabella's")
        work.data_entries.merge(entry_type="account", entry_id="none", payload={"holder": "Annabella"})
    world.ship()
    assert holding(world.stored(), "Annabella") == []
    [found] = world.documents["data_entry"].find()
    assert (found["payload"], found["name"]) == ({"holder": "Annabella", "owner": "1", "new": 1}, "Annabella's")
    world.erase("1")
    assert world.documents["data_entry"].find_one()["payload"]["holder"] == ERASED


def events_of(store, world):
    world.story()
    with world.application.unit_of_work() as work:
        work.erase("4711")
    Eraser(world.store, world.application.personal_of).finish(Event())
    world.ship()
    return [body for body in world.exchange.bodies if '"own-4711"' in body or "data_subject" in body]


@pytest.mark.parametrize("kind", ["memory"], indirect=True)
def test_in_any_order_by_two_projectors_with_repeats(store, world, servers):
    bodies = events_of(store, world)
    kinds = [json.loads(body)["type"] for body in bodies]
    assert [kind.split(".")[2] for kind in kinds] == ["created", "attributes_changed", "erased", "restated"]
    for order in permutations(range(4)):
        for name in ("task", "task_history", "data_subject", GONE):
            world.documents[name].delete_many({})
        memory = MemoryViews()
        projectors = [
            Projector(views, lambda *burial: pytest.fail(str(burial)), unwrap=KEYRING.open)
            for views in (Views(world.documents), Views(world.documents), memory)
        ]
        for number, index in enumerate((*order, order[0])):
            for projector in (projectors[number % 2], projectors[2]):
                projector.apply([Row(bodies[index].encode())])
        shown = [list(world.documents[name].find()) for name in ("task", "task_history")]
        assert not any(secret in str(shown) for secret in SECRETS), order
        assert shown[0][0]["payload"]["customer"] == {"id": 4711, "name": ERASED, "iban": ERASED}
        by_id = {one["_id"]: one for one in shown[1]}
        assert memory.collections["task_history"] == by_id, order


@pytest.mark.parametrize("kind", ["memory"], indirect=True)
def test_a_key_that_is_destroyed_while_an_entry_is_written(store, world):
    """Its projector looked before, and writes after: it looks again."""
    created, changed, erased, _ = events_of(store, world)

    class LookedBefore(Views):
        def gone(self, _key_ids):
            return frozenset()

    for name in ("task", "task_history", "data_subject", GONE):
        world.documents[name].delete_many({})
    late = Projector(LookedBefore(world.documents), lambda *burial: pytest.fail(str(burial)), unwrap=KEYRING.open)
    world.exchange.projector.apply([Row(erased.encode())])
    late.apply([Row(created.encode()), Row(changed.encode())])
    assert not any(secret in str(list(world.documents["task_history"].find())) for secret in SECRETS)


@pytest.mark.parametrize("kind", ["memory"], indirect=True)
def test_without_the_key_of_the_system_everything_is_erased_and_nothing_is_poison(store, world):
    world.story()
    blind = MemoryViews()
    Projector(blind, lambda *burial: pytest.fail(str(burial))).apply([Row(b.encode()) for b in world.exchange.bodies])
    names = {one["name"] for one in blind.collections["task"].values()}
    assert names == {ERASED, "Own"}
