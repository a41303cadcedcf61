"""Every figure: a function of arrays, or of an opened model, that returns a matplotlib `Figure`.

    from app.figures.responses import responses_figure
    from app.classifier import load

    model = load("saved_models/catsdogs-best").inspect()
    responses_figure(model, model.load_image("cat.jpg"))  # a Figure

`app.figure_files.save` writes a figure to a file; a notebook shows it as it is.
"""
