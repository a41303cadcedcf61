"""Looking inside a trained network. Everything is returned as arrays; `app.figures` draws them.

    from app.insight import open_model
    from app.insight.grad_cam import grad_cam

    model = open_model("saved_models/catsdogs-best")
    heat = grad_cam(model, model.load_image("cat.jpg"))  # (H, W)

Any image classifier will do: Sequential or functional, nested, grey or RGB, sigmoid or softmax. A
layer is looked into by wrapping its `call` for a moment; threads that do so wait for one another.
"""

from __future__ import annotations

from app.keras_startup import start_keras

start_keras()  # before any module of this package imports Keras, which would chatter

from app.insight.opened_model import OpenedModel, open_model  # noqa: E402

__all__ = ["OpenedModel", "open_model"]
