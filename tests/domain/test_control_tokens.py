"""Control tokens are removed, also nested ones, and ordinary text does not change."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.control_tokens import strip_control_tokens

TOKENS = [
    *"<|end|> <|user|> <|system|> <|assistant|> <|im_start|> <|im_end|> <|endoftext|>".split(),
    *"<|eot_id|> <|start_header_id|> <|begin_of_text|> <｜begin▁of▁sentence｜>".split(),
    *"<s> </s> <unk> <bos> <eos> <pad> <start_of_turn> <end_of_turn>".split(),
    *"[INST] [/INST] <<SYS>> <</SYS>> [AVAILABLE_TOOLS] [/TOOL_CALLS] <think>".split(),
    *"</tool_call> <file_sep> <gh_stars> <issue_start> <issue_comment>".split(),
    *"<issue_closed> <jupyter_start> <jupyter_text> <jupyter_code>".split(),
    *"<jupyter_output> <jupyter_script> <empty_output> <fim_prefix> <fim_pad>".split(),
]
TOKEN = re.compile("|".join(map(re.escape, TOKENS)), re.IGNORECASE)

parts = [*TOKENS, *"<|>end/s[]INST ", "end", "word", "file", "name>", "[TOOL", "_CALLS]"]
hostile = st.lists(st.sampled_from(parts)).map("".join)


@pytest.mark.parametrize("token", TOKENS)
def test_each_token_is_removed(token: str) -> None:
    assert strip_control_tokens(f"Hello{token} there") == "Hello there"


@given(hostile)
def test_no_control_token_survives_however_it_is_nested(text: str) -> None:
    assert not TOKEN.search(strip_control_tokens(text))


@given(st.lists(st.sampled_from(["<x>", "<", "x", ">", "x>", "<s>", "ZZ", "z", "Z"])).map("".join))
def test_special_token_of_the_tokenizer_is_removed_too(text: str) -> None:
    left = strip_control_tokens(text, {"<x>", "ZZ"})
    assert not re.search("<x>|zz|<s>", left, re.IGNORECASE)


def test_lone_surrogate_is_replaced_so_that_a_prompt_can_be_sent() -> None:
    assert strip_control_tokens("vac\ud800ation<s>\udcff") == "vac\ufffdation\ufffd"


@given(st.text(alphabet=st.characters(exclude_characters="<[", exclude_categories=["Cs"])))
def test_ordinary_text_does_not_change(text: str) -> None:
    assert strip_control_tokens(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a < b and c > d, or a <b> and </div>",
        "<div class='x'>, <your name>, <https://example.org>",
        "x = a[1]; [prefix] [img] [instance] [tool_calls]",
        "f <| x |> g, a || b, <-> and <|",
        "<table><tr><td>cell</td></tr></table>",
        "Run `cp <source> <target>`, then git clone <repo_name> as <your-name>.",
        "rm <filename>; git push <reponame> <Filename> <path/to/file> <s3-bucket> <end> <user>",
    ],
)
def test_text_that_only_looks_like_a_token_stays(text: str) -> None:
    assert strip_control_tokens(text) == text


@pytest.mark.parametrize("name", ["filename", "repo_name", "reponame"])
def test_placeholder_that_the_tokenizer_reads_as_a_token_stays_readable(name: str) -> None:
    left = strip_control_tokens(f"rm <{name}> <<file_sep>{name}><x>", {f"<{name}>", "<x>"})
    assert left == f"rm < {name}> < {name}>"
