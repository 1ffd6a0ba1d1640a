"""Real BPMN files are only tested where there are some."""

import os

collect_ignore = [] if os.environ.get("TASKPOOL_BPMN_SAMPLES") else ["test_samples.py"]
