"""Removes the control tokens of chat templates from what people and documents say.

A tokenizer reads such a token anywhere in a text. So a passage that contains one could end its turn
and give orders as the system, and training on a correction that contains one could teach the model
to do that.
"""

import re
from collections.abc import Collection
from functools import lru_cache

_NAMES = (
    # Llama, Mistral, Phi-3 and Gemma
    r"/?s|unk|pad|bos|eos|/?(?:start|end)_of_turn|(?:start|end)_of_image|"
    # Qwen
    r"/?think|/?tool_call|/?tool_response|"
    # SmolLM2 and StarCoder, without the names that documents use as placeholders
    r"file_sep|gh_stars|issue_(?:start|comment|closed)|"
    r"jupyter_(?:start|text|code|output|script)|empty_output|commit_(?:before|msg|after)|"
    r"fim_(?:prefix|middle|suffix|pad)"
)
_TOKENS = (
    # <|…|> of Phi-3, ChatML and Llama 3; DeepSeek writes other bars
    r"<[|｜][^<>|｜\s]{0,64}[|｜]>",
    rf"<(?:{_NAMES})>",
    # Llama 2, and Mistral, whose tools nobody writes in small letters by chance
    r"\[/?INST\]",
    r"<</?SYS>>",
    r"(?-i:\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\])",
)
_PLACEHOLDER = re.compile(r"<(?:repo_?name|filename)>", re.IGNORECASE)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST = 70


def strip_control_tokens(text: str, extra: Collection[str] = ()) -> str:
    """``text`` without control tokens, also without those that would form by removing others.

    ``extra`` are the special tokens of the tokenizer in use; the usual ones are known here. Those
    that documents use as placeholders, as SmolLM2's ``<filename>``, stay readable: a blank behind
    the bracket makes them plain text. Lone surrogates, which no program accepts, are replaced.
    """
    text = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
    token, last, piece, longest = _patterns(frozenset(extra))
    if not token.search(text):
        return text
    kept: list[str] = []  # characters without a token in them: only their end can complete one
    for part in piece.findall(text):
        kept += part
        tail = "".join(kept[-longest:])
        if found := last.search(tail):
            is_placeholder = _PLACEHOLDER.fullmatch(found[0])
            kept[found.start() - len(tail) :] = f"< {found[0][1:]}" if is_placeholder else ""
    return "".join(kept)


@lru_cache(maxsize=8)
def _patterns(
    extra: frozenset[str],
) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], int]:
    """Patterns for a token, for a token at the end and for a piece of text that may end with one;
    and the length of the longest token.
    """
    own = sorted((each for each in extra if each), key=lambda each: (-len(each), each))
    tokens = "|".join((*_TOKENS, *map(re.escape, own)))
    ends = {each[-1] for each in own} | {">", "]"}
    signs = sorted({*map(str.lower, ends), *map(str.upper, ends)})
    end = "".join(map(re.escape, signs))
    return (
        re.compile(tokens, re.IGNORECASE),
        re.compile(rf"(?:{tokens})\Z", re.IGNORECASE),
        re.compile(rf"[^{end}]*+[{end}]|[^{end}]++\Z"),
        max([_LONGEST, *map(len, own)]),
    )
