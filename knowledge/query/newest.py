"""Among passages from several versions of a text, the newest version comes first."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from domain.documents import Version
from domain.protocols import Addresses
from domain.questions import Audience, Newer, Passage
from knowledge.near_copies import ALIKE, likeness, sketch
from knowledge.version_order import Dated, is_asked_for, is_newer


def newest_first(
    question: str,
    passages: Sequence[Passage],
    ledger: Addresses,
    audience: Audience,
    only: Collection[str] | None = None,
) -> list[Passage]:
    """The same passages: what the newest version of a text says comes before what older ones say.

    A passage of an older version names the newest one that ``audience`` may read, and if that one
    has a passage like it, which was found too, the two change places, unless ``question`` asks for
    the older version, as by its year. Where it is not known which version is newer, nothing
    changes. With ``only``, other documents are not named. Raises DatabaseUnavailable.
    """
    families = ledger.families({passage.document for passage in passages}, audience)
    if only is not None:
        families = {
            document: [one for one in versions if one.document in only]
            for document, versions in families.items()
        }
    newest = {
        document: version
        for document, versions in families.items()
        if (version := _newest(document, versions))
    }
    if not newest:
        return list(passages)
    ordered = [_named(passage, newest.get(passage.document)) for passage in passages]
    compared = newest.keys() | {version.document for version in newest.values()}
    said = {one.id: sketch([one.text]) for one in ordered if one.document in compared}
    for place, old in enumerate(ordered):
        version = newest.get(old.document)
        if version and not _asks_for(question, families[old.document], old.document, version):
            alike = [
                (likeness(said[old.id], said[other.id]), n)
                for n, other in enumerate(ordered[place + 1 :], place + 1)
                if other.document == version.document
            ]
            best, n = max(alike, default=(0.0, place))
            if best >= ALIKE:
                ordered[place], ordered[n] = ordered[n], old
    return ordered


def _named(passage: Passage, newest: Version | None) -> Passage:
    return replace(passage, newer=Newer(newest.source, newest.title)) if newest else passage


def _newest(document: str, versions: Sequence[Version]) -> Version | None:
    """A version that is newer than ``document``, and than which none is newer, if there is one."""
    own = [version for version in versions if version.document == document]
    newer = [each for each in versions if any(is_newer(_dated(each), _dated(one)) for one in own)]
    for each in newer:
        if not any(is_newer(_dated(other), _dated(each)) for other in newer):
            return each
    return None


def _asks_for(question: str, versions: Sequence[Version], document: str, newest: Version) -> bool:
    return any(
        is_asked_for(question, _dated(each), _dated(newest))
        for each in versions
        if each.document == document
    )


def _dated(version: Version) -> Dated:
    return Dated(version.title, version.source, version.modified)
