"""How fast this machine trains, measured in a process of its own."""

import json
import subprocess
import sys

from cli.environment import as_environment
from cli.settings import Settings


def measured_speed(settings: Settings) -> float:
    """Trained tokens a second."""
    command = [sys.executable, "-m", "bench.month.night", "speed"]
    environment = as_environment(settings)
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))
