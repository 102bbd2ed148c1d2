"""How fast this machine trains, measured in a process of its own."""

import json
import subprocess
import sys

from cli.settings import Settings, as_environment


def measured_speed(settings: Settings) -> float:
    """Trained tokens a second."""
    command = [sys.executable, "-m", "bench.month.night", "speed"]
    environment = as_environment(settings)
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))
