r"""The server: what the page and a program may ask for by HTTP, and the socket.

    GET  /                               the page; its files under /static/
    GET  /api/models                     {"models": [{"name", "classes", "image", …}],
                                         "training": whether there is a trainer}
    GET  /api/models/NAME/program        the program of a network (`app.export.page.program`);
                                         status 409 and {"error"} if only the server can run it
    GET  /api/models/NAME/samples        images (N, H, W, C), labels, predicted; metadata `samples`
         ?order=first|random|errors&seed=&start=&count=&label=&predicted=
    GET  /api/models/NAME/evaluation     {"matrix", "classes", "split", "accuracy", …}
    POST /api/models/NAME/decode         image file -> pixels (H, W, C), picture (h, w, 3);
                                         metadata `decoded`
    POST /api/predict?model=NAME         image file -> what `predict --json` prints for one image
    WebSocket /socket                    see `app.web.protocol`

With `serve --train`, see `app.web.training`:

    WebSocket /training                  see `app.web.training.commands`
    GET  /api/models/NAME/page           the model in one HTML file (`app.web.single_file`)
    GET  /api/collected                  {"folders": {folder: {class: images}}} of gathered images,
                                         "datasets": {folder: path}
    POST /api/collected/FOLDER/CLASS     image file -> {"count", "dataset"}; without one, the
                                         newest image is taken back

Arrays are sent as safetensors, everything else as one JSON object. `POST /api/predict` stays as it
is, for programs:

    curl -H "Origin: http://127.0.0.1:8000" -H "Content-Type: application/octet-stream" \
        --data-binary @three.jpg "http://127.0.0.1:8000/api/predict?model=mnist-convnet"

It answers `{"image", "label", "probability", "probabilities"}`, with `box` and `digits_found` for
models of digits, and `score`, `scores` for models without probabilities. `all=1` reads every digit:
`{"predictions": [...]}`. An image that cannot be used has the status 422 and an `error`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.classifier.classifier import Classifier
from app.classifier.prediction import Prediction
from app.data.decoding import UndecodableImage, load_image, load_reduced
from app.data.mnist_style.normalize import load_page
from app.errors import AppError
from app.web.assets import Asset
from app.web.errors import INTERNAL, PublicError, error_json
from app.web.limits import MAX_DECODE_QUEUE, MAX_DECODED, Slots, read_body
from app.web.models import Models
from app.web.oracle import Oracle
from app.web.protocol import encode
from app.web.responses import in_pieces, json_response
from app.web.samples import Samples
from app.web.served import Served
from app.web.session import Session
from app.web.training.live_run import LiveRun
from app.web.training.routes import TrainingRoutes
from app.web.wanted import parse_wanted

_LOG = logging.getLogger(__name__)
_BINARY = "application/octet-stream"
_PICTURE_SIDE = 320  # pixels of the decoded photograph that the page shows

Handler = Callable[[Request], Awaitable[Response]]


class Processes(NamedTuple):
    """What computes with Keras, in processes of its own.

    Attributes:
        oracle: Answers questions about saved models.
        live_run: Where networks are trained, or `None`.
    """

    oracle: Oracle
    live_run: LiveRun | None = None


class Server:
    """The application, without its guard.

    Args:
        served: Models by name.
        processes: Processes with Keras.
        data_dir: Folder of the datasets.
        assets: Files of the page by path.
        warm_up: Whether programs that are not in the cache are made as soon as the server runs.
    """

    def __init__(
        self,
        served: Mapping[str, Served],
        processes: Processes,
        data_dir: Path,
        assets: Mapping[str, Asset],
        *,
        warm_up: bool = True,
    ):
        self._oracle, self._live_run = processes
        self._assets = assets
        self._models = Models(served, self._oracle)
        self._samples = Samples(self._models, data_dir)
        self._warm_up = warm_up
        self._decoders = Slots(MAX_DECODED, MAX_DECODE_QUEUE)
        training: list[BaseRoute] = []
        if self._live_run is not None:
            training = TrainingRoutes(
                self._live_run, self._models, self._oracle, data_dir, self._decoders
            ).routes
        self.app = Starlette(
            routes=[
                Route("/api/models", self._list_models),
                Route("/api/models/{name}/program", self._program),
                Route("/api/models/{name}/samples", self._select_samples),
                Route("/api/models/{name}/evaluation", self._evaluation),
                Route("/api/models/{name}/decode", self._decode, methods=["POST"]),
                Route("/api/predict", self._predict, methods=["POST"]),
                *training,
                Route("/{path:path}", self._asset),
                WebSocketRoute("/socket", self._socket),
            ],
            exception_handlers={
                AppError: self._report, HTTPException: _report_http, Exception: _report_internal,
            },
            lifespan=self._lifespan,
        )  # fmt: skip
        self.app.router.redirect_slashes = False

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        warming = asyncio.ensure_future(self._prepare_all()) if self._warm_up else None
        try:
            yield
        finally:
            if warming is not None:
                warming.cancel()
            self._samples.close()
            self._models.close()
            await self._oracle.close()
            if self._live_run is not None:
                await self._live_run.close()

    async def _prepare_all(self) -> None:
        for name in self._models.names:
            try:
                await self._models.prepared(name)
            except AppError as error:
                _LOG.warning("%s: %s", name, error.received)

    async def _asset(self, request: Request) -> Response:
        asset = self._assets.get(request.scope["path"])
        if asset is None:
            raise HTTPException(404)
        headers = {"etag": asset.etag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == asset.etag:
            return Response(status_code=304, headers=headers)
        accepted = re.split(r"[,;\s]+", request.headers.get("accept-encoding", ""))
        if asset.compressed and "gzip" in accepted:
            headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
            return in_pieces(asset.compressed, asset.media_type, headers)
        return in_pieces(asset.content, asset.media_type, headers)

    async def _list_models(self, _: Request) -> Response:
        models = await self._models.describe()
        return json_response({"models": models, "training": self._live_run is not None})

    async def _program(self, request: Request) -> Response:
        prepared = await self._models.prepared(request.path_params["name"])
        if prepared.server_only:
            raise PublicError(prepared.server_only, http_status=409)
        return in_pieces(prepared.program, _BINARY)

    async def _select_samples(self, request: Request) -> Response:
        wanted = parse_wanted(request.query_params)
        facts, arrays = await self._samples.select(request.path_params["name"], wanted)
        return in_pieces(encode({"samples": facts}, arrays), _BINARY)

    async def _evaluation(self, request: Request) -> Response:
        return json_response(await self._samples.evaluation(request.path_params["name"]))

    async def _decode(self, request: Request) -> Response:
        classifier = await self._models.classifier(request.path_params["name"])
        async with self._decoders.taking():
            content = await read_body(request)
            facts, arrays = await asyncio.to_thread(_decoded, classifier, content)
        return in_pieces(encode({"decoded": facts}, arrays), _BINARY)

    async def _predict(self, request: Request) -> Response:
        name = request.query_params.get("model", "")
        if not name and len(self._models.names) == 1:
            (name,) = self._models.names
        classifier = await self._models.classifier(name)
        all_digits = request.query_params.get("all") == "1"
        async with self._decoders.taking():
            content = await read_body(request)
            predictions: list[Prediction] = await self._models.in_thread(
                name, _predictions, classifier, content, all_digits
            )
        found = [prediction.to_json() for prediction in predictions]
        status = 422 if any("error" in one for one in found) else 200
        return json_response({"predictions": found} if all_digits else found[0], status)

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        await Session(socket, self._models, self._oracle).run()

    async def _report(self, _: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)
        status = error.http_status if isinstance(error, PublicError) else 422
        return json_response(error_json(error, self._models.hidden), status)


def _predictions(classifier: Classifier, content: bytes, all_digits: bool) -> list[Prediction]:
    return list(classifier.stream([("-", content)], all_digits=all_digits))


def _decoded(
    classifier: Classifier, content: bytes
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return an image as the network sees it, and as the page shows it."""
    try:
        picture = load_reduced(content, _PICTURE_SIDE)
        if not classifier.mnist_style:
            size, channels = classifier.image_size, classifier.channels
            pixels = load_image(content, size, channels, fit=classifier.fit)
            return {}, {"pixels": pixels, "picture": picture}
        digits = load_page(content, classifier.image_size)
    except UndecodableImage as error:
        digit = " that shows a digit" if classifier.mnist_style else ""
        raise PublicError(
            f"The image cannot be used: {error}.",
            f"Expected an image file such as a JPEG or PNG{digit}.",
            http_status=422,
        ) from None
    facts = {"box": digits[0].box._asdict(), "digits_found": len(digits)}
    return facts, {"pixels": digits[0].pixels, "picture": picture}


async def _report_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what = {404: "There is nothing at this address.", 405: "The method is not answered here."}
    message = what.get(error.status_code, "The request failed.")
    return json_response({"error": message}, error.status_code)


async def _report_internal(_: Request, __: Exception) -> Response:
    return json_response(error_json(INTERNAL), INTERNAL.http_status)
