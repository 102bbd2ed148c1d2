"""Equations of Office files in one line of text, as in ``(a + b)/2`` and ``x^2``."""

from knowledge.readers.office import M
from knowledge.readers.zipped import Element


def equation(element: Element) -> str:
    """The text of ``m:oMath`` and whatever stands in it. As deep as the XML, 256 elements."""
    tag = element.tag
    if tag == f"{M}t":
        return element.text or ""
    if tag == f"{M}f":
        return f"{_term(element, 'num')}/{_term(element, 'den')}"
    if tag == f"{M}rad":
        degree = _part(element, "deg")
        return f"√({_part(element, 'e')})" if not degree else f"{degree}√({_part(element, 'e')})"
    if tag in (f"{M}sSup", f"{M}sSub", f"{M}sSubSup"):
        lowered, raised = _term(element, "sub"), _term(element, "sup")
        base = _part(element, "e")
        return base + (f"_{lowered}" if lowered else "") + (f"^{raised}" if raised else "")
    if tag == f"{M}nary":
        sign = element.find(f"{M}naryPr/{M}chr")
        lowered, raised = _term(element, "sub"), _term(element, "sup")
        limits = (f"_{lowered}" if lowered else "") + (f"^{raised}" if raised else "")
        return (
            f"{sign.get(f'{M}val', '') if sign is not None else '∫'}{limits} {_part(element, 'e')}"
        )
    if tag == f"{M}d":
        return f"({', '.join(filter(None, map(_inside, element.iterfind(f'{M}e'))))})"
    if tag == f"{M}m":
        rows = (
            ", ".join(map(_inside, row.iterfind(f"{M}e"))) for row in element.iterfind(f"{M}mr")
        )
        return f"[{'; '.join(rows)}]"
    return _inside(element)


def _inside(element: Element) -> str:
    return "".join(map(equation, element))


def _part(element: Element, name: str) -> str:
    part = element.find(f"{M}{name}")
    return "" if part is None else _inside(part)


def _term(element: Element, name: str) -> str:
    """In brackets, where it is more than one sign or number."""
    text = _part(element, name).strip()
    return text if text.isalnum() or len(text) < 2 else f"({text})"
