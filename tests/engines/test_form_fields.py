"""What models of several vendors say of the fields of a form."""

import pytest
from lxml import etree

from engines.spiff import vendor

HEAD = """<userTask xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:activiti="http://activiti.org/bpmn"
xmlns:flowable="http://flowable.org/bpmn" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><extensionElements>"""


def fields(text):
    return vendor.form_fields(etree.fromstring(f"{HEAD}{text}</extensionElements></userTask>"))


def constrained(*constraints):
    said = "".join(f"<camunda:constraint {one}/>" for one in constraints)
    return fields(
        f'<camunda:formData><camunda:formField id="a"><camunda:validation>{said}</camunda:validation>'
        "</camunda:formField></camunda:formData>"
    )[0]


def test_constraints_have_the_type_they_need():
    found = constrained(
        *('name="required"', 'name="readonly" config="false"', 'name="min" config="1"', 'name="max" config="2.5"'),
        *('name="minlength" config="3"', 'name="maxlength" config="4"', 'name="regexp" config="[a-z]+"'),
    )
    assert found["required"] is True
    assert found["constraints"] == {"min": 1, "max": 2.5, "minlength": 3, "maxlength": 4, "pattern": "[a-z]+"}
    assert "unchecked" not in found


def test_required_may_be_said_not_to_hold():
    assert constrained('name="required" config="false"')["required"] is False


@pytest.mark.parametrize(
    ("name", "config"),
    [("validator", "org.example.Check"), ("min", "many"), ("max", "inf"), ("maxlength", "-1"), ("pattern", "(a+)+b")],
)
def test_what_cannot_be_checked_is_told(name, config):
    found = constrained(f'name="{name}" config="{config}"')
    assert (found["constraints"], found["unchecked"]) == ({}, [{"name": name, "config": config}])


@pytest.mark.parametrize("prefix", ["activiti", "flowable"])
def test_properties_of_activiti_and_its_kin(prefix):
    one, other = fields(
        f'<{prefix}:formProperty id="room" name="Room" type="enum" required="true" writable="false" variable="roomName"'
        f' expression="#{{booking.room}}"><{prefix}:value id="1" name="One"/></{prefix}:formProperty>'
        f'<{prefix}:formProperty id="nights" type="long" default="2" required="false"/>'
    )
    assert one == {
        "id": "roomName",
        "label": "Room",
        "type": "enum",
        "default": "#{booking.room}",
        "required": True,
        "values": [{"id": "1", "name": "One"}],
        "constraints": {"readonly": True},
    }
    assert (other["id"], other["default"], other["required"], other["constraints"]) == ("nights", "2", False, {})
