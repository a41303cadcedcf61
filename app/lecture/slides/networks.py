"""Dense and convolutional networks, and what a classifier should not depend on."""

from app.lecture.slides.slide import DIGIT_MODELS, Example, Slide, figure, lab

SLIDES = (
    Slide(
        "CNN: Convolutional Neural Network",
        "A convolutional network is a neural network with an architecture for images. It still has "
        "layers of neurons, learnable parameters, a loss and gradient descent. The models of the "
        "table come with the program and return on all slides; `models --commands` prints how "
        "each was trained.",
        (Example("models --layers"),),
        formula="L = −(1/N) Σ ln p(true class of image n), over N images\n"
        "w ← w − η · ∂L/∂w\n"
        "w: parameters, η: learning rate; an epoch is one pass over the training images",
        predict="Does the network with the most parameters have the highest accuracy?",
        see="No: `mnist-local` has 68 times the parameters of `mnist-tiny` and a lower test "
        "accuracy, and `catsdogs-lecture` three times those of `catsdogs-best`. The small "
        "ones were also trained longer, with augmentation, and average their predictions over "
        "several views of an image; `catsdogs-best` learned from 17,000 photographs instead of "
        "1,999. So architecture is not the only reason. Validation accuracy chose the epoch, so "
        "it is biased upward on average; in a single row it can still be the lower one.",
        question="A network gives each of 10 classes the probability 1/10. What is its loss?",
        answer="−ln(1/10) = 2.303. Training should start near this value.",
    ),
    Slide(
        "Dense for images?",
        "A dense neuron has a weight for every value of the image. Their number grows with the "
        "image, and each is tied to one position: what is learned there is not used elsewhere.",
        (Example("lecture parameters"),),
        formula="parameters of K dense neurons over an image of width W, height H and D channels: "
        "K · (W·H·D + 1)",
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
        "Strides and borders make even the first inexact. (Convolution, stride and Flatten are "
        "explained under Terms and on later slides.)",
        (
            figure(f"lecture invariance horizontal-shift DIGIT {DIGIT_MODELS}", "translation.png"),
            lab(
                "invariance",
                "invariance",
                "parts",
                folder="lab/trained",
                about="Which part of a network does what? A dense network and eight convnets are "
                "trained: the lecture's with half of its filters (in the figures: Flatten, pixels "
                "0 to 1), and its variants with a global average instead of Flatten, with batch "
                "normalization, and with pixels from −1 to 1. Accuracy a on changed images is "
                "related to the accuracy a₀ on the original ones and corrected for chance c: "
                "relative accuracy is (a − c) / (a₀ − c), 100% if nothing is lost and 0% at "
                "chance.",
            ),
            lab(
                f"invariance {DIGIT_MODELS}",
                "invariance",
                about="The same for models of the first slide. Consistency, on the right of the "
                "figure, is the share of predictions that stay what they were on the original.",
            ),
            lab(
                "shift_consistency",
                "shift_consistency",
                about="Small networks for photographs with a global average at the end differ in "
                "how they halve their maps: max pooling, average pooling, a stride of 2 in the "
                "convolution, or max pooling with a blur before every second value is kept.",
            ),
        ),
        formula="T shifts the image\nequivariant: f(T x) = T f(x)\ninvariant: f(T x) = f(x)",
        predict="Which network loses less accuracy when digits are shifted: a dense one, or a "
        "convolutional one that ends in Flatten and Dense?",
        see="With shifts of 7 and 14%, `mnist-dense` keeps an accuracy of 53%, `mnist-convnet` "
        "of 80%. Of the parts, a global average instead of Flatten adds 39 points "
        "of relative accuracy, augmentation 41, batch normalization 15; none makes the network "
        "invariant. Even with a global average at the end, a shift by one pixel "
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
        "covers and, less and less, beyond it. Here is one digit; rows 3 to 5 of the two figures "
        "of accuracy and consistency on the slide Translation Invariance have all of them.",
        (
            figure(f"lecture invariance rotation DIGIT {DIGIT_MODELS}", "rotation.png"),
            figure(f"lecture invariance viewpoint DIGIT {DIGIT_MODELS}", "viewpoint.png"),
            lab(
                "uncertain_rotation",
                "uncertain_rotation",
                about="Does a network notice that it cannot know? Its confidence is the "
                "probability of the class that it predicts. One prediction without dropout is "
                "compared with the mean of 20 predictions with dropout in use, called Monte Carlo "
                "(MC) dropout.",
            ),
        ),
        formula="in general f(R x) ≠ R f(x) for a rotation R and a learned filter",
        predict="Up to which angle does a network without augmentation recognize digits?",
        see="`mnist-convnet`, without augmentation, classifies 98% correctly at ±15°, 92% at 30° "
        "and 51% at 60°; clockwise only 78% at −30° and 25% at −60°. Of the networks trained for "
        "the slide Translation Invariance, the augmented one (dashed) saw at most ±10° (gray). It "
        "loses less up to ±30°, and no less at ±60°. At 90° a convnet classifies 10% correctly "
        "with a confidence of 70%; MC dropout lowers the confidence to 60%, which is far too "
        "little.",
        question="Which digits must not be rotated by 180° in training?",
        answer="6 and 9 above all: each becomes the other. Other digits, such as 3, 4 and 7, "
        "become signs that are no digits. Augmentation must keep the class.",
    ),
    Slide(
        "Illumination Invariance",
        "A network trained on bright images can fail on dark ones. Without biases, a network "
        "of convolutions, ReLU and max pooling on pixels from 0 to 1 is positively "
        "homogeneous: less light scales all logits (the values before the softmax) alike and "
        "keeps their order. Batch normalization and pixels scaled to −1 … 1 both break this. "
        "Here is one digit; the last rows of the two figures of accuracy and consistency on the "
        "slide Translation Invariance have all of them.",
        (
            figure(f"lecture invariance illumination DIGIT {DIGIT_MODELS}", "illumination.png"),
            lab(
                "normalization mnist-tiny",
                "normalization",
                about="Batch normalization keeps the mean and variance of the training images. On "
                "corrupted images, such as dark or foggy ones, they are wrong. Here they are "
                "measured again on the corrupted images, without labels and without training "
                "(Schneider et al. 2020), from all 300 or from groups of 8. The error is the mean "
                "over three severities, with one view of each image.",
            ),
        ),
        formula="ReLU(z) = max(0, z), so ReLU(α z) = α · ReLU(z) for α > 0\n"
        "f(α x) = α · f(x) without biases\n"
        "batch normalization: γ · (x − mean) / √(variance + ε) + β, with learned γ and β and a "
        "small ε; mean and variance of the batch in training, running averages in inference",
        predict="Which networks keep their accuracy at a fifth of the light?",
        see="At 0.2 times the light, dense classifies 97% correctly, `mnist-convnet` 95%, "
        "`mnist-local` 81%. These networks have biases, so the rule holds approximately. "
        "`mnist-best` has batch normalization and pixels from −1 to 1, and still 99.6%: in "
        "training it saw digits of little contrast, on gray paper and in other light. "
        "`mnist-tiny`, built in the same way, did not. With statistics of the corrupted images its "
        "mean error falls from 44.3 to 11.9%, with those of eight images to 16.5%: a large part of "
        "its weakness is normalization that no longer fits.",
        question="Pixels are scaled to −1 … 1 by x / 127.5 − 1. What are the values of a black and "
        "of a white pixel, and what are they at half the light?",
        answer="−1 and 1; at half the light −1 and 0. Half the light does not halve the inputs: it "
        "also shifts them.",
    ),
    Slide(
        "ConvNets: Overall architecture",
        "A convolutional network is a sequence of volumes. Convolutions without padding shrink "
        "width and height by F − 1, for F×F filters, and set the depth; 2×2 pooling halves width "
        "and height.",
        (
            figure("plot architecture mnist-convnet", "architecture-digits.png"),
            figure("plot architecture catsdogs-lecture", "architecture-photographs.png"),
        ),
        formula="3×3 convolution: W₂ = W₁ − 2\n2×2 pooling: W₂ = ⌊W₁ / 2⌋",
        predict="A photograph of 150×150 passes four times through a 3×3 convolution without "
        "padding and a 2×2 pooling. What is the size of the last volume?",
        see="Width and height fall and depth grows: 28×28×1 → 3×3×64 and 150×150×3 → 7×7×128.",
        question="The last convolution of the photographs' network has 128 filters. How many "
        "values does Flatten pass on to the dense layer?",
        answer="150 → 148 → 74 → 72 → 36 → 34 → 17 → 15 → 7, so 7·7·128 = 6,272.",
    ),
    Slide(
        "ConvNets in practice!",
        "The response maps of every layer, one for each filter, show what a network computes "
        "from one image. They are drawn after ReLU, so none is negative.",
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
        "A first dense layer learns global patterns, a first convolution local ones. If the "
        "pixels of all images are permuted by one fixed random permutation, within blocks or over "
        "the whole image, neighborhoods are destroyed, and no information is lost.",
        (
            lab(
                "locality",
                "locality",
                about="Both networks are trained and tested on images whose pixels are shuffled "
                "within blocks of k×k pixels, and on images whose blocks of k×k pixels are "
                "shuffled as wholes.",
            ),
            lab(
                "texture_shape",
                "texture_shape",
                about="Texture is a local pattern, such as fur; shape is global. Drawn cats are "
                "striped and drawn dogs spotted, so that both tell the class. Then the fur is "
                "exchanged, made plain, or left out (silhouettes), and parts are shuffled. For "
                "comparison, a network is trained on drawings whose fur is random.",
            ),
        ),
        formula="σ: activation function, such as ReLU\n"
        "dense: y = σ(Σ over all pixels w_i · x_i + b)\n"
        "convolution: y = σ(Σ over an F×F window w_i · x_i + b)",
        predict="Which networks lose accuracy on permuted images?",
        see="The accuracy of the dense network hardly changes. That of the convnet falls, the more "
        "the larger the blocks within which pixels are shuffled: it relies on neighboring pixels. "
        "Behind a permutation, a small window sees unrelated pixels. Half of the "
        "convnet's trainings ended at the limit of 20 epochs, so a part of its loss may be slower "
        "learning. Where fur contradicts shape, 67% are classified by shape; trained on random "
        "fur, the same network reaches 88%. Both classify silhouettes at chance.",
        question="Why can a permutation not matter to a dense network?",
        answer="Its first layer's weights, permuted alike, give the same outputs. The initial "
        "weights are drawn independently, so both orders are equally likely at the start. "
        "Every gradient step permutes the weights in the same way, so the trained networks "
        "are equally good on average.",
    ),
)
