"""What somebody may read in the console: no more than in Slack, unless an admin chose to."""

from dataclasses import replace

import pytest

from console.visitors import Visitor
from domain.console import ConsoleRole, ConsoleSession
from domain.questions import Audience
from tests.records.makers import NOW, question


def visitor(*labels: str, person: str = "", reads_all: bool = False) -> Visitor:
    session = ConsoleSession("s1", ConsoleRole.ADMIN, "T1", person, NOW, NOW, reads_all)
    return Visitor(session, Audience.of(*labels))


BY_LINK = visitor("everyone", "team:T1")
U1 = visitor("everyone", "team:T1", "person:T1:U1", person="U1")


@pytest.mark.parametrize(
    ("labels", "public", "by_link", "by_u1"),
    [
        (("everyone",), False, True, True),
        (("everyone", "team:T1"), False, True, True),
        (("everyone", "team:T1", "channel:T1:C1"), True, True, True),
        (("everyone", "team:T1", "channel:T1:C1"), False, False, False),
        (("everyone", "team:T1", "person:T1:U1"), False, False, True),
        (("everyone", "team:T1", "person:T1:U2"), False, False, False),
        (("channel:T1:C1",), False, False, False),
        (("channel:T1:C1", "person:T1:U1"), False, False, False),
        (("everyone", "team:T2"), False, False, False),
        (("everyone", "team:T2", "channel:T2:C1"), True, False, False),
        ((), False, False, False),
    ],
    ids=str,
)
def test_who_may_see_what_was_asked_in_a_place(
    labels: tuple[str, ...], public: bool, by_link: bool, by_u1: bool
) -> None:
    asked = replace(question(asked_by="U9"), audience=Audience.of(*labels, public=public))
    assert (BY_LINK.may_see(asked), U1.may_see(asked)) == (by_link, by_u1)
    assert visitor("everyone", reads_all=True).may_see(asked)


def test_channel_that_was_public_is_looked_at_again_where_slack_can_be_asked() -> None:
    labels = ("everyone", "team:T1", "channel:T1:C1")
    asked = replace(question(asked_by="U9"), audience=Audience.of(*labels, public=True))
    for one in (BY_LINK, U1):
        assert not replace(one, reads=lambda _: False).may_see(asked)
        assert replace(one, reads=lambda label: label == "channel:T1:C1").may_see(asked)
    elsewhere = replace(asked, audience=Audience.of("everyone", public=True))
    assert replace(BY_LINK, reads=lambda _: False).may_see(elsewhere)


def test_who_signed_in_by_links_is_one_rater() -> None:
    other = replace(BY_LINK, session=replace(BY_LINK.session, id="s2"))
    assert other.by != BY_LINK.by
    assert (other.rater, U1.rater) == (BY_LINK.rater, "U1")


def test_who_asked_sees_it_and_an_answer_for_them_alone_is_for_nobody_else() -> None:
    asked = replace(
        question(asked_by="U1"), audience=Audience.of("everyone"), asked_in="slack:T1:C1:1.0"
    )
    assert U1.may_see(asked)
    assert not BY_LINK.may_see(asked)


def test_documents_are_read_by_who_was_given_them() -> None:
    assert BY_LINK.may_read(Audience.of("team:T1", "channel:T1:C9"))
    assert not BY_LINK.may_read(Audience.of("channel:T1:C9"))
    assert not BY_LINK.may_read(Audience.of("team:T2"))
    assert visitor("everyone", reads_all=True).may_read(Audience.of("channel:T1:C9"))
