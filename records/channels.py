"""What the people of channels chose for them."""

from collections.abc import Collection

from sqlalchemy import select

from domain.channels import ChannelSettings
from records.database import Database
from records.rows import columns, insert, values
from records.tables import channel_settings

_CHOSEN = columns(channel_settings, ChannelSettings)


class Channels:
    """Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def settings(self, team: str, channel: str) -> ChannelSettings:
        """What was chosen for a channel, or else the defaults."""
        return self.chosen(team, [channel]).get(channel) or ChannelSettings()

    def chosen(self, team: str, channels: Collection[str]) -> dict[str, ChannelSettings]:
        """What was chosen, by channel, for those of ``channels`` for which something was."""
        query = select(channel_settings.c.channel, *_CHOSEN).where(
            channel_settings.c.team == team, channel_settings.c.channel.in_(channels)
        )
        with self._db.reading() as connection:
            return {
                channel: ChannelSettings(*chosen)
                for channel, *chosen in connection.execute(query).all()
            }

    def choose(self, team: str, channel: str, chosen: ChannelSettings) -> None:
        """Replaces what was chosen for a channel."""
        with self._db.session() as connection:
            row = insert(connection, channel_settings).values(
                team=team, channel=channel, **values(chosen)
            )
            connection.execute(
                row.on_conflict_do_update(index_elements=["team", "channel"], set_=values(chosen))
            )
