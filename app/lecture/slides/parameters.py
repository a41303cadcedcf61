"""Parameters, shared or not; the demo; response maps."""

from app.lecture.slides.slide import Example, Slide, figure, lab

SLIDES = (
    Slide(
        "Convolution: number of parameters",
        "AlexNet (Krizhevsky et al. 2012) won the ImageNet contest for photographs. If every "
        "neuron of its first layer had its own weights, the layer alone would have more "
        "parameters, 106 million, than the whole of AlexNet has, about 61 million.",
        (
            Example(
                "lecture parameters --input 227x227x3 --filter 11 --stride 4 --padding 0 "
                "--filters 96"
            ),
        ),
        formula="not shared: W₂·H₂·K · (F·F·D + 1)\nshared: K · (F·F·D + 1)",
        predict="227×227×3, F = 11, S = 4, P = 0, K = 96: how many parameters without sharing?",
        see="290,400 neurons with 364 parameters each, 105,705,600 in all; shared, 34,944 remain.",
        question="By which factor does sharing reduce the parameters, and why?",
        answer="3,025 = 55 · 55: the number of positions that share a filter.",
    ),
    Slide(
        "CNN: parameter sharing",
        "A feature that is useful at one position is useful at others: one filter serves all "
        "positions. The lecture expects the assumption to fail where images have a fixed, "
        "centered structure, such as aligned faces; the experiment tests this on digits and "
        "on drawn faces, a stand-in for aligned photographs.",
        (
            lab(
                "sharing",
                "sharing",
                about="Untied weights are compared with shared ones of equal size in two ways: as "
                "many parameters, by more filters; or as many operations (FLOPs), by as many "
                "filters. Each is trained at the best of three learning rates, until neither loss "
                "nor accuracy on other images improves.",
            ),
            lab(
                "sharing --dataset drawn-faces",
                "sharing",
                folder="lab/faces",
                about="The same on drawn faces of forty people, with eyes, noses and mouths at "
                "the same places in all images.",
            ),
            lab(
                "data_efficiency",
                "data_efficiency",
                about="The error of four networks trained with 30 to 1,000 images: dense, local "
                "(with untied weights) and convnet have the layers of `mnist-dense`, "
                "`mnist-local` and `mnist-convnet`; modern has residual blocks, batch "
                "normalization and a global average.",
            ),
        ),
        formula="shared: w_k, the same for all (i, j)\nuntied (locally connected): w_k,i,j",
        predict="On which images could a locally connected layer be better: centered or shifted "
        "ones, few or many?",
        see="Accuracy of untied weights minus that of shared ones, at equal numbers of parameters, "
        "in points with 95% intervals. Digits: −1.0 (−2.8 to 0.7) with 300 centered, −0.2 (−1.4"
        " to 1.0) with 1,000 centered, −5.8 (−8.6 to −3.1) with 300 shifted, −9.9 (−12.1 to "
        "−7.7) with 1,000 shifted. Drawn faces: −12.3 (−16.2 to −8.4) with 300 centered, −7.3 "
        "(−8.7 to −5.8) with 1,000 centered, −6.5 (−9.1 to −3.9) with 300 shifted, −10.7 (−13.0"
        " to −8.5) with 1,000 shifted. An interval with zero in it shows no difference. Drawn "
        "faces are not photographs: this says nothing about real faces. "
        "In the third figure, the intervals of dense, local and "
        "convnet overlap with 30 images; with 1,000 their errors are 9.9, 7.4 and 6.2%, and "
        "modern has 4.0%.",
        question="A shared layer has 16 filters of 3×3 over 1 channel and an output of 26×26. "
        "How many parameters does its untied counterpart have?",
        answer="26 · 26 · 16 · (9 + 1) = 108,160 instead of 160.",
    ),
    Slide(
        "CNN: NOT parameter sharing",
        "A locally connected layer has separate kernels at every position: a field of kernels.",
        (figure("plot filters mnist-local --layer local_1", "filters-local.png"),),
        formula="y[i, j, k] = Σ_u Σ_v Σ_d x[i + u, j + v, d] · w_k,i,j[u, v, d] + b_k,i,j",
        predict="Will neighboring positions learn similar kernels?",
        see="The mean norms are smallest in the upper corners and along the left side, where "
        "digits hardly reach; the map does not show how far the kernels moved. Neighboring "
        "kernels differ: nothing ties them together.",
        question="The layer has 11×11 positions, 16 filters of 3×3 over 32 maps. How many "
        "parameters does it have?",
        answer="11 · 11 · 16 · (3·3·32 + 1) = 559,504.",
    ),
    Slide(
        "CNN summary",
        "A convolution layer maps W₁×H₁×D₁ to W₂×H₂×K. Its hyperparameters are K, F, S and P.",
        (Example("lecture parameters mnist-convnet"),),
        formula="W₂ = ⌊(W₁ − F + 2P) / S⌋ + 1, the same for H₂\nK · F·F·D₁ weights, K biases",
        predict="Layer conv_2 has 64 filters of 3×3 over 32 maps. How many parameters does it "
        "have?",
        see="Pooling and Flatten have no parameters. The third convolution and the dense layer "
        "have the same number: both have 64 units with 3·3·64 = 576 inputs each.",
        question="And with 5×5 filters?",
        answer="64 · (5·5·32 + 1) = 51,264 instead of 18,496.",
    ),
    Slide(
        "Demo",
        "Two filters slide over a zero-padded volume of 5×5×3 with a stride of 2. They are not "
        "flipped: this is the cross-correlation that networks compute. Since filters are learned, "
        "the flip does not matter.",
        (figure("lecture demo", "demo.gif"),),
        formula="o[i, j, k] = Σ_u Σ_v Σ_d x[S·i + u, S·j + v, d] · w_k[u, v, d] + b_k",
        predict="W₁ = H₁ = 5, F = 3, S = 2, P = 1: what is the size of the output?",
        see="Each cell of the output is the sum of 27 products and one bias.",
        question="How many products does the whole demo take?",
        answer="3 · 3 · 2 cells of 27 products each: 486.",
    ),
    Slide(
        "Response map",
        "The response map of a filter holds its response at every position of the image.",
        (
            figure("lecture kernels PHOTO --kernel gaussian-blur-5", "gaussian-blur.png"),
            figure("plot responses catsdogs-best PHOTO --layer stem", "responses-stem.png"),
        ),
        formula="y[i, j] = Σ_u Σ_v x[i + u, j + v] · w[u, v]",
        predict="What is the response of a Gaussian blur to a uniform surface of brightness 100?",
        see="The weights of the blur sum to 1, so it is 100, and the response is an image. The "
        "second figure has the maps of `stem`, the first convolution of a network. Before ReLU, "
        "they are signed: red positive, blue negative.",
        question="The weights of a kernel sum to 0. What is its response to a uniform surface?",
        answer="0, whatever the brightness, plus the bias if there is one.",
    ),
)
