"""The calls with which a night asks the server for memory; see `serving.room`."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from serving.api import MakeRoom
from serving.room import Given
from serving.schema import body_of
from serving.served import Served

MAKE_ROOM = "/admin/make_room"
TAKE_BACK = "/admin/take_back"


class RoomMade(BaseModel):
    given: Given


def room_calls(served: Served) -> APIRouter:
    """/admin/make_room and /admin/take_back."""
    router = APIRouter()
    room = served.engine.room

    @router.post(MAKE_ROOM, dependencies=served.open, openapi_extra=body_of(MakeRoom))
    async def make_room(request: Request) -> RoomMade:
        body = await served.bodies.read(request, MakeRoom)
        await room.give(body.what, body.seconds)
        return RoomMade(given=room.given)

    @router.post(TAKE_BACK, dependencies=served.open)
    async def take_back() -> RoomMade:
        await room.take_back()
        return RoomMade(given=room.given)

    return router
