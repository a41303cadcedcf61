"""What can be chosen, without the libraries that carry it out: `--help` lists these at once."""

SALIENCY_METHODS = ("smoothgrad", "integrated", "gradient")
BASELINES = ("border", "black", "white", "mean", "blur", "expected")
EMBEDDING_METHODS = ("pca", "tsne")
OCCLUSION_CELLS = 15
# Seed of the weights of untrained copies: not one that a network is usually trained with, whose own
# start it would repeat.
RANDOM_WEIGHTS = 7919
