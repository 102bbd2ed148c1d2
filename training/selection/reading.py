"""Which of all rated answers a night reads: of each person the newest, so that no one fills it.

To read an answer with its passages takes long, and of a hundred thousand one night trains on a
few thousand at most. So it reads of each person as many as there is room for if everybody gets as
much: of what they wrote themselves, of what several people rated, and of all else. What is older
counts as too old, whoever asked for it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from domain.rated_briefly import RatedBriefly
from training.selection.left_out import LeftOut

TOKENS = 200
"""So many tokens of room let one more answer be read. A row takes some 800, and of the answers
that are read, hardly more than half may be trained on."""

FEWEST = 2_000
"""So many answers are read also for a small night: a quarter is held back to compare, and what is
compared takes no room. It takes seconds."""

READ_PRIVATE = 500
"""Of how many private answers that are rated bad it is found out at most what was at fault."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The ids of the answers to read, oldest first, and of those that are left out unread."""

    answer_ids: tuple[str, ...]
    left_out: Mapping[LeftOut, tuple[str, ...]]


def most_read(room: int) -> int:
    """How many answers a night with ``room`` for so many tokens reads at most."""
    return max(FEWEST, room // TOKENS)


def to_read(
    rated: Iterable[RatedBriefly],
    kept_out: Collection[str] = (),
    *,
    most: int,
    most_private: int = READ_PRIVATE,
) -> Reading:
    """``rated`` are all rated answers, oldest first. Of the people ``kept_out`` none is read.

    ``most`` bounds the answers that everyone could read, ``most_private`` the other ones.
    """
    unwanted, public, private = set[str](), list[RatedBriefly](), list[RatedBriefly]()
    order: list[str] = []
    for one in rated:
        order.append(one.answer_id)
        if one.asked_by in kept_out or all(person in kept_out for person in one.raters):
            unwanted.add(one.answer_id)
        else:
            (public if one.is_open else private).append(one)
    wanted = _of_each(public, most, kept_out)
    wanted |= _of_each([one for one in private if one.is_bad], most_private, kept_out)
    closed = {one.answer_id for one in private}
    left_out: dict[LeftOut, list[str]] = {}
    for each in order:
        if each in unwanted:
            left_out.setdefault(LeftOut.KEPT_OUT, []).append(each)
        elif each not in wanted:
            reason = LeftOut.PRIVATE if each in closed else LeftOut.OLD
            left_out.setdefault(reason, []).append(each)
    return Reading(
        tuple(each for each in order if each in wanted),
        {reason: tuple(ids) for reason, ids in left_out.items()},
    )


def _of_each(rated: list[RatedBriefly], most: int, kept_out: Collection[str]) -> set[str]:
    """The ids of at most so many: each person's newest first, then each one's second newest, …

    An answer that several people rated counts for each of them, and comes when it is the turn of
    one of them.
    """
    if len(rated) <= most:
        return {one.answer_id for one in rated}
    given = Counter[tuple[str, bool, bool]]()
    turns: list[tuple[int, int]] = []
    for at in range(len(rated) - 1, -1, -1):
        raters = [person for person in rated[at].raters if person not in kept_out]
        mine = [(person, person in rated[at].wrote, len(raters) > 1) for person in raters]
        turns.append((min(given[each] for each in mine), -at))
        given.update(mine)
    turns.sort()
    return {rated[-at].answer_id for _, at in turns[:most]}
