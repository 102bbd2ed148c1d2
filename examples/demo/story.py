"""The steps of the demo, in order: a good answer, bad ones, the ratings, the night, and its undo.

Nothing of it is canned: what is shown is what the model answered just now, and the night may as
well reject its adapter.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean
from uuid import uuid4

from cli.asking import each_in_order, question_of
from cli.night_plan import night_plan
from cli.printing import progress
from cli.reading import read_targets
from cli.run_night import run_night
from cli.settings import Settings
from cli.targets import Wanted
from cli.wiring import Container
from domain.adapters import TERMINAL, Order, Outcome, TrainingRun
from domain.causes import Cause
from domain.errors import EmptyAnswer
from domain.links import titled
from domain.questions import Answer
from examples.demo.decision import decision
from examples.demo.fates import fates, of_cause
from examples.demo.pictures import compared, console, curve, plain, table
from examples.demo.team import EXAMPLES, RATED, Asked, Rated, rate_all, sample
from training.agreement import f1
from training.progress import TrainingProgress
from training.report.files import page_of

FIRST = "Where's the fire assembly point at the Works?"
ASKED_AGAIN = 16
"""How many other questions are asked before the night and after it."""

_AT_ONCE = 8
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Twice:
    """The answers to one question before and after the night."""

    asked: Asked
    old: Answer
    new: Answer

    @property
    def gain(self) -> float:
        """By how much more the new one overlaps with the right words."""
        right = self.asked.words
        return f1(self.new.text, right) - f1(self.old.text, right)


def tell(settings: Settings) -> None:
    """Tells the whole story. ``settings`` name a model server that runs."""
    asked = sample()
    of_day, again = asked[:RATED], asked[RATED : RATED + ASKED_AGAIN]
    with Container(settings) as container:
        read_documents(container)
        answer_one(container)
        before = ask_all(container, again, "Questions to ask again after the night")
        rated = spend_day(container, of_day)
        show_what_trains(container, rated)
        run = spend_night(container)
        twice = show_morning(container, run, before)
        undo(container, run, twice)


def read_documents(container: Container) -> None:
    step(1, "Documents in", "an invented company's handbook: Markdown, PDF, DOCX and HTML")
    report = read_targets(container, [str(EXAMPLES / "handbook")], Wanted())[0]
    console.print(plain(report.sentence()))


def answer_one(container: Container) -> None:
    """Asks one question, and shows the answer with its sources as a person sees it."""
    step(
        2,
        "A question, an answer",
        f"{container.server.model} answers from passages of the handbook",
    )
    console.print(f"[bold]> {plain(FIRST)}")
    for answer in ask_all(container, [Asked(FIRST, "")], "A question").values():
        console.print(plain(answer.text))
        for citation in answer.citations:
            name = f"[{citation.n}]" if citation.supports else "nearest:"
            title = titled(citation.title, citation.where.label)
            console.print(plain(f"{name} {title}: “{citation.quote}”"), style="dim")
    console.print(f"({container.live_adapter() or 'the base model'} answered)", style="dim")


def spend_day(container: Container, asked: Sequence[Asked]) -> list[Rated]:
    step(
        3,
        "A day of questions",
        "ten colleagues ask, and press 👍, or 👎 and write what is right",
    )
    answers = ask_all(container, asked, "A day of questions")
    rated = rate_all(answers, container.ratings.rate)
    wrong = [one for one in rated if not one.is_liked]
    liked = len(rated) - len(wrong)
    console.print(f"{liked} 👍, {len(wrong)} 👎 for what is wrong or no answer. Some of them:")
    rows = [(one.asked.text, one.answer.text, one.asked.words) for one in wrong[:_SHOWN]]
    console.print(table(("asked", "answered 👎", "a colleague wrote"), rows, lines=True))
    return rated


def show_what_trains(container: Container, rated: Sequence[Rated]) -> None:
    """What `phi3 train --dry-run` says: what the night makes of the ratings, and why."""
    step(
        4,
        "What bad answers teach",
        "training helps only where the right passage was shown and the model missed it",
    )
    plan = night_plan(container)
    rows = [(one.kind, one.trained, one.held_back, one.left_out) for one in fates(rated, plan)]
    console.print(table(("answers", "train", "held back", "left out"), rows))
    for one in of_cause(rated, plan, Cause.RETRIEVAL):
        console.print(plain(f"Not found, so the search has to change: {one.asked.text}"))
    for one in of_cause(rated, plan, Cause.DOCUMENT):
        console.print(
            plain(f"The document may say otherwise, so its owner is asked: {one.asked.text}")
        )
    for reason, ids in plan.left_out.items():
        console.print(f"{len(ids)} left out: {reason}", style="dim")
    shares = ", ".join(f"{by.partition(':')[2]} {part:.0%}" for by, part in plan.shares.items())
    console.print(plain(f"Nobody gives more than a fifth of what trains: {shares}"), style="dim")


def spend_night(container: Container) -> TrainingRun:
    step(
        5,
        "The night",
        "trains on these and on starter rows, and compares with the live adapter",
    )
    losses: list[float] = []

    def listen(progress: TrainingProgress) -> None:
        if progress.stage == "Training":
            losses.append(progress.loss)

    run = run_night(container, listen)
    if losses:
        console.print(f"The loss over {len(losses)} training steps:")
        console.print(*curve(losses), sep="\n")
    if run.evaluation:
        console.print(f"\n{run.evaluation.questions} held-back questions; the answer …")
        console.print(compared(run.evaluation))
    console.print(f"\n[bold]{plain(decision(run))}")
    if page := page_of(run):
        console.print("\nThe night's report:", style="dim")
        console.print(str(page), style="dim", soft_wrap=True)
    return run


def show_morning(
    container: Container, run: TrainingRun, before: Mapping[Asked, Answer]
) -> list[Twice]:
    """Asks again what was asked before the night, and shows the answers that changed."""
    step(6, "The morning after", f"{container.live_adapter() or 'the base model'} answers")
    if run.outcome is not Outcome.PROMOTED:
        console.print("The live one stayed, so the answers should be the old ones.")
    after = ask_all(container, list(before), "The same questions, after the night")
    twice = [Twice(asked, before[asked], new) for asked, new in after.items()]
    changed = [one for one in twice if one.old.text != one.new.text]
    if changed:
        rows = [
            (one.asked.text, one.asked.words, _marked(one, one.old), _marked(one, one.new))
            for one in changed[:_SHOWN]
        ]
        console.print(table(("asked", "right", "before", "after"), rows, lines=True))
    console.print(f"{len(changed)} of {len(twice)} answers changed.")
    _print_share("before", before)
    _print_share("after", after)
    return twice


def undo(container: Container, run: TrainingRun, twice: Sequence[Twice]) -> None:
    """Rolls the night back, shows that the old answer is back, and promotes the adapter again."""
    step(7, "The undo", "phi3 adapters rollback")
    if run.outcome is not Outcome.PROMOTED or not run.adapter:
        console.print("There is nothing to undo: the night changed nothing.")
        return
    changes = container.adapter_changes
    changes.rollback(_order())
    console.print(f"{container.live_adapter() or 'The base model'} answers again.")
    # One that changed, if any did, and of these the one that gained most.
    telling = max(twice, key=lambda one: (one.old.text != one.new.text, one.gain))
    again = container.answerer.answer(question_of(telling.asked.text))
    console.print(f"[bold]> {plain(telling.asked.text)}")
    said = {"before the night": telling.old, "after it": telling.new, "after the undo": again}
    for when, answer in said.items():
        console.print(f"{when:>16}: {plain(answer.text)}")
    if again.text == telling.old.text:
        console.print("The old answer is back, word for word.")
    else:
        console.print("That is not the old answer word for word.")
    changes.promote(run.adapter, _order())
    console.print("\nThe night's adapter is better, so it is promoted again:")
    console.print(f"phi3 adapters promote {run.adapter}", style="dim")


def ask_all(container: Container, asked: Sequence[Asked], what: str) -> dict[Asked, Answer]:
    """The answers in the order of the questions; those that the model left empty are missing.

    Ctrl-C waits only for the answers that have begun.
    """

    def ask(each: Asked) -> Answer:
        return container.answerer.answer(question_of(each.text))

    answers = {}
    with progress() as bars:
        coming = each_in_order(asked, ask, _AT_ONCE)
        waited = bars.track(coming, total=len(asked), description=what)
        for each, done in zip(asked, waited, strict=True):
            with suppress(EmptyAnswer):
                answers[each] = done.result()
    if missing := len(asked) - len(answers):
        console.print(f"The model gave {missing} empty answers.")
    return answers


def step(number: int, name: str, what: str) -> None:
    console.print()
    console.rule(f"[bold]{number}. {name}", align="left")
    console.print(what, style="dim")


def _marked(one: Twice, answer: Answer) -> str:
    return f"✓ {answer.text}" if one.asked.is_right(answer) else answer.text


def _print_share(when: str, answers: Mapping[Asked, Answer]) -> None:
    """How many answers are right, and how far they overlap with the right words."""
    right = sum(asked.is_right(answer) for asked, answer in answers.items())
    overlaps = [f1(answer.text, asked.words) for asked, answer in answers.items()]
    mean = fmean(overlaps) if overlaps else 0.0
    console.print(
        f"{when}: {right} of {len(answers)} right, word overlap with the right words {mean:.2f}"
    )


def _order() -> Order:
    return Order(TERMINAL, datetime.now(UTC), f"{TERMINAL}:{uuid4()}")
