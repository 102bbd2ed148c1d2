from records.database import Database
from records.live_index import LiveIndex
from tests.records.makers import NOW, later


def test_one_index_answers_at_a_time(db: Database) -> None:
    live = LiveIndex(db)
    assert live.model() is None
    for model in ("minilm", "bge-m3", "bge-m3"):
        live.use(model, NOW)
        assert live.model() == model
    live.use("minilm", later(1))
    assert live.model() == "minilm"
