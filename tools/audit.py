"""Asks whether weaknesses of the versions in the lock file are known, with pip-audit.

Where a package index answers, but not with its advisories, pip-audit passes over each package and
reports no weakness at all: that is told from an audit here, by counting.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.parts import ROOT

_ANSWERS_WITHIN = 300


def main() -> int:
    program = Path(sys.executable).with_name("pip-audit")
    options = "--require-hashes --disable-pip --progress-spinner off --timeout 10 --format json"
    asked = subprocess.run(
        [program, "-r", ROOT / "requirements" / "all.lock", *options.split()],
        capture_output=True,
        text=True,
        check=False,
        timeout=_ANSWERS_WITHIN,
    )
    status, told = verdict(asked.stdout, asked.stderr)
    print(told)
    return status


def verdict(report: str, errors: str = "") -> tuple[int, str]:
    """The exit status, and what is said, of pip-audit's report; 1 only for known weaknesses."""
    try:
        rows: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        why = errors.strip().rpartition("\n")[2]
        return 0, f"NOT AUDITED: the advisories cannot be reached here. {why}".strip()
    audited = [row for row in rows if "skip_reason" not in row]
    if not audited:
        return 0, f"NOT AUDITED: no advisories here for any of {len(rows)} packages."
    weak = [
        f"{row['name']} {row['version']}: {each['id']}, mended in "
        f"{', '.join(each['fix_versions']) or 'no version yet'}"
        for row in audited
        for each in row["vulns"]
    ]
    counted = f"{len(audited)} of {len(rows)} packages audited, {len(weak)} weaknesses known."
    return int(bool(weak)), "\n".join([*weak, counted])


if __name__ == "__main__":
    sys.exit(main())
