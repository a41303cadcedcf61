"""A trainer without Keras: it obeys at once, and sends what a run would send."""

import os
import threading
import time

import numpy as np

from app.web.training.commands import Command
from app.web.training.mailbox import Event

STEP_SECONDS = 0.002
WEIGHTS = 90_000  # numbers, as many as the lecture's network for digits


class FakeTrainer:
    def __init__(self, pipe):
        self.pipe = pipe
        self.lock = threading.Lock()
        self.run = self.step = 0
        self.state = "idle"
        self.left = 0

    def send(self, topic, values, arrays=None):
        with self.lock:
            self.pipe.send_bytes(Event(topic, values, arrays or {}).message)

    def set_state(self, state):
        self.state = state
        self.send("state", {"state": state, "step": self.step})

    def obey(self, command):
        """Return the values of the answer."""
        kind, values = command.kind, command.values
        if kind == "start":
            if values["settings"].get("dataset") == "crash":
                os.kill(os.getpid(), 9)
            self.run, self.step = self.run + 1, 0
            self.send("network", {"run": self.run, "step": 0, "batches": 10})
            self.set_state("paused")
        elif self.state == "idle":
            return {"error": "Nothing trains."}
        elif kind == "play":
            self.left = 10**9
            self.set_state("running")
        elif kind == "pause":
            self.left = 0
            self.set_state("paused")
        elif kind == "step":
            self.left = values["batches"]
            self.set_state("running")
        elif kind == "rewind":
            self.run, self.step, self.left = self.run + 1, 0, 0
            self.send("network", {"run": self.run, "step": 0, "batches": 10})
            self.set_state("paused")
        elif kind == "cancel":
            self.left = 0
            self.set_state("idle")
        return {}

    def train(self):
        self.step += 1
        self.left -= 1
        where = {"run": self.run, "step": self.step, "epoch": self.step // 10}
        points = {"step": [self.step], "loss": [1 / self.step], "accuracy": [0.5]}
        self.send("metrics", {"run": self.run, **points})
        if self.step % 10 == 0:
            weights = {"kernel": np.full(WEIGHTS, self.step, np.float32)}
            self.send(f"snapshot/{self.step}", where, weights)
            self.send("weights", where, weights)
            self.send("epochs", {"run": self.run, "rows": [{"epoch": self.step // 10}]})
        if self.left == 0:
            self.set_state("paused")


def main(pipe, models_folder, data_dir):
    """Do as `app.web.training.process.run`."""
    trainer = FakeTrainer(pipe)
    trainer.set_state("idle")
    try:
        while True:
            while pipe.poll(0 if trainer.left else None):
                command = Command.from_bytes(pipe.recv_bytes())
                values = trainer.obey(command)
                answer = {"id": command.id, "ok": "error" not in values, **values}
                trainer.send(f"answer/{command.id}", answer)
            if trainer.left:
                time.sleep(STEP_SECONDS)
                trainer.train()
    except (EOFError, OSError):
        return
