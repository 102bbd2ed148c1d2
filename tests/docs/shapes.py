"""Whether JSON has the keys and kinds of values that an example of it has."""

from itertools import chain
from typing import Any

ANY_KEY = "…"


def misfits(example: Any, found: Any, at: str = "", *, is_first: bool = True) -> list[str]:
    """Where ``found`` is not like ``example``, as lines; empty if it is.

    A list is like an example of one element if all of its elements are like that, and it has some;
    in further elements of another list (not ``is_first``) it may have none. An object with the key
    `…` may have any keys. Null is like everything.
    """
    if example is None or found is None:
        return []
    if _kind(example) != _kind(found):
        return [f"{at or 'it'} is {_kind(found)}, not {_kind(example)}: {found!r}"]
    if isinstance(example, dict):
        return _in_object(example, found, at, is_first=is_first)
    if isinstance(example, list):
        if not found and not is_first:
            return []
        if bool(example) is not bool(found):
            return [f"{at} has {len(found)} elements: {found!r}"]
        each = (
            misfits(example[0], one, f"{at}[{n}]", is_first=is_first and n == 0)
            for n, one in enumerate(found)
        )
        return list(chain.from_iterable(each))
    return []


def _in_object(
    example: dict[str, Any], found: dict[str, Any], at: str, *, is_first: bool
) -> list[str]:
    if ANY_KEY in example:
        example = dict.fromkeys(found, example[ANY_KEY])
    lines = [f"{at}.{key} is missing" for key in example.keys() - found.keys()]
    lines += [f"{at}.{key} is not in the example" for key in found.keys() - example.keys()]
    for key in example.keys() & found.keys():
        lines += misfits(example[key], found[key], f"{at}.{key}", is_first=is_first)
    return sorted(lines)


def _kind(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}[type(value)]
