"""The SpiffWorkflow plugin: BPMN processes that run inside our own transaction."""

from engines.spiff.engine import SpiffEngine

__all__ = ["SpiffEngine"]
