"""All settings, read from the environment and from a `.env` file here; the only place that does."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.errors import ConfigError


class Settings(BaseSettings):
    """Every field is `PHI3_` and its name in capitals; Slack's own three are `SLACK_…`."""

    model_config = SettingsConfigDict(
        env_prefix="PHI3_", env_file=".env", extra="ignore", populate_by_name=True, frozen=True
    )

    home: Path = Field(Path("~/.phi3"), description="Where all state lives.")
    database_url: str = Field("", description="PostgreSQL's URL; empty: SQLite under the home.")

    weaviate_url: str = Field("", description="Weaviate's http URL; empty: LanceDB in the home.")
    weaviate_grpc_port: int = Field(50051, description="Weaviate's gRPC port, on the same host.")
    weaviate_key: SecretStr = Field(SecretStr(""), description="Weaviate's API key, if it has one.")
    embedder: str = Field(
        "", description="A sentence-transformers model, by name or path; empty: all-MiniLM-L6-v2."
    )
    embeddings_url: str = Field(
        "", description="An OpenAI-compatible embeddings API, instead of a model on this machine."
    )
    embeddings_key: SecretStr = Field(SecretStr(""), description="The key of that API.")

    model: str = Field(
        "",
        description=(
            "The base model, by hub name or folder; empty: microsoft/Phi-3.5-mini-instruct "
            "on a GPU, SmolLM2-135M-Instruct without one."
        ),
    )
    server_url: str = Field(
        "", description="An OpenAI-compatible server (vLLM, say); empty: ours, on this machine."
    )
    server_key: SecretStr = Field(SecretStr(""), description="The model server's key, if any.")
    server_port: int = Field(8040, description="Where our own model server listens, on loopback.")
    passages: int | None = Field(
        None,
        ge=1,
        le=20,
        description="How many passages the model is shown; empty: 5, or 1 for SmolLM2.",
    )
    prompt_budget: int = Field(
        6000, ge=500, description="Characters of passages and history in a prompt."
    )
    max_tokens: int = Field(
        160, ge=1, description="The longest answer, in tokens; a longer one ends in …"
    )
    answer_timeout: float = Field(120, gt=0, description="Seconds that an answer may take.")

    slack_bot_token: SecretStr = Field(
        SecretStr(""), validation_alias="SLACK_BOT_TOKEN", description="xoxb-…"
    )
    slack_app_token: SecretStr = Field(
        SecretStr(""), validation_alias="SLACK_APP_TOKEN", description="xapp-…: Socket Mode."
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), validation_alias="SLACK_SIGNING_SECRET", description="For HTTP mode."
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", description="Slack's API; another one to try the bot against."
    )
    slack_http_port: int = Field(3000, description="Where HTTP mode listens.")
    slack_http_host: str = Field("127.0.0.1", description="The address that HTTP mode listens on.")
    ingest_allowed: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Slack user ids that may ingest, with commas between; * for all."
    )
    ingest_private_hosts: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        description="Hosts with private addresses that may be read (an intranet's wiki), by name.",
    )
    ingest_linked_folders: Annotated[tuple[Path, ...], NoDecode] = Field(
        (),
        description=(
            "Folders, with commas between, that links in an ingested folder may lead to; links out "
            "of it to any other place are left out."
        ),
    )
    report_channel: str = Field("", description="The Slack channel that hears of each night.")

    night_at: time = Field(time(2, 0), description="When the night begins, as HH:MM.")
    time_zone: str = Field("UTC", description="Of which time zone, as in Europe/Berlin.")
    min_examples: int = Field(
        40, ge=2, description="A night with fewer training examples is skipped."
    )

    keep_questions_days: int | None = Field(
        365, ge=1, description="Days that questions, answers and ratings are kept; empty: for ever."
    )
    keep_jobs_days: int | None = Field(
        30, ge=1, description="Days that jobs are kept once they are done; empty: for ever."
    )
    keep_logs_days: int | None = Field(
        30, ge=1, description="Days that log files are kept; empty: for ever."
    )

    @field_validator("keep_questions_days", "keep_jobs_days", "keep_logs_days", mode="before")
    @classmethod
    def _for_ever(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("ingest_allowed", "ingest_private_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return frozenset(re.findall(r"[^\s,]+", value)) if isinstance(value, str) else value

    @field_validator("ingest_linked_folders", mode="before")
    @classmethod
    def _folders(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(Path(name.strip()).expanduser() for name in value.split(",") if name.strip())

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write one like Europe/Berlin") from error
        return value

    @property
    def database(self) -> str:
        """The database's URL."""
        from records.database import url_of

        return self.database_url or url_of(self.home / "phi3.db")

    @property
    def slack_mode(self) -> str:
        """``socket``, ``http``, or empty where Slack is not configured."""
        if not self.slack_bot_token.get_secret_value():
            return ""
        if self.slack_app_token.get_secret_value():
            return "socket"
        return "http" if self.slack_signing_secret.get_secret_value() else ""


def read_settings() -> Settings:
    """The settings of this process. Raises ConfigError, which names the setting that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigError(
            "; ".join(
                f"{_variable(str(problem['loc'][0]))}: {problem['msg']}"
                for problem in error.errors(include_url=False)
            )
        ) from error


def _variable(field: str) -> str:
    return field if field.isupper() else f"PHI3_{field.upper()}"
