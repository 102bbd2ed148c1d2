"""Forgets again what was forgotten after a backup was made: else a restore would bring it back."""

from datetime import timedelta
from typing import TYPE_CHECKING

from cli.backup.manifest import Kind
from cli.backup.reading import Backup, Progress
from cli.forgotten import add_forgotten, forgotten_in, read_forgotten

if TYPE_CHECKING:
    from cli.wiring import Container

_MARGIN = timedelta(minutes=10)
"""What was forgotten so shortly before a backup may be in it: forgetting takes a while."""


def forget_since(backup: Backup, container: "Container", progress: Progress) -> int:
    """Forgets what was forgotten since the backup was begun, as the list here and its own say.

    Returns how much that was. Raises BackupFailed, and what forgetting raises.
    """
    from cli.forgetting import forget_again

    file = container.settings.forgotten_list
    here = read_forgotten(file) or []
    earlier = [
        one
        for part in backup.manifest.of_kind(Kind.FORGOTTEN)
        for one in forgotten_in(backup.lines(part))
    ]
    if new := [one for one in earlier if one not in here]:
        add_forgotten(file, *new)
    begin = backup.manifest.made_at - _MARGIN
    # Rows were copied before the backup's list: what was forgotten meanwhile is in both.
    since = [one for one in [*here, *new] if one.at > begin]
    for at, one in enumerate(since):
        progress("Forgetting what was forgotten since", at, len(since))
        forget_again(container, one)
    return len(since)
