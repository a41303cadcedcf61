"""convlab: the deep-learning lecture on convolutional networks, live.

Importing `app` is cheap: it loads neither Keras nor a backend. As soon as Keras is imported,
before or after, the project's layers register with it, so that a plain
`keras.models.load_model` opens every model saved here.
"""

import wrapt

__version__ = "0.1.0"

wrapt.register_post_import_hook("app.layers:register", "keras")
wrapt.register_post_import_hook("app.keras2:register", "keras")
