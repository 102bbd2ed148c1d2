"""A rated answer without its words, to decide which ones a night reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RatedBriefly:
    """Who rated an answer, in order of their ids, and which of them wrote what is right.

    ``is_bad``: somebody says that the answer is bad. ``is_open``: everyone could read where the
    question was asked; what its passages are is not known here.
    """

    answer_id: str
    asked_by: str
    is_open: bool
    raters: tuple[str, ...]
    wrote: frozenset[str] = frozenset()
    is_bad: bool = False
