"""Uploaded images: limits, hostile files, and that nothing is written."""

import io
import json
import os
import socket
import struct
import tempfile
import zlib
from contextlib import closing, suppress

import numpy as np
import pytest
from PIL import Image

from app.cli import main
from app.web import limits
from app.web.protocol import decode
from tests.shipped import MODELS
from tests.web.server.conftest import BYTES

PREDICT = "/api/predict?model=mnist-convnet"
DECODE = "/api/models/catsdogs-lecture/decode"


def file_of(form, mode="RGB", size=(60, 40), **options):
    """Return an image file of a format with a dark stroke on white."""
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    pixels[8:32, 28:33] = 0
    stream = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(stream, form, **options)
    return stream.getvalue()


def bomb():
    """Return a PNG of 4 GB of pixels in a few kilobytes."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )  # fmt: skip

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    )  # fmt: skip


def sixteen_bit():
    stream = io.BytesIO()
    Image.fromarray(np.full((40, 60), 60_000, np.uint16)).save(stream, "TIFF")
    return stream.getvalue()


GOOD = {
    "png": file_of("PNG"), "jpeg": file_of("JPEG"), "gif": file_of("GIF"),
    "webp": file_of("WEBP"), "bmp": file_of("BMP"), "tiff": file_of("TIFF"),
    "cmyk": file_of("JPEG", "CMYK"), "palette": file_of("PNG", "P"), "transparent":
    file_of("PNG", "RGBA"), "16 bits": sixteen_bit(), "animated": file_of(
        "GIF", save_all=True, append_images=[Image.new("RGB", (60, 40), "red")] * 3),
}  # fmt: skip
BAD = {
    "empty": b"", "text": b"hello", "bomb": bomb(), "truncated": file_of("PNG")[:60],
    "icon": file_of("ICO"), "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "pdf": b"%PDF-1.7\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_point_15_images_of_all_allowed_kinds_are_decoded(server, kind):
    status, _, content = server.ask(DECODE, "POST", GOOD[kind], BYTES)
    assert status == 200
    _, tensors = decode(content, "decoded")
    assert tensors["pixels"].shape == (150, 150, 3)
    assert max(tensors["picture"].shape[:2]) <= 320


@pytest.mark.parametrize("kind", BAD)
def test_point_15_hostile_images_are_refused_with_a_reason(server, kind):
    for path in (DECODE, PREDICT):
        status, _, content = server.ask(path, "POST", BAD[kind], BYTES)
        assert status == 422
        assert b'"error"' in content
        assert b"Traceback" not in content


def test_point_15_turned_photograph_is_upright(server):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :30] = 255
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", exif=exif)
    _, tensors = decode(server.ask(DECODE, "POST", stream.getvalue(), BYTES)[2], "decoded")
    picture = tensors["picture"]
    assert picture.shape == (60, 40, 3)
    assert picture[:25].min() == 255
    assert picture[35:].max() == 0


def test_point_15_large_upload_is_refused_unread(server):
    lines = [
        "POST /api/predict?model=mnist-tiny HTTP/1.1", f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.origin}", "Content-Type: application/octet-stream",
    ]  # fmt: skip
    assert server.status(*lines, f"Content-Length: {limits.MAX_UPLOAD_BYTES + 1}") == 413


def test_point_15_large_upload_in_pieces_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(limits, "MAX_UPLOAD_BYTES", 100_000)
    lines = [
        "POST /api/predict?model=mnist-tiny HTTP/1.1", f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.origin}", "Content-Type: application/octet-stream",
        "Transfer-Encoding: chunked",
    ]  # fmt: skip
    endless = b"8000\r\n" + bytes(0x8000) + b"\r\n"
    assert server.status(*lines, body=4 * endless) == 413


def test_point_15_slow_upload_is_given_up(server, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", 0.3)
    lines = [
        "POST /api/predict?model=mnist-tiny HTTP/1.1", f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.origin}", "Content-Type: application/octet-stream",
        "Content-Length: 1000",
    ]  # fmt: skip
    assert server.status(*lines, body=b"x") == 408


def test_point_15_slow_headers_are_given_up(own_server, monkeypatch):
    monkeypatch.setattr(limits, "HEADER_SECONDS", 0.3)
    server = own_server(names=["mnist-tiny"])
    with closing(socket.create_connection(("127.0.0.1", server.port), 20)) as connection:
        connection.sendall(b"GET / HT")
        with suppress(ConnectionResetError):
            assert connection.recv(100) == b""


def test_point_15_uploads_are_never_written(server, opened, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for content in [*GOOD.values(), *BAD.values()]:
        server.ask(DECODE, "POST", content, BYTES)
        server.ask(PREDICT, "POST", content, BYTES)
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    written = [
        entry for entry in opened
        if entry[2] & writing or (isinstance(entry[1], str) and set(entry[1]) & set("wax+"))
    ]  # fmt: skip
    assert written == []
    assert list(tmp_path.iterdir()) == []


def test_predict_by_http_agrees_with_the_command(server, capsys):
    image = MODELS.parent / "tests" / "images" / "three.jpg"
    status, headers, content = server.ask(PREDICT, "POST", image.read_bytes(), BYTES)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert main(["predict", str(MODELS / "mnist-convnet"), str(image), "--json"]) == 0
    (expected,) = json.loads(capsys.readouterr().out)
    assert json.loads(content) == {**expected, "image": "-"}
    all_digits = server.ask(PREDICT + "&all=1", "POST", image.read_bytes(), BYTES)[2]
    assert json.loads(all_digits)["predictions"][0]["label"] == "3"


def test_predict_by_http_of_a_model_that_only_the_oracle_runs(server):
    path = "/api/predict?model=catsdogs-lecture"
    found = json.loads(server.ask(path, "POST", GOOD["jpeg"], BYTES)[2])
    assert found == {
        "image": "-", "label": "cat", "probability": 0.75,
        "probabilities": {"cat": 0.75, "dog": 0.25},
    }  # fmt: skip
