"""An application whose processes wait: for an external worker to pay, or for a job of its own to send a letter."""

from tasks.application import ProcessApplication
from tests.engines.world import bpmn, flows

application = ProcessApplication("post")
READ = '<userTask id="{}" camunda:candidateGroups="admins"/>'
PAYING = bpmn(
    '<startEvent id="s"/><serviceTask id="pay" camunda:type="external" camunda:topic="payments"/>'
    '<boundaryEvent id="b" attachedToRef="pay"><errorEventDefinition errorRef="E"/></boundaryEvent>'
    + READ.format("receipt")
    + READ.format("poor")
    + '<endEvent id="e"/><endEvent id="e2"/>'
    + flows("s", "pay", "receipt", "e")
    + flows("b", "poor", "e2"),
    key="paying",
).replace(b"</definitions>", b'<error id="E" errorCode="no-money"/></definitions>')
SENDING = bpmn(
    '<startEvent id="s"/><serviceTask id="send" camunda:delegateExpression="${letter}"/>'
    + READ.format("sent")
    + '<endEvent id="e"/>'
    + flows("s", "send", "sent", "e"),
    key="sending",
)


@application.job("letter", retries=2, backoff=0.1)
def letter(context, variables):
    if variables.get("fails") and context.attempt <= 2:
        raise ValueError("no stamps")
    return {"attempt": context.attempt, "to": variables["to"].upper()}
