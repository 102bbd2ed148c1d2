"""Finds keys and tokens by how their makers write them, and by the words before them."""

import re

_KNOWN = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY"
    r"|(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|gh[pousr]_[A-Za-z0-9]{20}|github_pat_[A-Za-z0-9_]{20}|glpat-[A-Za-z0-9_-]{16}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10}|xapp-[A-Za-z0-9-]{10}"
    r"|sk-[A-Za-z0-9_-]{20}|[sr]k_(?:live|test)_[A-Za-z0-9]{16}"
    r"|AIza[A-Za-z0-9_-]{30}|ya29\.[A-Za-z0-9_-]{20}|SG\.[A-Za-z0-9_-]{16}"
    r"|hf_[A-Za-z0-9]{30}|npm_[A-Za-z0-9]{30}|pypi-[A-Za-z0-9_-]{30}|dop_v1_[a-f0-9]{30}"
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10}"
    r")"
)
_NAMED = re.compile(
    r"(?<![A-Za-z])(?:api[ _-]?key|api[ _-]?token|access[ _-]?key|access[ _-]?token|auth[ _-]?token"
    r"|client[ _-]?secret|secret[ _-]?key|private[ _-]?key|bearer|licen[cs]e key|account ?key"
    r"|api-schlüssel|zugriffsschlüssel|clé api|clave api|clave de api|chiave api|chave api"
    r"|api-sleutel|klucz api|ключ api|apiキー|api密钥|api金鑰|api키)"
    r"[\"'”]?(?: is| ist| lautet| est| es| è| é|は|是)?[ :=\"'“`]{1,4}"
    r"(?=[A-Za-z0-9+/_.-]{0,60}\d)[A-Za-z0-9+/_.-]{8}",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"://[^\s/?#:@]{0,100}:[^\s/@]{1,200}@")


def holds_key(text: str) -> bool:
    """Whether ``text`` has a key, a token, or an address with a login."""
    return any(pattern.search(text) for pattern in (_KNOWN, _NAMED, _LOGIN))
