"""Draws messages as a page, about as Slack shows them: `python -m tests.slack_page FILE`."""

import sys
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_STYLE = """
body { font: 15px/1.46 Lato, "Helvetica Neue", Arial, sans-serif; width: 720px; }
.message { border-bottom: 1px solid #ddd; padding: 12px 16px; }
.context { color: #616061; font-size: 13px; margin: 4px 0; }
code { background: #f6f6f6; border: 1px solid #ddd; color: #c01343; padding: 1px 3px; }
pre { background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; }
pre code { border: 0; color: inherit; padding: 0; }
table { border-collapse: collapse; }
td, th { border: 1px solid #ccc; padding: 4px 8px; }
blockquote { border-left: 4px solid #ddd; margin: 4px 0; padding-left: 10px; }
h1, h2, h3 { font-size: 18px; margin: 8px 0; }
p { margin: 6px 0; white-space: pre-wrap; }
button { background: #fff; border: 1px solid #bbb; border-radius: 4px; margin-right: 6px; }
.rich { white-space: pre-wrap; }
"""


def page(messages: list[list[dict[str, Any]]]) -> str:
    """A page with the blocks of each message."""
    shown = "".join(f'<div class="message">{"".join(map(_block, each))}</div>' for each in messages)
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>{shown}"


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "markdown":
            return str(_PARSER.render(block["text"]))
        case "rich_text":
            return f'<div class="rich">{"".join(map(_part, block["elements"]))}</div>'
        case "context":
            texts = " ".join(escape(each["text"]) for each in block["elements"])
            return f'<div class="context">{texts}</div>'
        case "header":
            return f"<h1>{escape(block['text']['text'])}</h1>"
        case "context_actions":
            buttons = block["elements"][0]
            names = (buttons["positive_button"], buttons["negative_button"])
            return "".join(f"<button>{escape(name['text']['text'])}</button>" for name in names)
        case "actions":
            return "".join(
                f"<button>{escape(one['text']['text'])}</button>" for one in block["elements"]
            )
        case "divider":
            return "<hr>"
        case "input":
            hint = escape(block.get("hint", {}).get("text", ""))
            label = escape(block["label"]["text"])
            field = _field(block["element"])
            return f'<p><b>{label}</b></p>{field}<div class="context">{hint}</div>'
        case "section":
            return f"<p>{escape(block['text']['text'])}</p>"
        case "image":
            return f"<div>[picture: {escape(block['alt_text'])}]</div>"
        case other:
            return f"<div>({other})</div>"


def _field(element: dict[str, Any]) -> str:
    if "options" not in element:
        users = element.get("initial_users", ())
        value = element.get("initial_value", " ".join(users))
        rows = 3 if element.get("multiline") else 1
        return f'<textarea rows="{rows}" cols="70">{escape(value)}</textarea>'
    chosen = [element.get("initial_option"), *element.get("initial_options", ())]
    return "".join(
        f"<div>{'●' if each in chosen else '○'} {escape(each['text']['text'])}</div>"
        for each in element["options"]
    )


def _part(part: dict[str, Any]) -> str:
    if part["type"] == "rich_text_list":
        return f"<ul>{''.join(f'<li>{_part(each)}</li>' for each in part['elements'])}</ul>"
    inner = "".join(map(_element, part["elements"]))
    return (
        f"<pre>{inner}</pre>"
        if part["type"] == "rich_text_preformatted"
        else f"<span>{inner}</span>"
    )


def _element(element: dict[str, Any]) -> str:
    if element["type"] == "user":
        return f"<b>@{escape(element['user_id'])}</b>"
    text = escape(element["text"])
    style = element.get("style", {})
    if element["type"] == "link":
        return f'<a href="{escape(element["url"])}">{text}</a>'
    text = f"<b>{text}</b>" if style.get("bold") else text
    return f"<code>{text}</code>" if style.get("code") else text


if __name__ == "__main__":
    from tests.bot.shown_answers import messages

    Path(sys.argv[1]).write_text(page(messages()), encoding="utf-8")
