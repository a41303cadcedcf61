"""Dense and convolutional networks, and what a classifier should not depend on."""

from app.lecture.slides.slide import DIGIT_MODELS, Example, Slide, figure, lab

SLIDES = (
    Slide(
        "CNN: Convolutional Neural Network",
        "A convolutional network is a neural network with an architecture for images. It still has "
        "layers of neurons, learnable parameters, a loss and gradient descent. These models come "
        "with the program; `models --commands` prints how each was trained.",
        (Example("models"),),
        formula="L = −(1/N) Σ ln p(true class of image n)\n"
        "w ← w − η · ∂L/∂w\n"
        "w: parameters, η: learning rate; an epoch is one pass over the training images",
        predict="Does the network with the most parameters have the highest accuracy?",
        see="No: `mnist-local` has 68 times the parameters of `mnist-tiny` and a lower test "
        "accuracy, and `catsdogs-lecture` three times those of `catsdogs-best`. The small "
        "ones were also trained longer, with augmentation, and average several views, so "
        "architecture is not the only reason. Validation accuracy chose the epoch, so it is "
        "biased upward on average; single pairs differ by chance.",
        question="A network gives each of 10 classes the probability 1/10. What is its loss?",
        answer="−ln(1/10) = 2.303. Training should start near this value.",
    ),
    Slide(
        "Dense for images?",
        "A dense neuron has a weight for every value of the image. These are too many weights, "
        "and each is tied to one position.",
        (Example("lecture parameters"),),
        formula="parameters of K dense neurons over W×H×D: K · (W·H·D + 1)",
        predict="How many weights does one neuron over 200×200×3 have? How many parameters do 512 "
        "such neurons have?",
        see="A single dense layer over a small photograph exceeds the size of every whole network "
        "of this program.",
        question="How many parameters do 512 neurons over 150×150×3 have, the lecture's "
        "photographs?",
        answer="512 · (67,500 + 1) = 34,560,512.",
    ),
    Slide(
        "Translation Invariance",
        "The class of an image should not depend on where the object is. With stride 1 and "
        "away from borders, convolutions are translation-equivariant: the response shifts "
        "with the image. A global average then discards the position by construction. Flatten "
        "keeps it, so that the layers behind it have to learn every position from data. "
        "Strides and borders make even the first inexact.",
        (
            figure(f"lecture invariance horizontal-shift DIGIT {DIGIT_MODELS}", "translation.png"),
            lab("invariance", "invariance", "parts", folder="lab/trained"),
            lab(f"invariance {DIGIT_MODELS}", "invariance"),
            lab("shift_consistency", "shift_consistency"),
        ),
        formula="T shifts the image\nequivariant: f(T x) = T f(x)\ninvariant: f(T x) = f(x)",
        predict="Which network loses less accuracy when digits are shifted: a dense one, or a "
        "convolutional one that ends in Flatten and Dense?",
        see="Compare the networks at the same shift. A global average instead of Flatten adds 39 "
        "points of relative accuracy, augmentation 41, batch normalization 15; none makes the "
        "network invariant. Even with a global average at the end, a shift by one pixel "
        "changes 3.1% of the predictions with max pooling, 9.2% with strided convolutions, "
        "and 1.6% if a blur follows max pooling.",
        question="A 28 px wide image is shifted by 1 px. The network has two 2×2 poolings with "
        "stride 2, each of which keeps one value of 2×2. By how many cells does their output "
        "shift?",
        answer="1/4 of a cell. This is not a whole number, so the values of the output change: "
        "aliasing. Away from the borders, a shift by 4 px moves it by exactly one cell.",
    ),
    Slide(
        "Rotation/Viewpoint Invariance",
        "Learned convolutions are neither invariant nor equivariant to rotation, scale or "
        "viewpoint. Augmentation teaches robustness to them, mostly inside the range that it "
        "covers and, less and less, beyond it. Rows 3 to 5 (rotation, scale, viewpoint) of "
        "the two figures of accuracy and consistency on the slide Translation Invariance "
        "measure it; here is one digit.",
        (
            figure(f"lecture invariance rotation DIGIT {DIGIT_MODELS}", "rotation.png"),
            figure(f"lecture invariance viewpoint DIGIT {DIGIT_MODELS}", "viewpoint.png"),
            lab("uncertain_rotation", "uncertain_rotation"),
        ),
        formula="f(R x) ≠ R f(x) for a rotation R and a learned filter",
        predict="Up to which angle does a network without augmentation recognize digits?",
        see="Accuracy falls on both sides of 0°. The augmented network was trained with at most "
        "±10° (gray). It loses less up to ±30°, and no less at ±60°.",
        question="Which digits must not be rotated by 180° in training?",
        answer="6 and 9 above all: each becomes the other. Other digits, such as 3, 4 and 7, "
        "become signs that are no digits. Augmentation must keep the class.",
    ),
    Slide(
        "Illumination Invariance",
        "A network trained on bright images can fail on dark ones. Without biases, a network "
        "of convolutions, ReLU and max pooling on pixels from 0 to 1 is positively "
        "homogeneous: less light scales all logits alike and keeps their order. Batch "
        "normalization and pixels scaled to −1 … 1 both break this. The last rows of the two "
        "figures of accuracy and consistency on the slide Translation Invariance measure it; "
        "here is one digit.",
        (
            figure(f"lecture invariance illumination DIGIT {DIGIT_MODELS}", "illumination.png"),
            lab("normalization mnist-best", "normalization"),
        ),
        formula="ReLU(α z) = α · ReLU(z) for α > 0\nf(α x) = α · f(x) without biases",
        predict="Which networks keep their accuracy at a fifth of the light?",
        see="One digit can mislead: `mnist-best`, with batch normalization and pixels from −1 to "
        "1, is sure of this digit at 0.2 times the light, but its accuracy there is 17%; "
        "dense keeps 97%, `mnist-convnet` 95%, `mnist-local` 81%. These networks have biases, "
        "so the rule holds approximately.",
        question="Pixels are scaled to −1 … 1 by x / 127.5 − 1. What are the values of a black and "
        "of a white pixel, and what are they at half the light?",
        answer="−1 and 1; at half the light −1 and 0. Half the light does not halve the inputs: it "
        "also shifts them.",
    ),
    Slide(
        "ConvNets: Overall architecture",
        "A convolutional network is a sequence of volumes. Convolutions without padding shrink "
        "width and height by F − 1 and set the depth; pooling halves width and height.",
        (
            figure("plot architecture mnist-convnet", "architecture-digits.png"),
            figure("plot architecture catsdogs-lecture", "architecture-photographs.png"),
        ),
        formula="3×3 convolution: W₂ = W₁ − 2\n2×2 pooling: W₂ = ⌊W₁ / 2⌋",
        predict="A photograph of 150×150 passes four times through a 3×3 convolution without "
        "padding and a 2×2 pooling. What is the size of the last volume?",
        see="Width and height fall and depth grows: 28×28×1 → 3×3×64 and 150×150×3 → 7×7×128.",
        question="How many values does Flatten pass on, with 128 filters in the last convolution?",
        answer="150 → 148 → 74 → 72 → 36 → 34 → 17 → 15 → 7, so 7·7·128 = 6,272.",
    ),
    Slide(
        "ConvNets in practice!",
        "The response maps of every layer show what a network computes from one image.",
        (
            Example("predict mnist-best DIGIT"),
            figure("plot responses mnist-convnet DIGIT", "responses-digit.png"),
        ),
        formula="p(class k) = exp(z_k) / Σ_j exp(z_j), the softmax of the logits z",
        predict="Which maps will resemble the digit: those of the first or of the last "
        "convolution?",
        see="The maps of the first layer, 26×26, resemble the digit: its stroke and the stroke's "
        "edges and ends. Those of the last convolution, 3×3, no longer do: a cell tells that "
        "a feature is present somewhere in 18×18 px.",
        question="Two classes have the logits 2 and 0, all others are very low. What is the "
        "probability of the first?",
        answer="1 / (1 + exp(−2)) = 0.881.",
    ),
    Slide(
        "The fundamental difference between Dense and CNN",
        "Dense layers learn global patterns, convolutions local ones. If pixels are permuted by "
        "one fixed random permutation, in blocks or over the whole image, neighborhoods are "
        "destroyed, and no information is lost.",
        (
            lab("locality", "locality"),
            lab("texture_shape", "texture_shape"),
        ),
        formula="dense: y = σ(Σ over all pixels w_i · x_i + b)\n"
        "convolution: y = σ(Σ over an F×F window w_i · x_i + b)",
        predict="Which networks lose accuracy on permuted images?",
        see="The accuracy of the dense network hardly changes. That of the convnet falls, the more "
        "the larger the blocks within which pixels are shuffled: it relies on neighboring pixels. "
        "Behind a permutation, a small window sees unrelated pixels.",
        question="Why can a permutation not matter to a dense network?",
        answer="Its first layer's weights, permuted alike, give the same outputs. The initial "
        "weights are drawn independently, so both orders are equally likely at the start. "
        "Every gradient step permutes the weights in the same way, so the trained networks "
        "are equally good on average.",
    ),
)
