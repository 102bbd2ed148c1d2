"""`phi3 cluster`: the same work on many machines, with Ray."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import command
from cli.commands.ingest import Confirm, Labels, Targets, add_targets, audience_of
from cli.commands.training import say_run
from cli.options import AsJson
from cli.printing import out, print_json
from cli.retention import delete_expired
from cli.run_night import run_night
from cli.targets import Wanted

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.protocols import Embedder

_CONTEXT = 4096
"""Tokens that Phi-3.5 reads with its short factors; above that vLLM uses the long ones for all."""

cluster = typer.Typer(help="The same work on many machines, with Ray.", no_args_is_help=True)

On = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="ADDRESS",
        help=(
            "A Ray cluster: ray://host:10001; auto, on one of its machines; local, for the "
            "processors of this machine."
        ),
    ),
]


@cluster.command("ingest")
def ingest(
    targets: Targets,
    audience: Labels = None,
    confirm: Confirm = False,
    on: On = "local",
    as_json: AsJson = False,
) -> None:
    """Read sources as `phi3 ingest` does; a cluster reads, splits and embeds them.

    If it is killed, the same command goes on: what is written is not done again.
    """

    @contextmanager
    def there(container: "Container") -> Iterator[None]:
        from cli.cluster_connection import connected_to
        from cluster.reading import ReadOnCluster

        container.database.check()  # a cluster takes long to start
        with connected_to(on):
            make = _embedder_there(container)
            container.read_all = ReadOnCluster(container.embedder, make)
            yield

    add_targets(targets, Wanted(audience_of(audience)), confirm, False, as_json, there)


def _embedder_there(container: "Container") -> "partial[Embedder] | None":
    """What makes the embedder on another machine; None for an API, whose key stays here."""
    from knowledge.embedders.choosing import local_embedder

    if container.settings.embeddings_url:
        return None
    return partial(local_embedder, container.embedder.model, container.settings.embedder_backend)


@cluster.command("train")
def train(
    on: On = "local",
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            help=(
                "Processes that train, each on a GPU if the cluster has some. One or two give the "
                "same adapter; of more, each computes one row of a step."
            ),
        ),
    ] = 2,
    storage: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="A folder or s3://… that all machines reach; it keeps checkpoints meanwhile.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Run the night now as `phi3 train` does; a cluster trains.

    If one of its processes dies, all go on from the last checkpoint.
    """
    with command() as container:
        from cli.training_cluster import TrainingCluster

        there = TrainingCluster.of(container.settings, on, workers, storage)
        delete_expired(container)
        run = run_night(container, cluster=there)
    say_run(run, as_json)


@cluster.command("serve-config")
def serve_config(
    adapters: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="s3://…, below which each adapter is a folder; without it none is served.",
        ),
    ] = "",
    accelerator: Annotated[
        str, typer.Option(metavar="GPU", help="Ray's name of the GPU, such as L4; else any.")
    ] = "",
    gpus: Annotated[int, typer.Option(min=1, help="GPUs that one copy of the model takes.")] = 1,
    copies: Annotated[int, typer.Option(min=1, help="The most copies of the model.")] = 4,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there, not to standard output.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a configuration for `serve deploy`: Ray Serve with vLLM, as the settings say."""
    with command() as container:
        from cluster.serve_config import Served
        from cluster.serve_config import serve_config as as_yaml
        from domain.fitting import longest_row
        from serving.default_model import PHI3, name_of
        from training.recipe import Recipe

        chosen = container.settings
        model = chosen.model or PHI3
        written = as_yaml(
            Served(
                name=name_of(model),
                model=model,
                context=max(_CONTEXT, longest_row(chosen.prompt_budget, chosen.max_tokens)),
                rank=Recipe().r,
                adapters=adapters,
                accelerator=accelerator,
                gpus=gpus,
                copies=copies,
            )
        )
        if to:
            to.write_text(written, "utf-8")
    if as_json:
        print_json({"config": written, "file": str(to) if to else None})
    elif to:
        out.print(f"{to} is written: serve deploy {to}")
    else:
        out.print(written, end="")
