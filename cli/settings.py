"""All settings; `cli.environment` reads them."""

from datetime import time
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from cli import setting_values as values
from domain.admission import Access, Quota, quotas
from domain.errors import ConfigError
from domain.weekly import Weekly

ENV_FILE = ".env"
LONGEST_KEPT = 36_500
"""Days; before the year 1 there is no date. What is kept for longer is kept for ever."""

Port = Annotated[int, Field(ge=1, le=65535)]
HttpUrl = Annotated[str, AfterValidator(values.http_url)]
ModelName = Annotated[str, AfterValidator(values.model_name)]
Words = Annotated[frozenset[str], NoDecode, BeforeValidator(values.words)]


class Settings(BaseSettings):
    """Every field is `PHI3_` and its name in capitals; Slack's own are `SLACK_…`.

    With `_FILE` behind its name, a variable names the file that holds the value.
    """

    model_config = SettingsConfigDict(
        env_prefix="PHI3_",
        env_file=ENV_FILE,
        extra="ignore",
        populate_by_name=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Annotated[Path, AfterValidator(values.folder)] = Field(
        Path("~/.phi3"),
        validate_default=True,
        description=(
            "Where all state is; only the user that runs phi3 may read it, so a server such as "
            "vLLM, which reads adapters from it, runs as the same user (or as root)."
        ),
    )
    database_url: Annotated[str, AfterValidator(values.database_url)] = Field(
        "", description="PostgreSQL's URL; empty: SQLite under the home."
    )

    weaviate_url: Annotated[str, AfterValidator(values.weaviate_url)] = Field(
        "",
        description=(
            "Weaviate's http URL, for a new index, or for `phi3 sources move`; empty: LanceDB in "
            "the home."
        ),
    )
    weaviate_grpc_port: Port = Field(50051, description="Weaviate's gRPC port, on the same host.")
    weaviate_key: SecretStr = Field(SecretStr(""), description="Weaviate's API key, if it has one.")
    weaviate_collection: Annotated[str, AfterValidator(values.weaviate_collection)] = Field(
        "Phi3Passages",
        description=(
            "What the names of new collections begin with; another one for each deployment that "
            "shares a Weaviate."
        ),
    )
    weaviate_replicas: int | None = Field(
        None,
        ge=1,
        description="Copies of a new collection, on as many nodes; empty: the server's choice.",
    )
    weaviate_shards: int | None = Field(
        None,
        ge=1,
        description="Parts of a new collection, to be on several nodes; empty: one on each node.",
    )
    embedder: ModelName = Field(
        "", description="A sentence-transformers model, by name or path; empty: all-MiniLM-L6-v2."
    )
    embedder_backend: Literal["", "torch", "onnx", "openvino"] = Field(
        "",
        description=(
            "What sentence-transformers runs the model with: `torch` (also on a GPU), `onnx` or "
            "`openvino`; empty: a plain BERT, as the default is, by onnxruntime alone, others with "
            "torch."
        ),
    )
    embeddings_url: HttpUrl = Field(
        "", description="An OpenAI-compatible embeddings API, instead of a model on this machine."
    )
    embeddings_key: SecretStr = Field(SecretStr(""), description="The key of that API.")
    embeddings_dimensions: int | None = Field(
        None, ge=1, description="Numbers in a vector, of an API that shortens them; empty: all."
    )

    reranker: ModelName = Field(
        "",
        description=(
            "A cross-encoder that re-ranks what was found, by hub name or folder; with "
            "`PHI3_RERANKER_URL`, the model's name there; empty: no re-ranking."
        ),
    )
    reranker_url: HttpUrl = Field(
        "",
        description=(
            "A server with `/v1/rerank` or `/score` (vLLM, say) that re-ranks, instead of a model "
            "on this machine."
        ),
    )
    reranker_key: SecretStr = Field(SecretStr(""), description="The key of that server, if any.")

    search_without: Annotated[Words, AfterValidator(values.search_steps)] = Field(
        frozenset(),
        description=(
            "Steps of a search to leave out (docs/retrieval.md), with commas between them; "
            "`phi3 search --explain` shows what each does."
        ),
    )

    adapters: Annotated[str, AfterValidator(values.adapters_address)] = Field(
        "",
        description=(
            "Where nights publish adapters and every model server fetches them: a folder that all "
            "of them see, or `s3://bucket/prefix`; empty: `PHI3_HOME/adapters`, for one machine."
        ),
    )
    model: ModelName = Field(
        "",
        description=(
            "The base model, by hub name or folder; empty: microsoft/Phi-3.5-mini-instruct "
            "on a GPU, SmolLM2-135M-Instruct without one."
        ),
    )
    server_url: HttpUrl = Field(
        "", description="An OpenAI-compatible server (vLLM, say); empty: ours, on this machine."
    )
    server_key: Annotated[SecretStr, AfterValidator(values.server_key)] = Field(
        SecretStr(""),
        description=(
            "The model server's key, of ASCII without spaces; empty: for ours on this machine, one "
            "that is made once and kept in the file `server-key` of the home."
        ),
    )
    server_host: Annotated[str, AfterValidator(values.host)] = Field(
        "127.0.0.1",
        description=(
            "The address that our own model server listens on; one that other machines reach "
            "needs `PHI3_SERVER_KEY`."
        ),
    )
    server_port: Port = Field(8040, description="Where our own model server listens.")
    server_names: Annotated[Words, AfterValidator(values.hosts)] = Field(
        frozenset(),
        description=(
            "Names that clients call our own model server by (a service's name in a cluster), "
            "besides localhost and the address that it listens on."
        ),
    )
    memory_share: float | None = Field(
        None,
        gt=0,
        le=0.95,
        description=(
            "The share of the GPU's memory that our own model server has, all in all; without a "
            "GPU, of this machine's; empty: what leaves a night room (`phi3 memory`)."
        ),
    )
    adapter_folders: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(values.folders)] = Field(
        (),
        description=(
            "Folders, separated by commas, that our own model server loads adapters from, besides "
            "`adapters` in the home; each adapter needs its manifest."
        ),
    )
    passages: int | None = Field(
        None,
        ge=1,
        le=20,
        description="How many passages the model is shown; empty: 5, or 1 for SmolLM2.",
    )
    prompt_budget: int = Field(
        1500, ge=200, le=100_000, description="Tokens of passages and history in a prompt."
    )
    max_tokens: int = Field(
        160, ge=1, description="The longest answer, in tokens; a longer one ends in …"
    )
    show_unsupported: bool = Field(
        False,
        description=(
            "Whether an answer is shown although no passage supports any sentence of it; else it "
            "becomes a refusal with the nearest passages."
        ),
    )
    answer_timeout: float = Field(
        120, gt=0, le=86_400, description="Seconds that an answer may take."
    )

    slack_bot_token: Annotated[SecretStr, AfterValidator(values.bot_token)] = Field(
        SecretStr(""), validation_alias="SLACK_BOT_TOKEN", description="xoxb-…"
    )
    slack_app_token: Annotated[SecretStr, AfterValidator(values.app_token)] = Field(
        SecretStr(""), validation_alias="SLACK_APP_TOKEN", description="xapp-…: Socket Mode."
    )
    slack_signing_secret: Annotated[SecretStr, AfterValidator(values.secret)] = Field(
        SecretStr(""), validation_alias="SLACK_SIGNING_SECRET", description="For HTTP mode."
    )
    slack_client_id: Annotated[str, AfterValidator(values.client_id)] = Field(
        "",
        validation_alias="SLACK_CLIENT_ID",
        description="For several workspaces, instead of `SLACK_BOT_TOKEN`.",
    )
    slack_client_secret: Annotated[SecretStr, AfterValidator(values.client_secret)] = Field(
        SecretStr(""),
        validation_alias="SLACK_CLIENT_SECRET",
        description="For several workspaces.",
    )
    token_key: Annotated[SecretStr, AfterValidator(values.token_keys)] = Field(
        SecretStr(""),
        description=(
            "Encrypts the tokens of several workspaces: what `openssl rand -base64 32` prints; "
            "the key before it behind a comma."
        ),
    )
    workspaces_allowed: Annotated[Words, AfterValidator(values.workspaces)] = Field(
        frozenset(),
        description="Ids of the workspaces that may install the app; empty: any that finds it.",
    )
    slack_api_url: HttpUrl = Field(
        "https://slack.com/api/",
        description="The address of Slack's API; another one only to test the bot.",
    )
    slack_http_port: Port = Field(3000, description="Where HTTP mode listens.")
    slack_http_host: Annotated[str, AfterValidator(values.host)] = Field(
        "127.0.0.1", description="The address that HTTP mode listens on."
    )
    ingest_allowed: Annotated[Words, AfterValidator(values.people)] = Field(
        frozenset(),
        description="Slack user ids that may ingest, separated by commas; * for all but guests.",
    )
    admins: Annotated[Words, AfterValidator(values.user_ids)] = Field(
        frozenset(),
        description=(
            "Slack user ids of those who look after the bot, separated by commas; empty: the "
            "workspace's admins and owners."
        ),
    )
    people_allowed: Annotated[Words, AfterValidator(values.user_ids)] = Field(
        frozenset(),
        description="Slack user ids of the only people who are answered; empty: all.",
    )
    people_denied: Annotated[Words, AfterValidator(values.user_ids)] = Field(
        frozenset(), description="Slack user ids of people who are not answered."
    )
    channels_allowed: Annotated[Words, AfterValidator(values.channel_ids)] = Field(
        frozenset(),
        description=(
            "Ids of the only channels in which the bot answers, besides direct messages; empty: "
            "all."
        ),
    )
    channels_denied: Annotated[Words, AfterValidator(values.channel_ids)] = Field(
        frozenset(), description="Ids of channels in which the bot does not answer."
    )
    quota_person_hour: int | None = Field(
        None, ge=1, description="Questions that a person may ask in an hour; empty: no limit."
    )
    quota_person_day: int | None = Field(
        None, ge=1, description="Questions that a person may ask in 24 hours; empty: no limit."
    )
    quota_channel_hour: int | None = Field(
        None, ge=1, description="Questions in a channel in an hour; empty: no limit."
    )
    quota_channel_day: int | None = Field(
        None, ge=1, description="Questions in a channel in 24 hours; empty: no limit."
    )
    ingest_private_hosts: Annotated[Words, AfterValidator(values.hosts)] = Field(
        frozenset(),
        description="Hosts with private addresses that may be read (an intranet's wiki), by name.",
    )
    ingest_linked_folders: Annotated[
        tuple[Path, ...], NoDecode, BeforeValidator(values.folders)
    ] = Field(
        (),
        description=(
            "Folders, separated by commas, that links in an ingested folder may lead to; other "
            "links out of it are not followed."
        ),
    )
    report_channel: Annotated[str, AfterValidator(values.channel)] = Field(
        "",
        description=(
            "The Slack channel for reports: of each night, of the week's unanswered questions, and "
            "of outages."
        ),
    )

    digest_at: Annotated[Weekly | None, BeforeValidator(values.weekly)] = Field(
        Weekly(0, time(9, 0)),
        description=(
            "When the week's unanswered questions are sent to the admins, or to the report "
            "channel, as Mon 09:00; empty: never."
        ),
    )
    night_at: Annotated[time, BeforeValidator(values.minute_of_day)] = Field(
        time(2, 0), description="When the night begins, as HH:MM."
    )
    time_zone: Annotated[str, AfterValidator(values.time_zone)] = Field(
        "UTC", description="The time zone of these times, such as Europe/Berlin."
    )
    min_examples: int = Field(
        40, ge=2, description="A night with fewer rows to train on is skipped."
    )
    night_tokens: int = Field(
        2_000_000,
        ge=1000,
        description=(
            "The most tokens of rated answers that a night trains on, each pass counted; two CPU "
            "cores take about two and a half hours for the default."
        ),
    )
    canary_share: float = Field(
        0.2,
        ge=0,
        le=0.9,
        description=(
            "The share of threads in Slack that a night's adapter first answers on trial; 0: it "
            "answers everything at once."
        ),
    )

    training: Literal["", "qlora", "lora"] = Field(
        "",
        description=(
            "`qlora` keeps the base model in 4 bits while a night trains, `lora` does not; empty: "
            "`lora` for models of less than a billion parameters, and on a GPU whose free memory "
            "is four times the model's."
        ),
    )
    night_takes: Literal["", "nothing", "cache", "model"] = Field(
        "",
        description=(
            "What our own model server gives back while a night trains: `nothing`; its `cache`, so "
            "that it answers slower; or the `model` too, so that passages are quoted meanwhile; "
            "empty: the first of these with which both fit, or nothing if the server is at the "
            "address of another machine."
        ),
    )
    preferences: Literal["off", "dpo", "kto"] = Field(
        "off",
        description=(
            "What follows a night's training on its rows: `dpo` prefers corrections to the answers "
            "that they corrected, `kto` liked answers to corrected ones; 50 are needed. See "
            "docs/training.md for what was measured."
        ),
    )

    console_host: Annotated[str, AfterValidator(values.host)] = Field(
        "127.0.0.1",
        description=(
            "The address that the console listens on; one that other machines reach needs "
            "`PHI3_CONSOLE_URL`."
        ),
    )
    console_port: Port = Field(8050, description="Where the console listens.")
    console_url: Annotated[str, AfterValidator(values.console_url)] = Field(
        "",
        description=(
            "The address at which people open the console, as in https://phi3.example.com, if a "
            "proxy passes it on; empty: this machine's."
        ),
    )
    console_slack_client_id: Annotated[str, AfterValidator(values.client_id)] = Field(
        "",
        description=(
            "The client id of the app in Slack, with which people sign in to the console; empty: "
            "only by links."
        ),
    )
    console_slack_client_secret: Annotated[SecretStr, AfterValidator(values.client_secret)] = Field(
        SecretStr(""), description="The client secret of that app."
    )
    console_readers: Annotated[Words, AfterValidator(values.user_ids)] = Field(
        frozenset(),
        description=(
            "Slack user ids of those who may sign in to the console with Slack, to read; who looks "
            "after the bot may anyway, as an admin."
        ),
    )
    console_editors: Annotated[Words, AfterValidator(values.user_ids)] = Field(
        frozenset(),
        description="Those who may also change documents and answers there.",
    )
    console_admins_read_all: bool = Field(
        False,
        description=(
            "Whether admins may choose in the console to read what only others may; the audit log "
            "says who did."
        ),
    )
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65_500,
        description=(
            "Where the bot answers `/metrics`, `/live` and `/ready`; the scheduler takes the next "
            "port, `phi3 sync` and the console the two after that; empty: nowhere."
        ),
    )
    metrics_host: Annotated[str, AfterValidator(values.host)] = Field(
        "127.0.0.1",
        description="The address for that; it needs no key, and tells nothing about anybody.",
    )
    log_format: Literal["text", "json"] = Field(
        "text",
        description=(
            "`json` makes each line of a role's log an object with the reference that people see."
        ),
    )

    keep_questions_days: int | None = Field(
        365,
        ge=1,
        le=LONGEST_KEPT,
        description="Days that questions, answers and ratings are kept; empty: forever.",
    )
    keep_jobs_days: int | None = Field(
        30,
        ge=1,
        le=LONGEST_KEPT,
        description="Days that jobs are kept once they ended; empty: forever.",
    )
    keep_logs_days: int | None = Field(
        30, ge=1, le=LONGEST_KEPT, description="Days that log files are kept; empty: forever."
    )
    keep_audit_days: int | None = Field(
        None,
        ge=1,
        le=LONGEST_KEPT,
        description="Days that the console's audit log is kept; empty: forever.",
    )

    forgotten: Annotated[str, AfterValidator(values.file)] = Field(
        "",
        description=(
            "The file that lists what was forgotten, which `phi3 restore` forgets again; empty: "
            "`forgotten.jsonl` in the home. Best on another disk, beside the backups."
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Treats an empty value as not set; it also overrides the value in `.env`."""
        read = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in given.items()
        }
        optional = {
            name
            for name, field in cls.model_fields.items()
            if NoneType in get_args(field.annotation)
        }
        return {
            name: None if value == "" else value
            for name, value in read.items()
            if value != "" or name in optional
        }

    @property
    def database(self) -> str:
        """The database's URL."""
        from records.database import url_of

        return self.database_url or url_of(self.home / "phi3.db")

    @property
    def forgotten_list(self) -> Path:
        """Where `cli.forgotten` keeps what was forgotten."""
        return Path(self.forgotten) if self.forgotten else self.home / "forgotten.jsonl"

    @property
    def uploads(self) -> Path:
        """The folder of files that people sent in the console."""
        return self.home / "uploads"

    @property
    def access(self) -> Access:
        return Access(
            self.channels_allowed, self.channels_denied, self.people_allowed, self.people_denied
        )

    @property
    def quotas(self) -> tuple[Quota, ...]:
        return quotas(
            self.quota_person_hour,
            self.quota_person_day,
            self.quota_channel_hour,
            self.quota_channel_day,
        )

    @property
    def is_quantised(self) -> bool | None:
        """Whether a night's base is in 4 bits; None for what suits."""
        return self.training == "qlora" if self.training else None

    @property
    def reranks(self) -> bool:
        """Whether a model puts passages in its order."""
        return bool(self.reranker or self.reranker_url)

    @property
    def has_workspaces(self) -> bool:
        """Whether the bot is for all workspaces that install the app. Raises ConfigError."""
        has_secret = bool(self.slack_client_secret.get_secret_value())
        if not self.slack_client_id and not has_secret:
            return False
        if not (self.slack_client_id and has_secret):
            raise ConfigError("Set both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, or neither.")
        if self.slack_bot_token.get_secret_value():
            raise ConfigError(
                "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID and SLACK_CLIENT_SECRET "
                "for several: unset one or the other."
            )
        if not self.token_key.get_secret_value():
            raise ConfigError(
                "PHI3_TOKEN_KEY is not set: without it the tokens of workspaces cannot be stored. "
                "`openssl rand -base64 32` prints one."
            )
        return True

    @property
    def slack_mode(self) -> str:
        """``socket``, ``http``, or empty if Slack is not configured. Raises ConfigError."""
        has_workspaces = self.has_workspaces
        if not self.slack_bot_token.get_secret_value() and not has_workspaces:
            return ""
        if self.slack_app_token.get_secret_value():
            return "socket"
        return "http" if self.slack_signing_secret.get_secret_value() else ""
