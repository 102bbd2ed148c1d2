"""Checks that an adapter can be loaded, before it becomes live."""

from typing import TYPE_CHECKING

from domain.errors import PublishFailed

if TYPE_CHECKING:
    from cli.wiring import Container
    from domain.adapters import Adapter


def check_adapter(container: "Container", adapter: "Adapter") -> None:
    """Compares the files with what was published, and loads them into a server that is set.

    Raises PublishFailed, also if it was trained for another base model, and GenerationError if the
    server does not load it or does not answer.
    """
    from training.publish import verify

    if container.chosen_base not in ("", adapter.base_model):
        raise PublishFailed(
            f"{adapter.name} was trained for {adapter.base_model}, and PHI3_MODEL is "
            f"{container.chosen_base}: change it, or promote another adapter."
        )

    container.adapter_places.publish_older([adapter])
    verify(container.adapter_places.folder_of(adapter))
    if container.settings.server_url:
        container.server.load_adapter(adapter.name, adapter.path)
