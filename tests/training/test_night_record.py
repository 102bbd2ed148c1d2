from domain.causes import Cause
from domain.night_rows import Became, NightRow
from tests.training.makers import example
from training.night_record import MOST, night_rows
from training.selection.left_out import LeftOut
from training.selection.plan import Plan


def test_each_answer_has_one_row_with_what_became_of_it() -> None:
    train, held_back = example(1), example(2)
    left_out = {LeftOut.CAPPED: ("a3",), LeftOut.PRIVATE: ("a3", "a4")}
    chosen = Plan((train,), (held_back,), left_out, {}, {}, {"a4": Cause.RETRIEVAL})
    assert night_rows(chosen) == [
        NightRow("a3", Became.LEFT_OUT, "not for everyone"),
        NightRow("a4", Became.LEFT_OUT, "not for everyone", Cause.RETRIEVAL),
        NightRow(train.answer_id, Became.TRAINED),
        NightRow(held_back.answer_id, Became.HELD_BACK),
    ]


def test_of_very_many_left_out_for_one_reason_the_latest_have_rows() -> None:
    ids = tuple(f"a{n}" for n in range(MOST + 5))
    rows = night_rows(Plan((), (), {LeftOut.OLD: ids}, {}, {}))
    assert [row.answer_id for row in rows] == list(ids[5:])
