"""What the next night would train on and compare on; no model server is needed for that."""

from typing import TYPE_CHECKING

from cli.experts import known_experts

if TYPE_CHECKING:
    from cli.wiring import Container
    from training.selection.plan import Plan


def night_plan(container: "Container") -> "Plan":
    """The rows that a night which began now would choose.

    Raises DatabaseUnavailable, and RetrievalError if the index cannot be read.
    """
    from cli.current_passages import CurrentPassages
    from domain.fitting import longest_row
    from training.golden import same_as
    from training.privacy import Privacy
    from training.recipe import Recipe
    from training.replay import count as starters
    from training.selection.plan import Bounds, plan
    from training.selection.reading import most_read, to_read

    chosen, kept_out = container.settings, container.consent.kept_out()
    recipe = Recipe(preferences=chosen.preferences)
    longest = longest_row(chosen.prompt_budget, chosen.max_tokens)
    bounds = Bounds(longest, chosen.night_tokens, recipe.passes, starters)
    reading = to_read(container.ratings.briefly(), kept_out, most=most_read(bounds.room))
    return plan(
        container.ratings.rated(reading.answer_ids),
        bounds,
        cards=container.cards.verified(),
        may_train=Privacy(container.grants, container.answers, kept_out).may_train,
        kept_out=kept_out,
        is_golden=same_as(container.golden.all()),
        budget=chosen.prompt_budget,
        is_expert=known_experts(container),
        unread=reading.left_out,
        is_current=CurrentPassages(container.sources, lambda: container.index).has_all,
    )
