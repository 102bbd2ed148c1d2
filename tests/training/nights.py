"""A night with a real database, a real server and the tiny Phi-3, here or in its own process.

python -m tests.training.nights DATABASE_URL HOME SERVER_URL MODEL_FOLDER STAGE [TAKES]

runs a night that prints when it reaches STAGE, and then waits to be killed. A few preferences are
enough then. While it trains the server gives TAKES back, for two seconds at a time.
"""

import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from domain.documents import Source, SourceState
from domain.fitting import BUDGET, longest_row
from domain.questions import RatedAnswer
from records.adapter_changes import AdapterChanges
from records.adapters import Adapters
from records.answers import Answers
from records.came_in import Incoming
from records.cards import Cards
from records.compared_nights import ComparedNights
from records.consent import Consent
from records.database import Database
from records.grants import Grants
from records.night_rows import NightRows
from records.ratings import Ratings
from records.runs import Runs
from records.sources import Sources
from records.trials import Trials
from serving.client import ServerClient
from serving.models import ModelFiles
from tests.training.makers import NOW, down, rated
from training import checkpoints, preference_rows, room
from training.canary import Canary
from training.nightly import Nightly, Server
from training.privacy import Privacy
from training.progress import TrainingProgress
from training.recipe import Recipe
from training.replay import count as starters
from training.report.nights import Nights
from training.report.reports import Reports
from training.selection.plan import NIGHT_TOKENS, Bounds, Plan, plan

FEW = 8
RECIPE = Recipe(r=4, alpha=8, learning_rate=1e-2, batch=4, epochs=2)
ACCEPTED = "the brake"


def rows(n: int) -> list[RatedAnswer]:
    """Answers that a person corrected, all in the same two words."""
    return [rated(i, down(correction=ACCEPTED), fact=f"The brake, number {i}.") for i in range(n)]


def keep(db: Database, found: list[RatedAnswer]) -> None:
    answers, ratings, sources = Answers(db), Ratings(db), Sources(db)
    for one in found:
        for shown in one.answer.passages:
            row = Source(shown.source, shown.audience, SourceState.INDEXED, "me", NOW)
            sources.save(row)
        answers.ask(one.question)
        answers.record(one.answer)
        for rating in one.ratings:
            ratings.rate(rating)


def planned(db: Database) -> Plan:
    kept_out = Consent(db).kept_out()
    return plan(
        Ratings(db).rated(),
        Bounds(longest_row(BUDGET, 8), NIGHT_TOKENS, RECIPE.epochs, starters),
        cards=Cards(db).verified(),
        may_train=Privacy(Grants(db), Answers(db), kept_out).may_train,
        budget=BUDGET,
        kept_out=kept_out,
    )


def nightly(
    db: Database, home: Path, server: Server, model: Path, share: float = 0.0, **options: object
) -> Nightly:
    """What it promotes is first on trial with a ``share`` of the threads."""
    changes, trials = AdapterChanges(db, lambda _: None), Trials(db)
    given = {"minimum": 40, "max_tokens": 8, "grace": 0.0, "recipe": RECIPE} | options
    return Nightly(
        plan=lambda: planned(db),
        adapters=Adapters(db),
        canary=Canary(Adapters(db), changes, trials, model.name, share=share),
        runs=Runs(db),
        reports=Reports(home / "nights", nights(db)),
        night_rows=NightRows(db),
        compared=ComparedNights(db),
        server=server,
        base=ModelFiles(model.name, str(model)),
        home=home,
        **given,  # type: ignore[arg-type]
    )


def nights(db: Database) -> Nights:
    changes = AdapterChanges(db, lambda _: None)
    return Nights(Runs(db), Adapters(db), changes, Trials(db), Incoming(db))


def main() -> None:
    url, home, server_url, model, stage, *takes = sys.argv[1:]
    room.LEASE, room.RENEWED = 5.0, 0.5
    checkpoints.EVERY = 0.0
    preference_rows.FEWEST = FEW
    recipe = replace(RECIPE, preferences="dpo" if stage == "Preferences" else "off")

    def wait(step: TrainingProgress) -> None:
        if step.stage == stage and step.done == 3:
            print("here", flush=True)  # noqa: T201
            time.sleep(600)

    with closing(Database(url)) as db, closing(ServerClient(server_url)) as server:
        nightly(
            *(db, Path(home), server, Path(model)),
            progress=wait,
            recipe=recipe,
            make_room=lambda: room.room_on(server, takes[0] if takes else "nothing"),
        ).run(NOW)


if __name__ == "__main__":
    main()
