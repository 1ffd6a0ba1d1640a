# ruff: noqa: INP001 - a script beside the documents, not a package
"""What a working day leaves behind in a running demo system: orders, tasks about them, requests, invoices, filters."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

CUSTOMERS = (
    ("Kellner & Sons", "Bern"),
    ("Hotel Adler", "Wien"),
    ("Studio Marais", "Lyon"),
    ("Northwind Coffee", "Bristol"),
    ("Óbidos Ceramics", "Porto"),
    ("Fjord Outdoor", "Bergen"),
    ("Papelería Sol", "Sevilla"),
)
GOODS: tuple[tuple[str, int, float], ...] = (
    *(("Espresso machine", 2, 640.0), ("Oak table", 1, 890.0), ("Wool blanket", 24, 38.5)),
    *(("Desk lamp", 12, 59.0), ("Rain jacket", 30, 74.9), ("Stoneware set", 8, 112.0)),
)
STEPS = (
    ("Release delivery to {city}", "Delivery", 60, 5),
    ("Check the credit limit of {name}", "Delivery", 82, -20),
    ("Call {name} about the missing pallet", "Claim", 70, 30),
    ("Decide on the claim of {name}", "Claim", 45, 75),
    ("Confirm the new address of {name}", "Delivery", 20, 140),
    ("Approve the discount for {name}", "Order", 55, -3),
)
"""Name, process, priority, hours until it is due."""
ABOUT = (
    "The order left **Rotterdam** on Monday. Please check:\n\n* the weight on the freight note\n"
    "* whether the customer is at home on Thursday\n\nQuestions go to the [carrier](https://example.com/carrier)."
)
REQUESTS = (
    ("Two monitors", 900, "R-1041"),
    ("Train to Berlin", 240, "R-1042"),
    ("Standing desk", 1600, "R-1043"),
    ("Course: first aid", 180, "R-1044"),
)
INVOICES = (("Papier Union", "2026-0917", 312), ("Stadtwerke", "88-4410", 1290), ("Druckhaus Nord", "R-5512", 4820))
FILTERS: tuple[tuple[str, Any, list[str]], ...] = (
    ("Overdue", "task.dueDate < now", []),
    ("Bern and Wien", {"or": ["customer.city = Bern", "customer.city = Wien"]}, ["approvers"]),
    ("Large orders", "amount >= 1000", []),
)


def fill(url: str) -> None:
    """What a working day leaves behind; done again it changes little."""
    records = list(told(datetime.now(UTC)))
    for application in ("logistics", "claims"):
        own = [one for where, one in records if where == application]
        body = {"application": application, "format": "taskpool", "records": own}
        answer = asked(url, "admin", "POST", "/engine-events", json=body)
        if answer["rejected"]:
            raise ValueError(answer)
    for subject, amount, reference in REQUESTS:
        sent = {"variables": {"subject": subject, "amount": amount}, "businessKey": reference}
        asked(url, "requester1", "POST", "/process-definitions/approval/approve_request/start", json=sent)
    for creditor, number, amount in INVOICES:
        sent = {"variables": {"creditor": creditor, "invoiceNumber": number, "amount": amount}}
        asked(url, "accountant1", "POST", "/process-definitions/invoicing/process_invoice/start", json=sent)
    for position, (name, wanted, groups) in enumerate(FILTERS):
        query = {"scope": "group", "filter": wanted}
        kept = {"name": name, "groups": groups, "position": position, "query": query}
        asked(url, "approver1", "POST", "/filters", json=kept)
    task = awaited(url, "task.businessKey = R-1041")
    if task["assignee"] is None:
        asked(url, "approver1", "POST", f"/tasks/{task['id']}/claim")
    said = {"text": "@approver1 the last ones were 24 inches, are these the same?"}
    asked(url, "approver2", "POST", f"/tasks/{task['id']}/comments", json=said)
    awaited(url, "task.application = claims")


def told(now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Orders, and tasks that are about them: the application and its record."""
    for number, (name, city) in enumerate(CUSTOMERS):
        order = {
            "customer": {"name": name, "city": city, "since": f"20{10 + number}-03-01", "regular": number % 2 == 0},
            "amount": round(sum(quantity * price for _, quantity, price in ordered(number)), 2),
            "currency": "EUR",
            "lines": [
                {"article": one, "quantity": quantity, "price": price} for one, quantity, price in ordered(number)
            ],
        }
        for application in ("logistics", "claims"):
            yield application, record(now, "data_entry.saved", f"order-{number}", entry(number, order))
        for step, (title, process, priority, hours) in enumerate(STEPS):
            task = {
                "name": title.format(name=name, city=city),
                "processName": process,
                "candidateGroups": ["approvers"],
                "assignee": {1: "approver2", 4: "approver1"}.get((number + step) % 7),
                "businessKey": f"4{number:03}",
                "description": ABOUT,
                "priority": min(priority + 3 * number, 100),
                "dueDate": (now + timedelta(hours=hours + 9 * number)).isoformat(),
                "payload": order,
                "correlations": [{"entryType": "order", "entryId": f"4{number:03}"}],
            }
            application = "claims" if process == "Claim" else "logistics"
            yield application, record(now, "task.created", f"{number}-{step}", task)


def ordered(number: int) -> list[tuple[str, int, float]]:
    """What this order is of."""
    return [GOODS[(number + further) % len(GOODS)] for further in (0, 2, 3)]


def entry(number: int, order: dict[str, Any]) -> dict[str, Any]:
    """The order as a workpiece."""
    return {
        "entryType": "order",
        "entryId": f"4{number:03}",
        "type": "Order",
        "name": f"Order 4{number:03}",
        "description": f"{order['customer']['name']}, {order['customer']['city']}",
        "payload": order,
        "authorizedGroups": ["approvers"],
        "state": {"processingType": "IN_PROGRESS", "state": "packed" if number % 2 else "ordered"},
        "log": {"user": "ines", "message": "Ordered by telephone"},
    }


def record(now: datetime, kind: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
    """As engines outside tell it; the same name is told once."""
    return {"id": f"{kind}-{name}", "type": kind, "time": now.isoformat(), "subject": name, "data": data}


def asked(url: str, name: str, method: str, path: str, **sent: Any) -> Any:
    """What the API answers them."""
    answer = httpx.request(method, f"{url}/api/v1{path}", auth=(name, name), timeout=60, **sent)
    answer.raise_for_status()
    return answer.json()


def awaited(url: str, wanted: str) -> Any:
    """The first task that is found, once there is one."""
    for _ in range(60):
        if found := asked(url, "approver1", "GET", "/tasks", params={"filter": wanted})["items"]:
            return found[0]
        time.sleep(0.5)
    raise TimeoutError(wanted)
