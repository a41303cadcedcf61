"""Words and symbols that slides use before the lecture comes to them."""

TERMS = (
    ("W, H, D", "Width, height and depth (number of channels) of an image or a volume."),
    ("F, K, S, P", "Side of a filter, number of filters, stride, padding."),
    (
        "filter, kernel",
        "A small array of weights. A convolution computes its weighted sum with every window of "
        "the input, at every position the same weights; a bias is added.",
    ),
    (
        "response map, feature map",
        "The results of one filter at all positions. An activation is one of its values, after "
        "the activation function.",
    ),
    ("ReLU", "The activation function max(0, x)."),
    ("stride, padding", "Step from one window to the next; zeros around the input."),
    (
        "pooling",
        "Replaces every window, mostly 2×2 with stride 2, by its maximum (max pooling) or mean.",
    ),
    (
        "blur pooling",
        "The maximum at every position, then a blur, then every second value (Zhang 2019).",
    ),
    ("Flatten", "Writes all values of all maps into one vector; the order tells the position."),
    ("global average", "Global average pooling: replaces every map by its mean."),
    ("dense layer", "Every neuron has a weight for every input."),
    ("untied weights", "A locally connected layer: a filter of its own at every position."),
    ("logit, softmax", "The last layer's values; softmax turns them into probabilities."),
    (
        "batch normalization",
        "Subtracts from every channel its mean and divides by its standard deviation; then a "
        "learned factor γ and a learned offset β. Training uses mean and variance of the batch, "
        "the trained network running averages over training.",
    ),
    ("dropout", "Sets random features to 0, in training only."),
    ("augmentation", "Random changes of the training images that keep the class."),
    ("residual block", "Adds its input to the output of its convolutions (He et al. 2015)."),
    ("modern", "A network of residual blocks with batch normalization and a global average."),
    ("stem, block", "The first convolution of catsdogs-best, and its residual blocks."),
    ("receptive field", "The part of the image that a value of a layer depends on."),
    ("epoch, step", "One pass over the training images; one update of the weights."),
    ("seed", "Start of the random numbers: initial weights, order and choice of images."),
    (
        "95% interval",
        "A range, in brackets, that would hold the true value in 95 of 100 repetitions of the "
        "measurement. A difference whose interval includes 0 may be chance.",
    ),
    ("chance", "Accuracy of a guess: 10% for ten digits, 50% for cat or dog."),
    ("confidence", "Probability that a network gives to the class it predicts."),
    ("corruption, severity", "Noise, blur, weather or objects in an image; its strength, 1 to 5."),
    ("aliasing", "Details finer than two cells of the output turn into false coarse ones."),
    (
        "random features, ridge regression",
        "ReLUs of random weighted sums of the pixels, which are not trained; least squares with a "
        "penalty on large weights.",
    ),
    (
        "interpolation threshold",
        "As many features as training images: the training labels are just fitted.",
    ),
    ("FLOPs", "Floating-point operations: the amount of arithmetic."),
    ("‖x‖, ‖x‖∞", "Length of a vector, √(Σ x²); its largest absolute value."),
    ("L, ∂L/∂w", "Loss; its derivative, the change of the loss for a small change of w."),
)
