"""What the console does with gaps: the same as `phi3 gaps`, and as the bot's form."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.console_work import Work, WorkHere, refresh_gaps
from console.needs.gaps import GapNeeds, GapView, GapViewer
from domain.gaps import Closing
from records.gaps import Gaps

if TYPE_CHECKING:
    from bot.gaps.overview import Overview
    from cli.wiring import Container


def gap_needs(container: "Container", work: "Work | None" = None) -> GapNeeds:
    """Without ``work`` all is done in this process."""
    work = work or WorkHere(container)
    records = Gaps(container.database)

    def overview() -> "Overview":
        from bot.gaps.overview import Overview
        from records.channels import Channels

        return Overview(records, container.sources, Channels(container.database))

    def largest(viewer: GapViewer, limit: int) -> Sequence[GapView]:
        now, shown = datetime.now(UTC), overview()
        found = [
            view
            for team in records.teams_with_gaps()
            for view in shown.largest(team, viewer, limit, now)
        ]
        return sorted(found, key=lambda view: (-view.questions, -view.people, view.gap.id))[:limit]

    def refresh() -> None:
        work.run(refresh_gaps)

    def close(gap_id: str, by: str) -> bool:
        from bot.gaps.closing import closing_job

        gap, now = records.find(gap_id), datetime.now(UTC)
        # Nobody can be told who asked in the terminal or in the console.
        jobs = [closing_job(gap_id, gap.team, now)] if gap and gap.team else []
        return records.close(gap_id, Closing.ANSWERED, by, "", now, jobs)

    return GapNeeds(largest, lambda gap_id, viewer: overview().one(gap_id, viewer), refresh, close)
