from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import Source, SourceState
from domain.errors import NotFound
from domain.protocols import SourceLedger
from domain.questions import Audience
from records.collections import Collections
from records.database import Database
from records.source_pages import SourcePages
from records.sources import Sources
from tests.records.makers import collection, later, source


@pytest.fixture
def sources(db: Database) -> Sources:
    return Sources(db)


def save(sources: Sources, *uris: str) -> list[Source]:
    kept = [source(uri) for uri in uris]
    for one in kept:
        sources.save(one)
    return kept


def test_sources_are_a_ledger(sources: Sources) -> None:
    ledger: SourceLedger = sources
    assert ledger.find("/docs/leave.md") is None
    ledger.save(source())
    assert ledger.find("/docs/leave.md") == source()


def test_saving_again_replaces_the_row(sources: Sources) -> None:
    sources.save(source())
    changed = replace(
        source(),
        state=SourceState.FAILED,
        updated_at=later(1),
        attempts=2,
        reason="it holds no text",
        checksum="",
    )
    sources.save(changed)
    assert sources.all() == [changed]


def test_saving_an_old_copy_removes_no_reader(sources: Sources) -> None:
    sources.save(source())
    seen_before = sources.find(source().uri)
    assert seen_before
    sources.grant(source().uri, Audience.of("channel:T1:C9"), "U2", later(1))
    sources.save(seen_before)
    assert sources.all() == [replace(source(), audience=Audience.of("everyone", "channel:T1:C9"))]


def test_saving_never_brings_a_withdrawn_reader_back(sources: Sources) -> None:
    sources.save(source())
    sources.withdraw(source().uri, Audience.of("everyone"), later(1))
    sources.save(source())
    assert sources.all() == [replace(source(), audience=Audience.of())]


def test_source_that_nobody_may_read_any_more_is_removed(sources: Sources) -> None:
    sources.save(replace(source(), audience=Audience.of("team:T1", "channel:T1:C1")))
    sources.withdraw(source().uri, Audience.of("channel:T1:C1", "channel:T1:C2"), later(1))
    [left] = sources.all()
    assert (left.state, left.audience) == (SourceState.INDEXED, Audience.of("team:T1"))
    sources.withdraw(source().uri, Audience.of("team:T1"), later(2))
    [gone] = sources.all()
    assert (gone.state, gone.audience) == (SourceState.REMOVED, Audience.of())
    assert (gone.chunks, gone.checksum, gone.updated_at) == (0, "", later(2))


def test_granting_an_unknown_source_is_refused(sources: Sources) -> None:
    with pytest.raises(NotFound):
        sources.grant("/never.md", Audience.everyone(), "U1", later(1))


def test_sources_under_a_folder_are_those_whose_uri_starts_so(sources: Sources) -> None:
    inside = save(sources, "/docs/a.md", "/docs/b/c.md", "/docs/é.md")
    save(sources, "/docs.md", "/DOCS/a.md", "/other/docs/a.md", "/doc")
    assert sources.under("/docs/") == inside


def test_removed_sources_are_under_no_folder_but_stay_listed(sources: Sources) -> None:
    removed = replace(source(), state=SourceState.REMOVED)
    sources.save(removed)
    assert sources.under("/docs/") == []
    assert sources.all() == [removed]


def test_wildcards_in_a_name_are_only_characters(sources: Sources) -> None:
    [percent] = save(sources, "/100%_done/a.md")
    save(sources, "/100 is done/a.md")
    assert sources.under("/100%_") == [percent]


def test_any_prefix_finds_what_python_says_starts_with_it(db: Database) -> None:
    sources = Sources(db)
    character = st.sampled_from("ab%\x00\x19\x1a\x1b\ud7ff\ue000\ud800\U0010ffff")

    @settings(deadline=None)
    @given(st.lists(st.text(character, max_size=4), min_size=1, max_size=8, unique=True), st.data())
    def check(uris: list[str], data: st.DataObject) -> None:
        with db.session() as connection:
            connection.exec_driver_sql("DELETE FROM sources")
        save(sources, *uris)
        prefix = data.draw(st.text(character, max_size=3))
        found = {one.uri for one in sources.under(prefix)}
        assert found == {uri for uri in uris if uri.startswith(prefix)}

    check()


def test_path_that_is_not_utf8_is_read_back(sources: Sources) -> None:
    odd = b"/d\xff.md".decode(errors="surrogateescape")
    save(sources, odd)
    assert [one.uri for one in sources.under("/d")] == [odd]


def test_sources_that_failed_are_named_the_latest_first(db: Database, sources: Sources) -> None:
    for n in range(3):
        failed = source(f"/docs/{n}.md", SourceState.FAILED)
        sources.save(replace(failed, reason="it is damaged", updated_at=later(n)))
    sources.save(source("/docs/often.md", SourceState.QUARANTINED))
    sources.save(source("/docs/read.md"))
    found, total = sources.failed(2)
    assert [one.uri for one in found] == ["/docs/2.md", "/docs/1.md"]
    assert total == 4


def test_page_that_says_itself_why_it_failed_is_not_named_twice(
    db: Database, sources: Sources
) -> None:
    page = "https://docs.example.com/leave"
    sources.save(source(page, SourceState.FAILED))
    assert sources.failed(9)[1] == 1
    Collections(db).add(replace(collection(page), reason="its server did not answer"))
    assert sources.failed(9) == ([], 0)


@pytest.mark.parametrize(
    "text", ["übersicht", "ÜBERSICHT", "strasse", "Straße/É", "σοφοσ", "50%", "\0X"]
)
def test_text_of_titles_and_addresses_is_found_in_any_case(
    db: Database, sources: Sources, text: str
) -> None:
    wanted = replace(source("/docs/straße/é.md"), title="Die Übersicht, 50%: ΣΟΦΟΣ\0x")
    sources.save_all([wanted, replace(source("/docs/strase/e.md"), title="Die Ubersicht, 500")])
    assert SourcePages(db).page(None, 9, text=text) == [wanted]


def test_new_members_are_saved_with_their_collection_or_not_at_all(
    db: Database, sources: Sources
) -> None:
    new = replace(source(), audience=Audience.of())
    joining = {("/docs", Audience.everyone()): [new]}
    with pytest.raises(NotFound):
        sources.save_members([new], joining, later(1))
    assert sources.all() == []
    Collections(db).add(collection())
    sources.save_members([new], joining, later(1))
    assert sources.members("/docs") == {new.uri: replace(new, audience=Audience.everyone())}


def test_what_only_a_collection_gave_is_taken_and_what_another_gives_too_stays(
    db: Database, sources: Sources
) -> None:
    team, everyone = Audience.of("team:T1"), Audience.everyone()
    both = everyone.together_with(team)
    rows = [replace(source(f"/docs/{n}"), audience=Audience.of()) for n in range(3)]
    for uri in ("/docs", "/docs/0"):
        Collections(db).add(replace(collection(uri), audience=both))
    sources.save_members(rows, {("/docs", both): rows, ("/docs/0", team): rows[:1]}, later(1))
    sources.grant("/docs/1", everyone, "U1", later(2))

    sources.take_given("/docs", team, ["/docs/2"])
    assert [row.audience for row in sources.all()] == [both, both, everyone]
    sources.take_given("/docs")
    assert [row.audience for row in sources.all()] == [both, everyone, Audience.of()]
    assert sources.without_readers() == frozenset()
    assert set(sources.members("/docs")) == {"/docs/0", "/docs/1", "/docs/2"}
    sources.leave_all("/docs/2")
    assert sources.without_readers() == {"/docs/2"}
