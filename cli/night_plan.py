"""What the next night would train on and compare on; no model server is needed for that."""

from typing import TYPE_CHECKING

from cli.experts import known_experts

if TYPE_CHECKING:
    from cli.wiring import Container
    from training.selection.plan import Plan


def night_plan(container: "Container") -> "Plan":
    """The rows that a night which began now would choose. Raises DatabaseUnavailable."""
    from domain.fitting import longest_row
    from training.golden import same_as
    from training.privacy import Privacy
    from training.recipe import Recipe
    from training.replay import count as starters
    from training.selection.plan import Bounds, plan

    chosen, kept_out = container.settings, container.consent.kept_out()
    longest = longest_row(chosen.prompt_budget, chosen.max_tokens)
    return plan(
        container.ratings.rated(),
        Bounds(longest, chosen.night_tokens, Recipe().epochs, starters),
        cards=container.cards.verified(),
        may_train=Privacy(container.grants, container.answers, kept_out).may_train,
        kept_out=kept_out,
        is_golden=same_as(container.golden.all()),
        budget=chosen.prompt_budget,
        is_expert=known_experts(container),
    )
