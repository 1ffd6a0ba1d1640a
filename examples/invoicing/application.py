"""The invoicing application: one process whose invoices are data entries, its variables mirrored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tasks.application import ProcessApplication, Work
from tasks.data_entries import allow, cancelled, completed, in_progress

ENTRY = "invoice"
_SHOWN = ("creditor", "invoiceNumber", "amount", "currency")

application = ProcessApplication("invoicing")
application.mirror_variables(exclude=[ENTRY])
application.payload(exclude=[ENTRY])
application.correlate(ENTRY, ENTRY)
# A creditor may be a person, and is called by their name here.
application.personal("creditor", subject="creditor")
application.personal("creditor", "name", subject="creditor", entry_type=ENTRY)


@application.service("file_invoice")
def file_invoice(work: Work, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the invoice as a data entry that accounting and whoever received it may see."""
    invoice, receiver = uuid4().hex, variables.get("receivedBy")
    work.data_entries.save(
        entry_type=ENTRY,
        entry_id=invoice,
        type="Invoice",
        name=f"Invoice {variables.get('invoiceNumber') or ''} of {variables.get('creditor') or 'somebody'}",
        payload={name: variables[name] for name in _SHOWN if variables.get(name) is not None},
        state=in_progress("Received"),
        user=receiver,
        message="Received",
        authorizations=[allow(users=[receiver] if receiver else [], groups=["accounting"])],
    )
    return {ENTRY: invoice}


@application.service("close_invoice")
def close_invoice(work: Work, variables: Mapping[str, Any]) -> None:
    """Say on the entry how it ended, and let its approver see it from now on."""
    approver = variables.get("approver")
    is_paid = bool(variables.get("approved"))
    work.data_entries.merge(
        entry_type=ENTRY,
        entry_id=variables[ENTRY],
        state=completed("Paid") if is_paid else cancelled("Rejected"),
        payload={"paymentReference": variables.get("paymentReference")},
        user=approver,
        message="Paid" if is_paid else "Rejected",
        authorizations=[allow(users=[approver])] if approver else [],
    )
