import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.markup import plain

NAMES = {"U1": "Ann Lee"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@U1> and <@U2|bob>, see <#C1|general>", "@Ann Lee and @bob, see #general"),
        ("<!here> <!subteam^S1|@ops> <!date^1^{date}|Monday>", "@here @ops Monday"),
        ("<https://a.example/x?a=1&amp;b=2|the form>", "the form (https://a.example/x?a=1&b=2)"),
        ("<https://a.example> <mailto:a@b.example|a@b.example>", "https://a.example a@b.example"),
        ("*bold* _italic_ ~gone~ `code`", "bold italic gone code"),
        ("snake_case_name 2*3*4 a~b", "snake_case_name 2*3*4 a~b"),
        (":wave: done :white_check_mark::skin-tone-2: at 10:30:45", "done at 10:30:45"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<@U9>", "@U9"),
    ],
)
def test_markup_becomes_what_people_see(text: str, shown: str) -> None:
    assert plain(text, lambda person: NAMES.get(person, "")) == shown


@given(st.text(alphabet=st.sampled_from("<>@#!|:*_~`&;\n aé1")))
def test_any_text_is_only_text(text: str) -> None:
    assert isinstance(plain(text, lambda person: person), str)
