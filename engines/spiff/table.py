"""What becomes of each element and extension of a BPMN file: it runs, is passed over with a warning, or is refused.

`docs/bpmn.md` is made of this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Verdict: TypeAlias = Literal["runs", "warned", "refused"]
RUNS: Final = "runs"
WARNED: Final = "warned"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of it, and what a modeller should know or do."""

    verdict: Verdict
    note: str = ""


def _runs(*names: str, note: str = "") -> dict[str, Rule]:
    return dict.fromkeys(names, Rule(RUNS, note))


ELEMENTS: Mapping[str, Rule] = {
    **_runs(
        "startEvent",
        note="plain, message, signal, timer; of event sub-processes also error, escalation, condition, compensation",
    ),
    **_runs(
        "endEvent", note="plain, message, signal, error, escalation, terminate, compensation; cancel in a transaction"
    ),
    **_runs("intermediateCatchEvent", note="message, signal, timer, condition, link"),
    **_runs("intermediateThrowEvent", note="plain, message, signal, escalation, link, compensation"),
    **_runs(
        "boundaryEvent",
        note="message, signal, timer, error, escalation, condition, compensation; cancel on a transaction",
    ),
    **_runs("userTask", note="waits for a person"),
    **_runs("manualTask", note="passes: nobody here is asked"),
    **_runs("task", note="passes; where jBPM names its work, a service of that name"),
    **_runs("serviceTask", "sendTask", "businessRuleTask", note="a service, job, external task, expression, decision"),
    **_runs(
        "scriptTask", note="JavaScript, Groovy, Python, FEEL and jBPM's Java, as far as they compute and set variables"
    ),
    **_runs("receiveTask", note="waits for its message, or for one of its own id"),
    **_runs("callActivity", note="an instance of its own, which sees what is mapped"),
    **_runs("subProcess", "transaction", note="embedded, or an event sub-process"),
    **_runs("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"),
    **_runs(
        "conditionExpression", "completionCondition", "loopCondition", "condition", note="in its own `language`, too"
    ),
    **_runs("sequenceFlow", "multiInstanceLoopCharacteristics"),
    **_runs("standardLoopCharacteristics", note="with a condition or a maximum; else it is done once, and warned of"),
    **_runs("loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"),
    **_runs("script"),
    **_runs("messageEventDefinition", "signalEventDefinition", "timerEventDefinition", "errorEventDefinition"),
    **_runs("escalationEventDefinition", "conditionalEventDefinition", "linkEventDefinition"),
    **_runs("terminateEventDefinition", "cancelEventDefinition"),
    **_runs("compensateEventDefinition", note="on a boundary, thrown, or of an event sub-process in a sub-process"),
    **_runs("timeDate", "timeDuration", "timeCycle", note="ISO-8601 or, for cycles, cron with six fields"),
    **_runs("message", "signal", "error", "escalation", "process", "definitions", "extensionElements"),
    **_runs("documentation", "humanPerformer", "potentialOwner", "resourceAssignmentExpression", "formalExpression"),
    **_runs("performer", "laneSet", "lane", "flowNodeRef", "incoming", "outgoing", "collaboration", "participant"),
    **_runs("messageFlow", "textAnnotation", "text", "association", "group", "category", "categoryValue", "source"),
    **_runs("target", "import", "childLaneSet", "messageFlowAssociation", "relationship", "auditing", "monitoring"),
    **_runs("resource", "resourceParameter", "resourceRef", "resourceParameterBinding", "rendering", "supports"),
    **_runs(
        *("dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataState", "property"),
        *("ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet", "dataInputAssociation"),
        *("dataOutputAssociation", "sourceRef", "targetRef", "assignment", "from", "to", "transformation"),
        *("dataInputRefs", "dataOutputRefs", "optionalInputRefs", "whileExecutingInputRefs", "itemDefinition"),
        *("optionalOutputRefs", "whileExecutingOutputRefs", "inputSetRefs", "outputSetRefs"),
        *("interface", "operation", "inMessageRef", "outMessageRef", "errorRef", "operationRef", "ioBinding"),
        *("endPoint", "partnerEntity", "partnerRole", "participantMultiplicity", "participantAssociation"),
        *("correlationKey", "correlationProperty", "correlationPropertyRef", "correlationSubscription"),
        *("correlationPropertyRetrievalExpression", "correlationPropertyBinding", "messagePath", "dataPath"),
        note="drawn for people: variables are those of the instance",
    ),
    "adHocSubProcess": Rule(REFUSED, "what is done in it is in no order that could be run"),
    "complexGateway": Rule(REFUSED, "use an inclusive or exclusive gateway"),
    "globalUserTask": Rule(REFUSED, "draw the task in the process"),
    "globalTask": Rule(REFUSED, "draw the task in the process"),
    "globalManualTask": Rule(REFUSED, "draw the task in the process"),
    "globalScriptTask": Rule(REFUSED, "draw the task in the process"),
    "globalBusinessRuleTask": Rule(REFUSED, "draw the task in the process"),
    "choreography": Rule(WARNED, "choreographies are not run"),
    "globalChoreographyTask": Rule(WARNED, "choreographies are not run"),
    "conversation": Rule(WARNED, "conversations are not run"),
    "complexBehaviorDefinition": Rule(REFUSED, "use a completion condition"),
}
"""Elements of BPMN by name; what is not here is not BPMN and is warned of."""

