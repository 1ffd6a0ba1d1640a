"""What a saved instance says of its ready tasks is what the engine has told."""

import subprocess
import sys

from engines.spiff.saved import ready_tasks
from tests.engines.world import World, bpmn, flows, one_task

INNER = f'<startEvent id="is"/><userTask id="inner"/><endEvent id="ie"/>{flows("is", "inner", "ie")}'
PARALLEL = (
    f'<startEvent id="s"/><parallelGateway id="f"/><userTask id="left"/><subProcess id="sub">{INNER}</subProcess>'
    f'<parallelGateway id="j"/><endEvent id="e"/>{flows("s", "f", "left", "j", "e")}'
    '<sequenceFlow id="f_sub" sourceRef="f" targetRef="sub"/><sequenceFlow id="sub_j" sourceRef="sub" targetRef="j"/>'
)


def ready(world):
    return ready_tasks(world.memory.instances[world.instance].state)


def told(world):
    return {task.engine_task_id for task in world.open()}


def test_branches_and_sub_processes():
    world = World(bpmn(PARALLEL))
    world.start()
    assert ready(world) == told(world)
    assert len(ready(world)) == 2
    world.complete("inner")
    assert ready(world) == told(world)
    assert len(ready(world)) == 1
    world.complete("left")
    assert ready(world) == told(world) == frozenset()


def test_several_instances_of_one_task():
    loop = '<multiInstanceLoopCharacteristics isSequential="false"><loopCardinality>3</loopCardinality>'
    world = World(one_task(f'<userTask id="t">{loop}</multiInstanceLoopCharacteristics></userTask>'))
    world.start()
    assert ready(world) == told(world)
    assert len(ready(world)) == 3


def test_an_ended_instance_has_none():
    world = World(one_task('<userTask id="t"/>'))
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, None))
    assert ready(world) == frozenset()


def test_reading_saved_instances_starts_no_other_program() -> None:
    look = (
        "import subprocess, sys; subprocess.Popen = None; import engines.spiff.saved; "
        "sys.exit('croniter' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
