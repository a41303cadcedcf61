"""An oracle without Keras, for tests of everything around it."""

import os
import time

import numpy as np

from app.web.protocol import decode, encode

IMAGE = (150, 150, 3)


def main(pipe, paths, modules):
    """Answer as `app.web.oracle_process.run`, at once; what the class says changes that.

    `occlusion` of the class 1 takes for ever in small parts, `grad_cam` of the layer `hang` never
    answers, that of the layer `crash` ends the process.
    """
    endless = []
    while True:
        try:
            if endless and not pipe.poll(0.01):
                send_part(pipe, endless[0])
                endless.append(endless.pop(0))
                continue
            request, tensors = decode(pipe.recv_bytes(), "request")
        except (EOFError, OSError):
            return
        if request["kind"] == "cancel":
            endless = [one for one in endless if one["id"] != request["id"]]
        elif request["kind"] == "occlusion" and request["options"].get("class") == 1:
            endless.append({"id": request["id"], "parts": 0})
        else:
            answer_once(pipe, request, tensors)


def send_part(pipe, job):
    job["parts"] += 1
    values = {"id": job["id"], "done": False, "filled": job["parts"], "total": 10**9}
    pipe.send_bytes(encode({"answer": values}, {"map": np.zeros((15, 15), np.float32)}))


def answer_once(pipe, request, tensors):
    values, arrays = {"id": request["id"], "done": False}, {}
    layer = request.get("options", {}).get("layer")
    if layer == "hang":
        time.sleep(3600)
    elif layer == "crash":
        os._exit(1)
    elif request["kind"] == "prepare":
        values |= {"classes": ["cat", "dog"], "image": list(IMAGE), "outputs": "distribution",
                   "parameters": 5, "server_only": "The layer 'odd' is odd."}  # fmt: skip
        arrays = {"program": np.empty(0, np.uint8)}
    elif request["kind"] == "page":
        arrays = {"page": np.frombuffer(b"<!doctype html>", np.uint8)}
    elif request["kind"] == "add":
        return
    elif request["kind"] == "outputs":
        arrays = {"outputs": np.full((len(tensors["images"]), 1), 0.25, np.float32)}
    else:
        # A large answer, for clients that do not read.
        arrays = {"map": np.zeros((512, 512), np.float32)}
    pipe.send_bytes(encode({"answer": values}, arrays))
    pipe.send_bytes(encode({"answer": {"id": request["id"], "done": True}}))
