"""Names of files and folders that hold no documents: what programs keep there for themselves."""

import re
from collections.abc import Sequence

_FOLDERS = {
    name: reason
    for reason, names in {
        "installed packages": "node_modules bower_components site-packages dist-packages .venv "
        "venv .tox .nox .eggs jspm_packages .yarn .pnpm-store .gradle .m2 .cargo",
        "caches": "__pycache__ .cache .mypy_cache .pytest_cache .ruff_cache .ipynb_checkpoints "
        ".hypothesis .parcel-cache .next .nuxt .turbo .terraform .sass-cache",
        "records of version control": ".git .hg .svn .bzr CVS _darcs .jj",
        "leftovers of other systems": "__MACOSX .Spotlight-V100 .Trashes .fseventsd $RECYCLE.BIN "
        "$Recycle.Bin .TemporaryItems .AppleDouble .DocumentRevisions-V100 @eaDir lost+found "
        ".Trash .Trash-1000 #recycle #snapshot",
        "settings of editors": ".idea .vscode .vs .settings",
    }.items()
    for name in names.split()
} | {"System Volume Information": "leftovers of other systems"}
_FILES = {
    name: reason
    for reason, names in {
        "lock files": "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock "
        "bun.lockb poetry.lock pipfile.lock uv.lock pdm.lock cargo.lock composer.lock gemfile.lock "
        "mix.lock go.sum flake.lock packages.lock.json podfile.lock pubspec.lock deno.lock "
        "conda-lock.yml pixi.lock gradle.lockfile .terraform.lock.hcl package.resolved",
        "leftovers of other systems": "thumbs.db ehthumbs.db desktop.ini .ds_store .localized "
        ".directory",
    }.items()
    for name in names.split()
}
_ENDINGS = {
    "backups of editors": ("~", ".bak", ".swp", ".swo", ".swn", ".orig", ".rej", ".old", ".tmp"),
    "parts of downloads": (".part", ".crdownload", ".partial"),
    "generated bundles": (".min.js", ".min.css", ".bundle.js", ".chunk.js", ".chunk.css", ".map"),
}
_PATTERNS = {
    "backups of editors": re.compile(r"#[^#]*+#|\.#.*+", re.DOTALL),
    "leftovers of Office": re.compile(r"~\$.*+|\.~lock\..*+|~wr[dal][0-9]*+\.tmp", re.DOTALL),
    "leftovers of other systems": re.compile(r"\._.*+", re.DOTALL),
}


def reason(parts: Sequence[str]) -> str:
    """Why the file with this path holds no document, as in ``lock files``; else an empty text.

    ``parts`` are the names of the folders, from the one that was asked for, and that of the file.
    """
    for folder in parts[:-1]:
        if found := _FOLDERS.get(folder):
            return found
    return _of_file(parts[-1].lower()) if parts else ""


def reason_for_folder(name: str) -> str:
    """Why a folder of this name holds no documents; else an empty text."""
    return _FOLDERS.get(name, "")


def _of_file(name: str) -> str:
    if found := _FILES.get(name):
        return found
    for what, pattern in _PATTERNS.items():
        if pattern.fullmatch(name):
            return what
    return next((what for what, endings in _ENDINGS.items() if name.endswith(endings)), "")
