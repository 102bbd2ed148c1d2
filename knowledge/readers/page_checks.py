"""Tells what a server sends instead of a page: a login, an empty frame, "not found", a way on."""

import re

from selectolax.lexbor import LexborNode

from domain.blocks import Block, Code, Content, Heading, ItemList, Paragraph
from knowledge.readers.clean import line
from knowledge.readers.html_tree import absolute, attributes
from knowledge.readers.page_problems import LEADS_ON, LOGIN, NEEDS_JAVASCRIPT, NOT_FOUND

_SHORT = 800  # characters; what a login page or the like says beside its form
_SHELL = 200  # characters that a page shows while its scripts are not run
_BARE = 100  # characters that a page shows whose form leads to the login of another site
_UNTYPED = frozenset("hidden submit button image reset checkbox radio".split())
_NAMING = ("type", "name", "id", "autocomplete", "placeholder")
_LOOKED_AT = 200_000  # characters of a page's source that are searched for what it asks
_LATER = 30  # seconds after which a page that leads on is one that reloads itself
_LOGIN = re.compile(
    r"(?:please )?(?:sign|log)[ -]?(?:in|on)\b|login\b|authentication required|single sign-on|"
    r"anmeld(?:en|ung)\b|bitte (?:melden sie sich an|anmelden)|(?:se )?connecter\b|connexion\b|"
    r"iniciar sesi[oó]n|accedi\b|inloggen|logga in|zaloguj|вход\b|войти\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"user|log[-_]?[io]n|mail|account|benutzer|anmelde|konto|kennung|identi|usuario|correo|"
    r"utilisateur|utente|gebruiker|логин|почт",
    re.IGNORECASE,
)
_SAYS_NOT_FOUND = (
    r"(?:(?:error|http|fehler|erreur):? )?404(?:[- ](?:error|fehler|page))?|"
    r"(?:oops\W{0,3}\s*)?(?:the |this |that )?(?:page|document|file|content|site) "
    r"(?:you requested |you are looking for |requested )?"
    r"(?:(?:was |could |can)?not (?:be )?found|(?:does not|doesn.t|no longer) exists?)|"
    r"(?:page )?not found|nothing (?:was )?found here|"
    r"(?:die )?seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|"
    r"página no encontrada|pagina non trovata|pagina niet gevonden|nie znaleziono strony|"
    r"страница не найдена"
)
_NOT_FOUND = re.compile(
    rf"(?:{_SAYS_NOT_FOUND})(?:[\W_]{{1,5}}(?:{_SAYS_NOT_FOUND})){{0,3}}"
    r"(?: on this \w{1,20})?[\W\d_]{0,5}"
    # The name of the site, or another sentence; "404 errors" is what a page is about.
    r"(?:(?<=[-–—|·•] )(?-i:[^\W_a-zß-ÿ])[^|]{0,60}|(?<=[.!] ).{1,300})?",
    re.IGNORECASE | re.DOTALL,
)
_ASKS_FOR_SCRIPTS = re.compile(
    r"(?:enable|activate|turn on|requires?|needs?|without|aktivieren|activer) (?:\w{1,20} ){0,3}"
    r"javascript|"
    r"javascript (?:\w{1,20} ){0,3}(?:enabled|disabled|required|aktivier|activé|deaktiviert)",
    re.IGNORECASE,
)
_REFRESH = re.compile(
    r"\s*+(\d{1,6}+)?[\d.]*+\s*+[;,]?\s*+(?:url\s*+=\s*+)?['\"]?([^'\"]*+)", re.IGNORECASE
)
_SHELLS = "#root, #app, #__next, #__nuxt, app-root, [data-reactroot], [ng-app]"
_SIGN_ON = "input[name=SAMLRequest], input[name=SAMLResponse], input[name=wresult]"


def problem(root: LexborNode, page: Content, source: str, address: str) -> str:
    """Why the page ``root``, fetched from ``address``, is not the one that was asked for.

    Empty if it is a page. ``page`` is what the reader found in it, ``source`` its HTML.
    """
    if refresh_target(root, address):
        return LEADS_ON
    said = texts_of(page.blocks)
    named = [page.title, *_first_words(page.blocks), line(_text_of(root, "title"))]
    if _is_login(root, said, named):
        return LOGIN
    if len(said) < _SHORT and any(_NOT_FOUND.fullmatch(name) for name in named):
        return NOT_FOUND
    return NEEDS_JAVASCRIPT if _is_shell(root, said, source) else ""


def refresh_target(root: LexborNode, address: str) -> str:
    """Where the page at ``address`` sends browsers by itself; empty if it stays."""
    for meta in root.css("meta[http-equiv]"):
        given = attributes(meta)
        if given["http-equiv"].strip().lower() != "refresh":
            continue
        found = _REFRESH.match(given.get("content", ""))
        if not found or int(found[1] or 0) > _LATER or not found[2].strip():
            continue
        target = absolute(address, found[2])
        if target.startswith(("http://", "https://")) and _page(target) != _page(address):
            return target
    return ""


def texts_of(blocks: tuple[Block, ...]) -> str:
    """All that ``blocks`` say, for those who look for words in it."""
    found: list[str] = []
    for block in blocks:
        if isinstance(block, ItemList):
            found += [item.text for item in block.items]
        elif isinstance(block, Heading | Paragraph | Code):
            found.append(block.text)
        else:
            rows = (*block.header, *block.rows)
            found += [block.caption, *(cell for row in rows for cell in row)]
    return "\n".join(found)


def _page(address: str) -> str:
    return address.partition("#")[0].rstrip("/")


def _first_words(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks[:3] if isinstance(block, Heading | Paragraph)]


def _text_of(root: LexborNode, selector: str) -> str:
    found = root.css_first(selector)
    return found.text() if found is not None else ""


def _is_login(root: LexborNode, said: str, named: list[str]) -> bool:
    if root.css_first(_SIGN_ON) is not None:
        return True
    if len(said) > _SHORT:
        return False
    if root.css_first("input[type=password]") is not None:
        return True
    if not any(_LOGIN.match(name) for name in named):
        return False
    return any(_asks_who(form, is_bare=len(said) < _BARE) for form in root.css("form"))


def _asks_who(form: LexborNode, *, is_bare: bool) -> bool:
    """Whether a form asks for an account, or ``is_bare`` and only leads to who does."""
    fields = [attributes(each) for each in form.css("input")]
    typed = [each for each in fields if each.get("type", "text").lower() not in _UNTYPED]
    if not typed:
        return is_bare
    return any(_ACCOUNT.search(" ".join(each.get(name, "") for name in _NAMING)) for each in typed)


def _is_shell(root: LexborNode, said: str, page: str) -> bool:
    if len(said) > _SHELL:
        return False
    has_scripts = root.css_first("script") is not None
    if _ASKS_FOR_SCRIPTS.search(said or page[:_LOOKED_AT]):
        return True
    frame = root.css_first(_SHELLS)
    is_empty = frame is not None and not frame.text().strip()
    return has_scripts and (is_empty or not said.strip())
