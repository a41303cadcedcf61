"""What a trained network does, as arrays; `app.figures` draws them.

    from app.classifier import load
    from app.insight.grad_cam import grad_cam

    model = load("saved_models/catsdogs-best").inspect()
    heat = grad_cam(model, model.load_image("cat.jpg"))  # (H, W)

Any image classifier works: Sequential or functional, nested, gray or RGB, sigmoid or softmax. Hooks
replace the `call` of a layer for a moment; threads that use them wait for one another.
"""
