"""What the processes of a system are called, and by what they know which of them they are."""

WEB, PUBLISHER, PROJECTOR, ENGINE, BEAT, FLOWER = "web", "publisher", "projector", "engine", "beat", "flower"
NOTIFIER = "notifier"
"""Only where there is a way to tell people."""
PROCESS = "TASKPOOL_PROCESS"
"""The variable in a process's environment that holds its name."""
SUPERVISOR = "supervisor"
"""The name of the one that starts the others."""
