"""The SpiffWorkflow plugin: BPMN processes that run inside our own transaction."""
