"""Sites of any shape: reading them ends, stays inside, and finds the same a second time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import GoneSource, IngestError, UnreadableSource, UnsupportedSource
from knowledge.readers.base import File, Outline
from knowledge.readers.page_outline import outline
from knowledge.reading import Readers
from knowledge.sources.addresses import Prefix
from knowledge.sources.download import Downloaded, ServerIsBusy
from knowledge.sources.fetch import Fetcher, Page
from knowledge.sources.network import ServerFailed
from knowledge.sources.page_version import PageVersion
from knowledge.sources.site import SiteConnector
from knowledge.sources.site_options import SiteOptions
from knowledge.sources.visits import Visits

ROOT = "https://e.org"
START = f"{ROOT}/docs/"
PATHS = [
    *(f"/docs/{name}" for name in ("", "a", "a/", "b?x=1", "c/d/e", "f")),
    "/login",
    "/robots.txt",
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says of a path: ``kind`` is how, ``to`` are the places of paths in a list."""

    kind: str
    to: tuple[int, ...] = ()
    etag: str = ""


@dataclass(slots=True)
class Fake:
    """A server and what fetches from it, without a network."""

    answers: Mapping[str, Answer]
    asked: list[str] = field(default_factory=list)

    def page(self, address: str, version: PageVersion | None = None) -> Page | None:
        self.asked.append(address)
        for _ in range(5):
            answer = self.answers.get(address.removeprefix(ROOT), Answer("gone"))
            if answer.kind != "redirect" or not answer.to:
                return self._page(address, answer, version or PageVersion())
            address = ROOT + PATHS[answer.to[0]]
        raise UnreadableSource("it redirects too often")

    def _page(self, address: str, answer: Answer, version: PageVersion) -> Page | None:
        match answer.kind:
            case "gone":
                raise GoneSource("gone")
            case "fails":
                raise ServerFailed("fails")
            case "busy":
                raise ServerIsBusy("busy", 1.0)
            case "picture":
                raise UnsupportedSource("picture")
        links = "".join(f"<a href='{PATHS[n]}'>x</a>" for n in answer.to)
        head = {
            "noindex": "<meta name=robots content=noindex>",
            "canonical": f"<link rel=canonical href='{PATHS[answer.to[0]]}'>" if answer.to else "",
            "leads on": f"<meta http-equiv=refresh content='0;{PATHS[answer.to[0]]}'>"
            if answer.to
            else "",
            "login": "<title>Sign in</title><form><input type=password></form>",
        }.get(answer.kind, "")
        content = f"{head}<h1>{address}</h1><p>Words.{links}".encode()
        if (
            answer.etag
            and version.conditions().get(address, {}).get("If-None-Match") == answer.etag
        ):
            return None
        found = Downloaded(content, "text/html", address, address, {"etag": answer.etag})
        got = PageVersion.of(found)
        if got.digest == version.digest and got.url == version.url:
            return None
        return Page(File(content, "x.html", address=address), got, address)


class InThisProcess:
    def outline(self, file: File) -> Outline:
        return outline(file)


def synced(fake: Fake, known: dict[str, str], folder: Path) -> tuple[dict[str, str], list[str]]:
    """What is known afterwards, and the addresses that were read now. Raises IngestError."""
    visits = Visits(cast(Fetcher, fake), sleep=lambda _seconds: None)
    connector = SiteConnector(
        START,
        cast(Fetcher, fake),
        folder,
        SiteOptions(depth=4, pages=20),
        readers=cast(Readers, InThisProcess()),
        visits=visits,
    )
    listing = connector.list(dict(known), "")
    found: list[str] = []
    read: list[str] = []
    after = dict(known)
    for entry in listing.entries:
        found.append(entry.uri)
        if entry.version and entry.version == known.get(entry.uri):
            continue
        try:
            if fetched := connector.read(entry, known.get(entry.uri, "")):
                assert isinstance(fetched.content, File)
                if not outline(fetched.content).problem:
                    after[entry.uri] = fetched.version
                    read.append(entry.uri)
        except IngestError:
            pass
    assert len(found) == len(set(found))
    listing = listing.later() if listing.later else listing
    gone = {*listing.gone, *(old for old, new in listing.moved.items() if new in found)}
    if listing.is_complete:
        gone |= known.keys() - set(found)
    return {uri: version for uri, version in after.items() if uri not in gone}, read


KINDS = "page page page page redirect canonical noindex login gone fails busy picture leads,on"
ANSWERS = st.builds(
    Answer,
    st.sampled_from([kind.replace(",", " ") for kind in KINDS.split()]),
    st.lists(st.integers(0, len(PATHS) - 1), max_size=6).map(tuple),
    st.sampled_from(["", '"1"']),
)


@pytest.mark.slow
@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(PATHS[1:-1], ANSWERS)))
def test_site_of_any_shape_is_read_once_and_keeps_what_was_read(answers: dict[str, Answer]) -> None:
    answers["/docs/"] = Answer("page", tuple(range(len(PATHS))))
    fake = Fake(answers)
    with TemporaryDirectory() as folder:
        known, read = synced(fake, {}, Path(folder))
        assert START in known
        assert all(Prefix.of(START).holds(address) for address in known)
        assert sorted(known) == sorted(read)
        assert synced(fake, known, Path(folder)) == (known, [])
        for path, answer in answers.items():
            is_page = answer.kind == "page" and path.startswith("/docs/")
            assert not is_page or ROOT + path in known


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys(PATHS[:-1], ANSWERS)),
    st.fixed_dictionaries(dict.fromkeys(PATHS[:-1], ANSWERS)),
)
def test_site_that_changes_in_any_way_loses_no_page_that_is_still_there(
    before: dict[str, Answer], after: dict[str, Answer]
) -> None:
    with TemporaryDirectory() as folder:
        try:
            known, _ = synced(Fake(before), {}, Path(folder))
            now, _ = synced(Fake(after), known, Path(folder))
        except IngestError:
            return
        kept = {
            address
            for address in known
            if after.get(address.removeprefix(ROOT), Answer("")).kind
            in ("page", "login", "fails", "busy", "picture")
        }
        assert kept <= now.keys()
