from domain.documents import IndexName
from records.database import Database
from records.live_index import LiveIndex
from tests.records.makers import NOW, later

MINILM, BGE = IndexName("minilm", "passages"), IndexName("bge-m3", "passages-2")


def test_one_index_answers_at_a_time(db: Database) -> None:
    live = LiveIndex(db)
    assert live.find() is None
    for index in (MINILM, BGE, BGE):
        live.use(index, NOW)
        assert live.find() == index
    live.use(MINILM, later(1))
    assert live.find() == MINILM
