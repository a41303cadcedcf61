"""convlab: a lecture on convolutional networks as runnable code.

Importing `app` is cheap: it loads neither Keras nor a backend. `import app.layers` registers the
project's layers, so that `keras.models.load_model` opens the models saved here.
"""

__version__ = "0.1.0"
