from dataclasses import replace

from domain.documents import SourceState
from domain.questions import Audience
from records.database import Database
from records.readable import ReadableSources
from records.sources import Sources
from tests.records.makers import later, source

ALL = tuple(SourceState)


def test_pages_have_what_may_be_read_the_latest_first(db: Database) -> None:
    sources, readable = Sources(db), ReadableSources(db)
    team, other = Audience.of("team:T1", "channel:T1:C1"), Audience.of("person:T1:U2")
    for n in range(5):
        sources.save(replace(source(f"/{n}.md"), audience=team, updated_at=later(n)))
    sources.save(replace(source("/other.md"), audience=other))
    sources.save(replace(source("/failed.md", SourceState.FAILED), audience=team))

    mine = Audience.of("team:T1", "channel:T1:C1", "person:T1:U1")
    found, total = readable.page(mine, [SourceState.INDEXED], first=1, limit=2)
    assert [one.uri for one in found] == ["/3.md", "/2.md"]
    assert total == 5
    assert readable.page(mine, ALL, first=9) == ([], 6)
    assert readable.page(Audience.of(), ALL) == ([], 0)
    assert readable.page(mine, []) == ([], 0)
