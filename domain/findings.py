"""What a check of one part of the installation found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, whether it works, and one line: what was found, or what to do."""

    part: str
    ok: bool
    says: str
