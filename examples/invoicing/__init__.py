"""Invoices that are checked, approved and paid."""
