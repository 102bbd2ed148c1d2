"""`phi3 backup` and `phi3 restore`: everything in one file, and a deployment from such a file."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import command
from cli.options import AsJson
from cli.printing import count_of, out, print_json, progress, say, show_phase

if TYPE_CHECKING:
    from cli.backup.restoring import Restored


def backup(
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the file is written.")],
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="How many backups stay in the folder; older ones are deleted."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write everything into one file, while all roles run: no secrets are in it.

    The database, the index with its vectors, the adapters that may answer, the reports of nights,
    the files that people sent in the console, and the settings. `phi3 restore` makes a deployment
    from it.
    """
    from cli.backup.folder import BackupFolder
    from cli.backup.making import make_backup
    from cli.lacking import are_many

    with command() as container, BackupFolder(to) as folder, progress() as bars:
        made = make_backup(container, folder.new_name(), partial(show_phase, bars))
        lacks_many = are_many(made.lacking, made.documents)
        # What this one lacks, an older one may have.
        removed = folder.keep(keep) if keep and not lacks_many else []
    manifest = made.manifest
    if as_json:
        print_json(
            {
                "file": str(made.file),
                "bytes": made.size,
                "made_at": manifest.made_at.isoformat(),
                "passages": manifest.index.passages if manifest.index else 0,
                "documents_without_passages": made.lacking,
                "adapters": dict(manifest.adapters),
                "adapters_without_files": list(manifest.missing),
                "secrets_left_out": list(manifest.secrets),
                "removed": [str(file) for file in removed],
            }
        )
        return
    out.print(f"{made.file} ({made.size / 2**20:,.1f} MB)")
    if made.lacking:
        lacking = f"{made.lacking:,} of {count_of(made.documents, 'document')}"
        say(f"The index lacks passages of {lacking}, so the backup does too: see phi3 doctor.")
    if keep and lacks_many:
        say("Older backups stay: they may have what this one lacks.")
    for name in manifest.missing:
        say(f"The files of the adapter {name} are gone: it is not in the backup.")
    if manifest.secrets:
        say(f"Secrets are not in it; keep them elsewhere: {', '.join(manifest.secrets)}")
    if removed:
        say(f"{count_of(len(removed), 'older backup')} deleted.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `phi3 backup` wrote.")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Delete what is in the home, the database and the index."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a deployment from a backup, in PHI3_HOME, its database and its index.

    These may be others than those of the backup: SQLite or PostgreSQL, LanceDB or Weaviate. Stop
    all roles first. All of the file is checked before anything changes. If this command is stopped,
    call it again.
    """
    from cli.backup.restoring import restore_backup
    from cli.environment import read_settings

    settings = read_settings()
    with progress() as bars:
        done = restore_backup(file, settings, partial(show_phase, bars), replace=replace)
    if as_json:
        print_json(_as_json(done))
        return
    _print(done)


def _as_json(done: "Restored") -> dict[str, object]:
    return {
        "made_at": done.manifest.made_at.isoformat(),
        "rows": done.rows,
        "documents": done.documents,
        "documents_to_read": done.unread,
        "adapters": list(done.adapters),
        "forgotten_again": done.forgotten,
        "workspaces": done.workspaces,
        "token_key_fits": done.key_fits,
        "secrets_to_set": list(done.manifest.secrets),
        "settings": str(done.settings) if done.settings else None,
        "damaged_database": str(done.damaged) if done.damaged else None,
    }


def _print(done: "Restored") -> None:
    made_at = f"{done.manifest.made_at:%d %B %Y %H:%M} UTC"
    out.print(
        f"Everything is as it was at {made_at}: {count_of(done.rows, 'row')}, "
        f"{count_of(done.documents, 'document')}, {count_of(len(done.adapters), 'adapter')}."
    )
    if done.damaged:
        say(f"The old database could not be read. It is now {done.damaged}.")
    if done.unread:
        say(
            f"{count_of(done.unread, 'document')} will be read again when due, or at once: "
            "phi3 sources refresh"
        )
    if done.forgotten is None:
        say(
            f"What was forgotten after {made_at} is back, and no list of it is here (docs/"
            "operations.md): forget it again. Whoever kept out of training since must say so again."
        )
    else:
        say(f"{done.forgotten:,} forgotten since then, and now again.")
    if done.settings:
        say(f"The settings are in {done.settings}: put those that you want into .env.")
    if done.manifest.secrets:
        say(f"Set these yourself, they are in no backup: {', '.join(done.manifest.secrets)}")
    if done.workspaces and not done.key_fits:
        say("PHI3_TOKEN_KEY does not open the workspaces' tokens: set the one that stored them.")
