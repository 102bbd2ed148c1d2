"""Equations of pages (MathML) in one line of text, as in ``(a + b)/2`` and ``10^6``."""

from selectolax.lexbor import LexborNode

from knowledge.readers.clean import line
from knowledge.readers.html_tree import children

_LEFT_OUT = ("annotation", "annotation-xml", "mphantom", "none", "mprescripts")
_SIGNS = {"msub": "_", "munder": "_", "msup": "^", "mover": "^"}
_BOTH = ("msubsup", "munderover")


def equation(node: LexborNode) -> str:
    """The text of ``math`` and whatever stands in it. As deep as the page, which is bounded."""
    tag = node.tag or ""
    if node.is_text_node:
        return line(node.text_content or "")
    if tag in _LEFT_OUT:
        return ""
    parts = [child for child in children(node) if child.is_element_node]
    if tag == "mfrac" and len(parts) == 2:
        return f"{_term(parts[0])}/{_term(parts[1])}"
    if tag in _SIGNS and len(parts) == 2:
        return f"{equation(parts[0])}{_raised(_SIGNS[tag], parts[1])}"
    if tag in _BOTH and len(parts) == 3:
        return f"{equation(parts[0])}{_raised('_', parts[1])}{_raised('^', parts[2])}"
    if tag == "mroot" and len(parts) == 2:
        return f"{equation(parts[1])}√({equation(parts[0])})"
    if tag == "msqrt":
        return f"√({_inside(node)})"
    if tag == "mtr":
        return f"{', '.join(map(equation, parts))}; "
    return _inside(node)


def _inside(node: LexborNode) -> str:
    return "".join(map(equation, children(node)))


def _raised(sign: str, node: LexborNode) -> str:
    term = _term(node)
    return f"{sign}{term}" if term else ""


def _term(node: LexborNode) -> str:
    """In brackets, where it is more than one name or number."""
    text = equation(node)
    is_one = text.isalnum() or len(text) < 2 or text.lstrip("-−").replace(".", "").isdigit()
    return text if is_one else f"({text})"
