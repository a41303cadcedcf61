"""A saved model, ready to classify images, and the same model opened to look inside.

from app.classifier import load

classifier = load("saved_models/catsdogs-best")
for prediction in classifier.predict(["cat.jpg", "dog.jpg"]):
print(prediction.image, prediction.label, prediction.probability)
model = classifier.inspect()  # for `app.insight` and `app.figures`
"""

from app.classifier.classifier import Classifier
from app.classifier.loading import load
from app.classifier.prediction import Prediction

__all__ = ["Classifier", "Prediction", "load"]
