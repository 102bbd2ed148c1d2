"""What the server's calls share."""

import secrets
import time
from dataclasses import dataclass, field

from fastapi import Depends, Request, params
from starlette.exceptions import HTTPException

from serving.adapter_loader import AdapterLoader
from serving.bodies import BodyReader
from serving.closing import Closing
from serving.engine import Engine
from serving.error_replies import LONGEST_SHOWN
from serving.metrics import Metrics


@dataclass
class Served:
    """An engine with what reads requests for it; ``key`` is the bearer token that they need.

    ``loader`` loads adapters that are asked for by their name.
    """

    engine: Engine
    bodies: BodyReader
    metrics: Metrics
    key: str | None
    loader: AdapterLoader | None = None
    closing: Closing = field(default_factory=Closing)
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def keyed(self) -> list[params.Depends]:
        """For calls that need the key, whatever state the server is in."""
        return [Depends(self._check_key)]

    @property
    def open(self) -> list[params.Depends]:
        """For calls that need the key, and that a server which is about to end refuses."""
        return [*self.keyed, Depends(self._check_open)]

    async def check_model(self, name: str) -> None:
        """Raises HTTPException if there is no such model or adapter."""
        if name == self.engine.name or (self.loader and await self.loader.load(name)):
            return
        if name not in self.engine.adapters:
            shown = name[:LONGEST_SHOWN]
            raise HTTPException(404, f"The model {shown} does not exist here.")

    async def end_answers(self) -> None:
        """Ends the running answers with an error."""
        await self.engine.stop()

    async def _check_key(self, request: Request) -> None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        right = kind.lower() == "bearer" and secrets.compare_digest(
            given.strip().encode(), (self.key or "").encode()
        )
        if self.key and not right:
            raise HTTPException(
                401,
                "The key is missing or wrong: send it as Authorization: Bearer KEY.",
                {"WWW-Authenticate": "Bearer"},
            )

    async def _check_open(self) -> None:
        self.closing.check()
