"""Tells what a page says from what every page of its site bears: menus, banners, scripts.

What a click shows is said: tabs, folded parts, dialogs. So is what stands in a form.
"""

import re

from selectolax.lexbor import LexborNode

from knowledge.readers.html_tree import Measure, is_hidden, names

_NEVER_SHOWN = frozenset(
    "script style template noscript iframe frame svg canvas audio video head link meta title embed "
    "applet map area datalist colgroup col annotation annotation-xml".split()
)
_MENUS = frozenset(
    "breadcrumb breadcrumbs navbar nav navigation menu pagination pager toc social share".split()
)
_COOKIES = frozenset(
    "cookie cookies consent gdpr onetrust cookiebanner cookiebar cybotcookiebotdialog".split()
)
_LINE_NUMBERS = frozenset("linenos lineno linenumber linenumbers gutter".split())
_SECTIONS = frozenset(
    "article aside blockquote details dialog fieldset figure main section td th".split()
)
_SMALL = frozenset("a abbr b button em i img input label p small span strong sub sup".split())
_SKIP = re.compile(
    r"(?:skip|jump) to\b|zum (?:haupt)?inhalt|aller au contenu|(?:saltar|ir) al contenido",
    re.IGNORECASE,
)
_SIGNS = frozenset("# ¶ § 🔗 ↩ ↩︎ ↑ ^ ⏎".split())  # links to the very place, and back to it
_MENU_TEXT = 200  # characters; a menu or header with more that are no links says something
_BANNER_TEXT = 3_000  # characters; more is a text about cookies
_ICON_TEXT = 40  # characters


def is_section(tag: str, attributes: dict[str, str]) -> bool:
    """Whether a header or footer within an element belongs to that, and not to the whole page."""
    return tag in _SECTIONS or attributes.get("role") in ("main", "article", "dialog", "tabpanel")


def is_clutter(
    node: LexborNode, tag: str, attributes: dict[str, str], measure: Measure, *, is_within: bool
) -> bool:
    """Whether an element says nothing; ``is_within`` a section of the page, not the page itself."""
    if tag in _NEVER_SHOWN:
        return True
    if not attributes:
        return tag in ("nav", "header", "footer", "aside") and _is_frame(
            tag, "", measure, is_within
        )
    if _is_frame(tag, attributes.get("role", ""), measure, is_within):
        return True
    if not attributes:
        return False
    words = names(attributes)
    if words & _LINE_NUMBERS and tag in ("td", "span", "div", "pre"):
        return True
    if tag in ("body", "main", "article"):
        return False
    if words & _MENUS and measure.is_mostly_links and measure.links > 1:
        return True
    if (
        measure.headings == 0
        and measure.text < _BANNER_TEXT
        and _asks_for_cookies(node, attributes, words)
    ):
        return True
    if tag in _SMALL:
        return _is_hidden_sign(node, tag, attributes, measure)
    return False


def _is_frame(tag: str, role: str, measure: Measure, is_within: bool) -> bool:
    """Whether it is a menu, or the page's own header or footer."""
    if tag == "nav" or role in ("navigation", "menu", "menubar", "search"):
        return measure.is_mostly_links or measure.text < _MENU_TEXT
    if tag == "header" or role == "banner":
        is_short = not measure.headings and measure.text < _MENU_TEXT
        return not is_within and (measure.is_mostly_links or is_short)
    if tag == "footer" or role == "contentinfo":
        return not is_within
    if tag == "aside" or role == "complementary":
        return measure.is_mostly_links and measure.links > 2
    return False


def _asks_for_cookies(node: LexborNode, attributes: dict[str, str], words: set[str]) -> bool:
    is_dialog = attributes.get("role") in ("dialog", "alertdialog") or "dialog" in words
    return bool(is_dialog or words & _COOKIES) and "cookie" in node.text().lower()


def _is_hidden_sign(
    node: LexborNode, tag: str, attributes: dict[str, str], measure: Measure
) -> bool:
    if is_hidden(attributes) and attributes.get("hidden") != "until-found":
        return True
    if attributes.get("aria-hidden") == "true" and measure.text < _ICON_TEXT:
        return True
    if tag != "a" or not attributes.get("href", "").startswith("#"):
        return False
    text = node.text().strip()
    return text in _SIGNS or bool(_SKIP.match(text))
