"""The night trains an adapter, which then answers, and can be rolled back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.reading import read_targets
from cli.targets import Wanted
from domain.adapters import Outcome
from tests.journeys.conftest import Office
from tests.payloads import mention
from tests.training.nights import keep, nightly, rows


@pytest.mark.slow
def test_the_same_question_is_answered_by_the_new_adapter_and_by_the_old_after_a_rollback(
    office: Office, model: Path
) -> None:
    container = office.container
    (office.documents / "brakes.md").write_text("# Brakes\n\nPads are changed at a millimetre.\n")
    read_targets(container, [str(office.documents)], Wanted())

    def ask(n: int) -> tuple[str, str | None]:
        office.send.event(mention(n, text="When are brake pads changed?"))
        answer = office.answered()
        return answer.text, answer.adapter

    before = ask(0)
    assert before[1] is None

    keep(container.database, rows(60))
    run = nightly(container.database, container.settings.home, container.server, model).run(
        datetime.now(UTC)
    )
    assert run.outcome is Outcome.PROMOTED

    after = ask(1)
    assert after[1] == run.adapter
    assert after[0] != before[0]

    container.adapters.rollback(datetime.now(UTC))
    assert ask(2) == before
    assert run.adapter in container.server.models()
