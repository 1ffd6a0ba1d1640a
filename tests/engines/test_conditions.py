"""Conditions as Camunda 7 answers them: JUEL with its coercion, and only what says yes or no decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engines.expressions import evaluate
from engines.expressions.check import check_condition, check_text
from engines.expressions.evaluate import ExpressionFailed, condition, value
from engines.expressions.exposed import Exposed
from engines.expressions.functions import GROUPS, USER
from engines.expressions.tokens import Unreadable

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
VARIABLES: dict[str, Any] = {
    "amount": 10,
    "approved": False,
    "name": "Ann",
    "list": ["x"],
    "customer": {"city": "Bonn"},
    "text": "t",
}
EXECUTION = Exposed(
    {"businessKey": "BK", "processInstanceId": lambda: "i-1"},
    {"getVariable": VARIABLES.get, "hasVariable": VARIABLES.__contains__},
)
SCOPE = {**VARIABLES, "execution": EXECUTION, USER: "kermit", GROUPS: ["frogs"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${amount > 5 && !approved}", True),
        ("#{amount > 5 and not approved}", True),
        ("${name == 'Ann'}", True),
        ("${empty nothere}", True),
        ("${amount > 5 ? true : false}", True),
        ("${amount * 2 + 1 == 21}", True),
        ("${execution.getVariable('amount') == 10}", True),
        ("${name.equals('Ann')}", True),
        ("${not empty list}", True),
        ('${list[0] == "x"}', True),
        ('${customer.city == "Bonn"}', True),
        ("${customer['city'] eq 'Bonn'}", True),
        ("${amount % 3 == 1}", True),
        ("${name.length() == 3}", True),
        ("${missing == null}", ExpressionFailed),
        ('${approved == "false"}', True),
        ('${amount == "10"}', True),
        ("${amount ge 10 and amount le 10}", True),
        ("${amount mod 3 == 1}", True),
        ("${amount div 4 == 2.5}", True),
        ('${name != null && name != ""}', True),
        ("${!(approved)}", True),
        ("${approved}", False),
        ("${execution.hasVariable('amount')}", True),
        ("${execution.hasVariable('nothere')}", False),
        ("${amount}", ExpressionFailed),
        ("${name}", ExpressionFailed),
        ("${text}", ExpressionFailed),
        ("amount > 5", True),
        ('${S(customer).prop("city").stringValue() == "Bonn"}', True),
        ("${list.isEmpty()}", False),
        ('${name eq "Ann" || missing}', True),
        ("${dateTime().isAfterNow()}", False),
        ("${dateTime().plusDays(1).isAfterNow()}", True),
        ("${amount>5}${true}", ExpressionFailed),
        ("  ${amount > 5}  ", True),
        ('${execution.businessKey == "BK"}', True),
        ("${execution.processInstanceId != null}", True),
        ("${'a' lt 'b'}", True),
        # coercion to a number, to a truth value, to text, in this order
        ("${name == 5 || true}", ExpressionFailed),
        ("${amount == true}", ExpressionFailed),
        ('${"" == 0}', True),
        ('${approved == "no"}', True),
        ('${approved != "true"}', True),
        ("${null == 0}", False),
        ("${null <= null}", True),
        ("${null < 1}", False),
        ('${amount lt "9"}', False),
        ('${"10" lt "9"}', True),
        ("${name gt 5}", ExpressionFailed),
        ("${list lt 5}", ExpressionFailed),
        ("${amount && true}", ExpressionFailed),
        ("${!name}", True),
        ("${true == 1 < 2}", True),
        ("${1 < 2 == true}", True),
        ("${-7 % 3 == -1}", True),
        ("${empty 0}", False),
        ('${empty ""}', True),
        ("${amount = 10}", ExpressionFailed),
    ],
)
def test_as_juel_answers(text: str, expected: object) -> None:
    if expected is ExpressionFailed:
        with pytest.raises(ExpressionFailed):
            condition(text, SCOPE, NOW)
    else:
        assert condition(text, SCOPE, NOW) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${'1' + '2'}", 3),
        ("${amount + '5'}", 15),
        ("${amount + ''}", 10),
        ("${null + 1}", 1),
        ("${'a' + 1}", "a1"),
        ("${name + approved}", "Annfalse"),
        ("${1.5e1 + .5}", 15.5),
        ("${10 div 5}", 2.0),
        ("${customer.nothere.further}", None),
        ("${list['0']}", "x"),
        ("${name.substring(1)}", "nn"),
        ("${name.substring(0, 2).toUpperCase()}", "AN"),
        ("${name.charAt(0)}", "A"),
        ("${name.indexOf('n')}", 1),
        ("${name.lastIndexOf('n')}", 2),
        ("${name.replace('n', 'm')}", "Amm"),
        ("${name.replaceAll('[n]+', 'x')}", "Ax"),
        ("${name.concat('a').trim()}", "Anna"),
        ("${'a,b,,'.split(',')}", ["a", "b"]),
        ("${'a1b22c'.split('\\\\d+')}", ["a", "b", "c"]),
        ("${name.matches('A.*')}", True),
        ("${name.matches('A')}", False),
        ("${name.matches('(?i)[a-c]NN?')}", True),
        ("${name.equalsIgnoreCase('ANN')}", True),
        ("${name.equals(10)}", False),
        ("${name.isBlank() || name.empty}", False),
        ("${list.size()}", 1),
        ("${list.get(0)}", "x"),
        ("${list.contains('x') && !list.contains('y')}", True),
        ("${list.indexOf('y')}", -1),
        ("${customer.get('city')}", "Bonn"),
        ("${customer.size()}", 1),
        ("${customer.getCity().length()}", 4),
        ("${customer.containsKey('city') && customer.containsValue('Bonn')}", True),
        ("${customer.keySet()}", ["city"]),
        ("${customer.entrySet()[0].value}", "Bonn"),
        ("${amount.intValue() + amount.longValue()}", 20),
        ("${amount.doubleValue()}", 10.0),
        ("${amount.toString()}", "10"),
        ("${amount.compareTo(11)}", -1),
        ("${approved.toString()}", "false"),
        ("${approved.equals('false')}", False),
        ("${dateTime().getYear()}", 2026),
        ("${dateTime().year + dateTime().monthOfYear}", 2037),
        ("${dateTime().dayOfWeek}", 7),
        ("${dateTime().getHourOfDay()}", 10),
        ("${dateTime().millis == now().getTime()}", True),
        ("${now().time}", 1795341600000),
        ("${'2026-11-23T00:00:00Z'.isAfterNow()}", True),
        ("${'2026-11-23' > now()}", True),
        ("${dateTime().withTimeAtStartOfDay().toString()}", "2026-11-22T00:00:00.000Z"),
        ("${now().minusHours(2).isBefore(now())}", True),
        ("${currentUser()}", "kermit"),
        ("${currentUserGroups()[0]}", "frogs"),
        ("${String.valueOf(amount)}", "10"),
        ("${Integer.parseInt('12') + 1}", 13),
        ("${Math.max(amount, 12)}", 12),
        ("${Math.round(2.5)}", 3),
        ("${S('{\"a\": {\"b\": [1, 2]}}').prop('a').prop('b').elements()[1].numberValue()}", 2),
        ("${JSON(customer).hasProp('city')}", True),
        ("${S(customer).jsonPath('$.city').stringValue()}", "Bonn"),
        ("${S(customer)}", {"city": "Bonn"}),
        ("${execution.getProcessInstanceId()}", "i-1"),
        ("of ${list} and ${customer}", 'of ["x"] and {"city":"Bonn"}'),
    ],
)
def test_what_data_says_when_asked(text: str, expected: object) -> None:
    found = value(text, SCOPE, NOW)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${list.size}", "a list has no member 'size'"),
        ("${name.length}", "a text has no member 'length'"),
        ("${name.find('x')}", "a text has no method 'find'"),
        ("${customer.getStreet()}", "a mapping has no method 'getStreet'"),
        ("${name.hashCode()}", "a text has no method 'hashCode'"),
        ("${name.substring(9)}", "no part from 9"),
        ("${name.substring()}", "takes 2 values, not 0"),
        ("${name.matches('(a)\\\\1')}", "cannot be used here"),
        ("${list.get(1)}", "there is no item 1"),
        ("${list.add('y')}", "a list has no method 'add'"),
        ("${null.length()}", "null has no method 'length'"),
        ("${svc()}", "there is no function 'svc'"),
        ("${bean.find(name)}", "there is no variable 'bean'"),
        ("${Integer.parseInt('x')}", "'x' is not a number"),
        ("${S(customer).prop('x')}", "no property 'x'"),
        ("${S(customer).prop('city').numberValue()}", "is a text, not a number"),
        ("${execution}", "an object is no value"),
        ("${execution.nothing}", "there is no member 'nothing'"),
        ("${execution.getVariable()}", "does not take 0 values"),
        ("${execution.getVariable(execution.fly())}", "there is no method 'fly'"),
        ("${1 / 0}", "division by zero"),
        ("${9223372036854775807 + 1}", "too large"),
    ],
)
def test_what_cannot_be_says_why(text: str, reason: str) -> None:
    with pytest.raises(ExpressionFailed) as failure:
        value(text, SCOPE, NOW)
    assert reason in str(failure.value)


def test_the_facts_of_an_execution_may_be_plain() -> None:
    assert value("${execution.businessKey}", {"execution": {"businessKey": "BK"}}, NOW) == "BK"


def test_objects_act_through_their_methods() -> None:
    kept: dict[str, Any] = {}
    execution = Exposed({}, {"setVariable": lambda name, found: kept.update({name: found})})
    task = Exposed({"execution": execution, "assignee": "kermit"}, {"setAssignee": kept.setdefault, "getName": str})
    scope = {"execution": execution, "task": task, "who": "ann"}
    assert value("${execution.setVariable('y', 4)}", scope, NOW) is None
    value("${task.execution.setVariable('due', dateTime().plusDays(1))}", scope, NOW)
    value("${task.setAssignee(who)}", scope, NOW)
    assert kept == {"y": 4, "due": "2026-11-23T10:00:00.000Z", "ann": None}
    assert value("${task.getAssignee()}${task.assignee}${task.name}", scope, NOW) == "kermitkermit"


def test_what_follows_an_equals_sign_is_for_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "LANGUAGES", {})
    monkeypatch.setattr("engines.expressions.check.CHECKS", {})
    with pytest.raises(ExpressionFailed, match="FEEL"):
        condition("=amount > 5", SCOPE, NOW)
    with pytest.raises(Unreadable, match="FEEL"):
        check_condition("=amount > 5")
    monkeypatch.setitem(
        evaluate.LANGUAGES, "=", lambda text, scope, _now: text == "=amount > 5" and scope["amount"] == 10
    )
    monkeypatch.setattr("engines.expressions.check.CHECKS", {"=": lambda text: text})
    assert condition(" =amount > 5", SCOPE, NOW)
    assert check_condition("=amount > 5") == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${amount >}", "`}` at character 11, where a value is expected"),
        ("${name matches 'A.*'}", "`matches` at character 8, where an operator or `}` is expected"),
        ("${approved = true}", "`=` at character 12 assigns a value"),
        ("${currentUser()", "it ends at character 16, where an operator or `}` is expected"),
        ("for ${name + 'x}", "the text that begins at character 14 has no closing '"),
        ("${list[0}", "`}` at character 9, where `]` is expected"),
        ("${a.}", "`}` at character 5, where a name is expected"),
        ("${99999999999999999999}", "the number at character 3 is too large"),
    ],
)
def test_what_can_never_be_read_is_told_before(text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as failure:
        check_text(text)
    assert reason in str(failure.value)
    with pytest.raises(Unreadable):
        check_condition(text)


def test_bare_conditions_are_read_to_their_end() -> None:
    assert check_condition("amount > 5") == ()
    with pytest.raises(Unreadable, match="ends at character 9, where a value is expected"):
        check_condition("amount >")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", []),
        ("${name.length() > list.size()}", []),
        ("${execution.whatever(1)} ${task.anything()}", []),
        ("${Math.max(1, 2)}", []),
        ("${order.getCustomer().isActive()}", []),
        ("${bean.getTitle(x)}", [("calls a method `getTitle` of `bean` that is not one of the methods data has", 7)]),
        ("${S(x).prop('a').value()}", []),
        ("${bean.find(x)}", [("calls a method `find` of `bean` that is not one of the methods data has", 7)]),
        ("x ${svc()}", [("calls a function `svc` that there is not", 4)]),
        ("${a.b.find(svc())}", ["find", "svc"]),
    ],
)
def test_what_is_called_in_vain_is_found(text: str, found: list[Any]) -> None:
    findings = check_text(text)
    if found and isinstance(found[0], str):
        assert [name for name, finding in zip(found, findings, strict=True) if f"`{name}`" in finding.text] == found
    else:
        assert [(finding.text, finding.at) for finding in findings] == found
