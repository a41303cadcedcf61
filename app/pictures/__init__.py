"""Figures of a trained network: what `app.insight` finds, drawn by `app.plots`.

A model is opened once, and then drawn:

    from app.insight import open_model
    from app.pictures.responses import responses_figure

    model = open_model("saved_models/catsdogs-best")
    responses_figure(model, model.load_image("cat.jpg"))  # a Figure
"""
