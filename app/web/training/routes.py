"""What the server answers with `serve --train`: the socket, gathered images, pages of models."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.files import printable
from app.web.limits import Slots, read_body
from app.web.models import Models
from app.web.oracle import Oracle
from app.web.responses import in_pieces, json_response
from app.web.served import open_served
from app.web.training.collecting import Collection
from app.web.training.live_run import LiveRun
from app.web.training.viewer import Viewer


class TrainingRoutes:
    """The routes of live training; see `app.web.server` for what they answer.

    A model that is saved joins the models of the server.

    Args:
        live_run: The run and its viewers.
        models: Models of the server.
        oracle: Process that opens them.
        data_dir: Folder of the datasets.
        decoders: Places of those whose images are decoded, shared with the server's other routes.
    """

    def __init__(
        self, live_run: LiveRun, models: Models, oracle: Oracle, data_dir: Path, decoders: Slots
    ):
        self._live_run = live_run
        self._models = models
        self._oracle = oracle
        self._data_dir = data_dir
        self._collection = Collection(data_dir)
        self._decoders = decoders
        live_run.on_saved = self._offer

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes, for the application."""
        return [
            WebSocketRoute("/training", self._training),
            Route("/api/models/{name}/page", self._page),
            Route("/api/collected", self._list_collected),
            Route("/api/collected/{name}/{label}", self._collect, methods=["POST"]),
        ]

    async def _offer(self, folder: Path) -> None:
        """Add a model that was just saved."""
        model = await asyncio.to_thread(open_served, printable(folder.name), folder)
        self._models.add(model)
        await self._oracle.add(model.name, folder)

    async def _page(self, request: Request) -> Response:
        name = self._models.find(request.path_params["name"]).name
        options = {"name": name, "data_dir": str(self._data_dir)}
        _, arrays = await self._oracle.ask_once("page", name, {}, options)
        return in_pieces(arrays["page"].tobytes(), "application/octet-stream")

    async def _list_collected(self, _: Request) -> Response:
        folders = await asyncio.to_thread(self._collection.folders)
        paths = {name: str(self._collection.path(name)) for name in folders}
        return json_response({"folders": folders, "datasets": paths})

    async def _collect(self, request: Request) -> Response:
        """Save the image in the body; an empty body takes the newest one back."""
        name, label = request.path_params["name"], request.path_params["label"]
        async with self._decoders.taking():
            content = await read_body(request)
            if content:
                count = await asyncio.to_thread(self._collection.add, name, label, content)
            else:
                count = await asyncio.to_thread(self._collection.remove_last, name, label)
        return json_response({"count": count, "dataset": str(self._collection.path(name))})

    async def _training(self, socket: WebSocket) -> None:
        await socket.accept()
        await Viewer(socket, self._live_run).run()