ATTRIBUTES: Mapping[str, Rule] = {
    **_runs("assignee", "owner", "candidateUsers", "candidateGroups", "priority", "dueDate", "followUpDate"),
    **_runs("formKey", "formRef", "formRefBinding", "formRefVersion", "formRefVersionTag", "initiator", "skippable"),
    **_runs("class", "delegateExpression", "expression", "resultVariable", "type", "topic", "taskPriority"),
    **_runs("connectorId", "service", "operation", "resultVariableName"),
    **_runs("decisionRef", "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "mapDecisionResult"),
    **_runs("calledElementBinding", "calledElementVersion", "calledElementVersionTag"),
    **_runs("collection", "elementVariable", "outputCollection", "outputElement"),
    **_runs("asyncBefore", "asyncAfter", "async", "retries"),
    **_runs("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable", "feel"),
    **_runs("versionTag", "isStartableInTasklist", "candidateStarterUsers", "candidateStarterGroups"),
    **_runs("exclusive", "jobPriority", note="one instance moves in one place at a time here, whatever this says"),
    **_runs("historyTimeToLive", "isExecutable", "notByName", "inheritVariables", "inheritBusinessKey"),
    **_runs("asyncLeave", note="as asyncAfter"),
    **_runs("autoStoreVariables", note="what a script assigns is a variable"),
    **_runs("formFieldValidation", note="what a form's fields demand is always asked for"),
    **_runs("variableEvents", "variableName", note="a condition is looked at after every change"),
    **_runs("messageExpression", "signalExpression", note="its name, where there is no reference"),
    **_runs("skipExpression", note="of tasks, where `_ACTIVITI_SKIP_EXPRESSION_ENABLED` is true, or `_FLOWABLE_…`"),
    "resource": Rule(WARNED, "a script outside of the file is not there"),
    "formHandlerClass": Rule(WARNED, "forms have no handler; use formData or a form of your own"),
    "variableMappingClass": Rule(WARNED, "map variables with in and out"),
    "variableMappingDelegateExpression": Rule(WARNED, "map variables with in and out"),
    "calledElementTenantId": Rule(WARNED, "what is called is of the instance's own tenant, or everybody's"),
    "decisionRefTenantId": Rule(WARNED, "decisions are everybody's"),
    "diagramRelationId": Rule(RUNS, "of the drawing alone"),
    "businessCalendarName": Rule(WARNED, "there are no calendars; a date is taken as it is"),
    "caseRef": Rule(WARNED, "cases are not run"),
    "correlationKey": Rule(RUNS, "its value is the business key of messages for it; not behind an event gateway"),
}
"""Vendor attributes by name, on any element; what is not here is warned of."""

EXTENSIONS: Mapping[str, Rule] = {
    **_runs("formData", "formField", "formProperty", "validation", "constraint", "value", "properties", "property"),
    **_runs("inputOutput", "inputParameter", "outputParameter", "list", "map", "entry", "script"),
    **_runs(
        "executionListener",
        note="start and end, also of what is interrupted; take of a flow, not behind an event gateway",
    ),
    **_runs("taskListener", note="create, assignment, update, complete, delete, timeout"),
    **_runs("connector", "connectorId", note="a service of this name"),
    **_runs("potentialStarter", note="as candidateStarterUsers and candidateStarterGroups"),
    **_runs("in", "out", note="what a called process sees and gives back, and what an event hands over that is thrown"),
    "preScript": Rule(WARNED, "draw a script task before it"),
    "postScript": Rule(WARNED, "draw a script task behind it"),
    **_runs("field", "string", "expression", note="the service that is called sees them as variables"),
    **_runs("failedJobRetryTimeCycle", note="how often services are tried, and when; of jobs, how often"),
    **_runs("assignmentDefinition", "taskSchedule", "priorityDefinition", "formDefinition", "calledDecision"),
    **_runs("loopCharacteristics", "subscription", "versionTag", "taskDefinition", "calledElement", "ioMapping"),
    **_runs("executionListeners", "taskListeners", note="a service of the name of each type; a job is not waited for"),
    **_runs("input", "output", "userTaskForm", "userTask", "taskHeaders", "header", "conditionalFilter"),
    **_runs("metaData", "metaValue", "import", "global", note="of the modeler of jBPM alone"),
    "onEntry-script": Rule(WARNED, "do it in a step of its own"),
    "onExit-script": Rule(WARNED, "do it in a step of its own"),
    "errorEventDefinition": Rule(WARNED, "say the error by raising it in the worker"),
}
"""Vendor elements by name; what is not here is warned of."""
