"""Makes text from people, documents and models harmless: it has no mentions and no links.

Slack reads markup in three ways. Text in rich_text blocks is literal and needs no escaping.
``mrkdwn`` (the ``text`` of a message) needs its three control characters escaped. Markdown (in
``markdown`` blocks and streams) reads those too, and makes links from what looks like an address.
"""

import re

_JOINER = "\u2060"
"""A word joiner: it is invisible, and an address or name that contains it is no longer one."""

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

# The sign before a name; of a scheme; of a link's or definition's address behind its label.
_SIGN = re.compile(
    r"[@#](?=[^\W\d])"
    r"|(?<=<)[@#!]"
    r"|(?:(?<=\w)|\A):(?=//)"
    r"|(?i:(?<=mailto)|(?<=javascript)|(?<=data)|(?<=vbscript)|(?<=file)|(?<=slack)|(?<=tel)"
    r"|(?<=sms)|(?<=callto)|(?<=skype)|(?<=xmpp)|(?<=ftp)|(?<=app)|(?<=blob)|(?<=view-source)):(?=\S)"
    r"|\](?=[(\[:])"
)
# The dots of evil.com, not that of 3.5, e.g. or sys.argv; also those of international names.
_DOT = re.compile(
    r"(?:(?<=\w)|\A)\.(?=([^\W\d_](?:[\w-]*\w)?))|(?<=[A-Za-z0-9])[。．｡](?=([A-Za-z](?:[\w-]*\w)?))"
)
_WIDE_TLDS = frozenset(
    "academy agency app arpa art asia auction auto bank bar best bid bike biz blog buzz cafe cam "
    "camp cards care cash casino cat center chat city click cloud club codes coffee com company "
    "cool coop date deals dev digital direct domains download education email energy events "
    "example exchange expert express fail family fans farm finance fit fun fund games gift global "
    "gov group guide guru health help homes host icu inc info ink institute insure int invalid "
    "jobs kim land legal lgbt life link live loan lol ltd market media men mil mobi moe monster "
    "mov museum name net network news ninja one onion online org page partners party photo pics "
    "pink place plus post press pro pub quest racing red rent report rest review rip rocks run "
    "sale sbs school science security services sex shop site social software solutions space "
    "store stream studio style support surf systems team tech technology tel test tips today "
    "tools top toys trade training travel tube university vip vote watch web wiki win work works "
    "world wtf xxx xyz zip zone".split()
)
_CODE_ENDINGS = frozenset(
    "as at be cc cs do go id in is js kt md my no or pl ps py rb rs sh so to ts".split()
)
"""Two letters that are a country's and are more often an ending of a file or a word of code."""

_MARKUP_IN_CODE = re.compile(
    r"<(?=[@#][A-Za-z0-9]+[|>]|![A-Za-z]+(?:[|>^])|(?:https?|mailto|slack|tel)\b:)"
)
_REFERENCE = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def escape_mrkdwn(text: str) -> str:
    """``text`` for a ``mrkdwn`` field, in which it makes no mention, channel or link."""
    return text.translate(_ENTITIES)


def escape_markdown(text: str) -> str:
    """A piece of prose for Markdown, in which it makes no mention or link."""
    text = _SIGN.sub(lambda found: found[0] + _JOINER, text)
    return _DOT.sub(_after_dot, text).translate(_ENTITIES)


def escape_code(text: str) -> str:
    """Code for Markdown: only the ``<`` of what Slack would read as a mention or link changes."""
    return _MARKUP_IN_CODE.sub("&lt;", text)


def _after_dot(found: re.Match[str]) -> str:
    """A dot, with a joiner if what follows it ends an address."""
    n = 1 if found[1] else 2
    label, text, end = found[n].lower(), found.string, found.end(n)
    behind = text[end : end + 2]
    if _is_www(text, found.start()) or (behind[:1] in ("/", ":") and behind[1:].isalnum()):
        return found[0] + _JOINER
    if behind[:1] == "." and behind[1:].isalnum():
        return found[0]
    is_country = len(label) == 2 and label not in _CODE_ENDINGS
    ends_address = is_country or label in _WIDE_TLDS or not label.isascii()
    return found[0] + _JOINER if ends_address else found[0]


def _is_www(text: str, dot: int) -> bool:
    return text[max(0, dot - 3) : dot].lower() == "www"


def plain_text(text: str, me: str = "") -> str:
    """A person's text as Slack shows it, without the mention of ``me``."""
    shown = _REFERENCE.sub(lambda found: _shown(found, me), text)
    return unescaped(shown).strip()


def unescaped(text: str) -> str:
    """``text`` as Slack shows it: it escapes only these three."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(found: re.Match[str], me: str) -> str:
    sign, name, label = found.groups()
    if sign == "@" and name == me:
        return " "
    if sign == "!":
        return label or "@" + name.split("^")[0]
    return f"{sign}{label or name}" if sign else (label or name).removeprefix("mailto:")
