"""What Slack refuses of blocks and views, by the limits that it documents."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from markdown_it import MarkdownIt

Block = dict[str, Any]

_PARSER = MarkdownIt("commonmark").enable("table")
_OWN = ("heading_open", "hr", "table_open")


def wrong_blocks(blocks: list[Block], most: int = 50) -> str:
    """The error code with which Slack refuses the blocks of a message; empty if it takes them."""
    markdown = [block.get("text", "") for block in blocks if block.get("type") == "markdown"]
    if sum(map(len, markdown)) > 12_000:
        return "msg_too_long"
    if len(blocks) + sum(map(_expanded, markdown)) > most or any(_wrong(blocks)):
        return "invalid_blocks"
    return "msg_blocks_too_long" if sum(map(len, _all_texts(blocks))) > 13_200 else ""


def wrong_view(view: Block) -> str:
    """The error code with which Slack refuses a view; empty if it takes it."""
    titles = [view[name] for name in ("title", "submit", "close") if name in view]
    is_long = any(not 0 < len(title["text"]) <= 24 for title in titles)
    is_long |= len(view.get("private_metadata", "")) > 3_000
    is_long |= len(view.get("callback_id", "")) > 255 or len(view["blocks"]) > 100
    return "invalid_arguments" if is_long or any(_wrong(view["blocks"])) else ""


def _expanded(markdown: str) -> int:
    """How many more blocks Slack makes of Markdown: headings, rules and tables are their own."""
    return 2 * sum(1 for token in _PARSER.parse(markdown) if token.type in _OWN and not token.level)


def _wrong(blocks: list[Block]) -> Iterator[str]:
    """Why Slack refuses blocks, one reason after the other."""
    for block in blocks:
        kind = block.get("type", "")
        if len(block.get("block_id", "")) > 255:
            yield "block_id"
        if kind not in _CHECKS:
            yield f"unknown block {kind}"
            continue
        if not _CHECKS[kind](block):
            yield kind


def _text(value: Any, most: int, *kinds: str) -> bool:
    return value["type"] in (kinds or ("plain_text",)) and 0 < len(value["text"]) <= most


def _section(block: Block) -> bool:
    return _text(block["text"], 3_000, "mrkdwn", "plain_text")


def _context(block: Block) -> bool:
    elements = block["elements"]
    return 0 < len(elements) <= 10 and all(
        _text(each, 3_000, "mrkdwn", "plain_text") for each in elements
    )


def _actions(block: Block) -> bool:
    elements = block["elements"]
    return 0 < len(elements) <= 25 and all(map(_element, elements))


def _element(element: Block) -> bool:
    if len(element.get("action_id", "")) > 255 or len(element.get("value", "")) > 2_000:
        return False
    options = element.get("options", ())
    is_in_range = all(
        _text(option["text"], 75) and 0 < len(option["value"]) <= 150 for option in options
    )
    match element["type"]:
        case "button":
            return _text(element["text"], 75) and len(element.get("url", "")) <= 3_000
        case "static_select" | "multi_static_select":
            first = element.get("initial_options", ())
            is_known = all(one in options for one in first)
            return is_in_range and 0 < len(options) <= 100 and is_known
        case "radio_buttons" | "checkboxes":
            return is_in_range and 0 < len(options) <= 10
        case "plain_text_input":
            longest = element.get("max_length", 3_000)
            holder = element.get("placeholder")
            return (
                longest <= 3_000
                and len(element.get("initial_value", "")) <= longest
                and (not holder or _text(holder, 150))
            )
        case (
            "users_select"
            | "multi_users_select"
            | "conversations_select"
            | "channels_select"
            | "multi_conversations_select"
        ):
            return True
        case _:
            return False


def _feedback(block: Block) -> bool:
    elements = block["elements"]
    return 0 < len(elements) <= 5 and all(
        each["type"] == "icon_button"
        or (
            each["type"] == "feedback_buttons"
            and len(each["action_id"]) <= 255
            and all(
                _text(button["text"], 75)
                and len(button["value"]) <= 2_000
                and len(button.get("accessibility_label", "")) <= 75
                for button in (each["positive_button"], each["negative_button"])
            )
        )
        for each in elements
    )


def _input(block: Block) -> bool:
    return _text(block["label"], 2_000) and _element(block["element"])


def _rich(block: Block) -> bool:
    parts = ("rich_text_section", "rich_text_preformatted", "rich_text_list", "rich_text_quote")
    return bool(block["elements"]) and all(
        part["type"] in parts and part["elements"] and all(map(_rich_element, part["elements"]))
        for part in block["elements"]
    )


def _rich_element(element: Block) -> bool:
    if element["type"] == "rich_text_section":
        return all(map(_rich_element, element["elements"]))
    if element["type"] == "user":
        return bool(re.fullmatch(r"[UW][A-Z0-9]+", element["user_id"]))
    if element["type"] == "link" and not re.match(r"https?://\S", element["url"]):
        return False
    is_short = len(element.get("url", "")) <= 3_000 and len(element["text"]) <= 3_000
    return element["type"] in ("text", "link") and bool(element["text"]) and is_short


_CHECKS: dict[str, Callable[[Block], bool]] = {
    "markdown": lambda block: bool(block["text"].strip()),
    "rich_text": _rich,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "context_actions": _feedback,
    "input": _input,
    "header": lambda block: _text(block["text"], 150),
    "image": lambda block: (
        0 < len(block["alt_text"]) <= 2_000 and set(block["slack_file"]) == {"id"}
    ),
    "divider": lambda block: set(block) <= {"type", "block_id"},
}


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _all_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            elif key != "accessibility_label":
                yield from _all_texts(item)
