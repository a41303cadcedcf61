// @ts-check
/**
 * Lessons: lists of steps, each a text and a state of the page as its address has it.
 *
 * `text` is read first; the next press brings the page to `state` with the part `look` in view, and shows the sentence
 * `see`; the press after that goes on. A lesson of one's own is the same list in a file.
 */

import { DIGITS } from "../example.js";
import { writeStrokes } from "../strokes.js";

/**
 * @typedef {object} LessonStep
 * @property {string} title Slide of the lecture.
 * @property {string} text
 * @property {string} see What there is to see.
 * @property {string} state Address of the page, without "#".
 * @property {string} look Name of a part, as `hide` has it.
 */

const FIELDS = ["title", "text", "see", "state", "look"];
const BLUR = "0.0625,0.125,0.0625,0.125,0.25,0.125,0.0625,0.125,0.0625";
const SOBEL = "1,2,1,0,0,0,-1,-2,-1";
const AUGMENTATION = "rotation_range:40;width_shift_range:0.2;height_shift_range:0.2;shear_range:11.459;zoom_range:0.2;horizontal_flip:1;fill_mode:'nearest;epoch:0";

/** A digit drawn for a network, and what else is set. @param {number} digit @param {string} [more] @param {string} [model] */
function drawn(digit, more = "", model = "mnist-convnet") {
  return `model=${model}&input=drawing:${writeStrokes(DIGITS[digit])}${more === "" ? "" : `&${more}`}`;
}

/** A drawn digit with one slider moved. @param {string} slider @param {number} value */
function moved(slider, value) {
  return drawn(3, `play=${slider}:${value}&choices=slider:'${slider}`);
}

/** A drawn digit with other weights in the first filter. @param {number} digit @param {string} weights */
function filtered(digit, weights) {
  return drawn(digit, `kernels=mnist-convnet%7Cconv_1%7C0:${weights}&choices=kernel-operation:'conv_1;kernel-filter:0`);
}

/** The demo at a step. @param {number[]} sizes W, H, D, K, F, S, P and the seed @param {number} [step] */
function demo(sizes, step = 0) {
  return `choices=demo:'${sizes.join("%2C")};demo-step:${step}`;
}

/** @type {LessonStep[]} The lecture from its first slides to its last. */
export const LECTURE = [
  {
    title: "Dense for images?", look: "network", state: drawn(3, "", "mnist-dense"),
    text: "A dense neuron has one weight for each value of the image: 784 for an image of 28×28 pixels, 120,000 for one of 200×200×3.",
    see: "dense_1 is one long vector of 512 neurons, each connected to all 784 pixels. Nothing in it knows which pixels are neighbors.",
  },
  {
    title: "Translation invariance", look: "sliders", state: moved("shift_x", 0.142857),
    text: "A 3 is a 3 wherever it is in the image. Multilayer perceptrons are sensitive to position. Does a convolutional network keep its answer when the digit moves?",
    see: "Four pixels to the right, the dense network already says 2 and gives the 3 only 25%; the other two still say 3, with 77 and 72%. To the left it is the last to lose the digit. Convolution and pooling alone make no network indifferent to position: dense layers follow them.",
  },
  {
    title: "Rotation and viewpoint invariance", look: "sliders", state: moved("rotation", 45),
    text: "We still see a 3 when it is turned by 45 degrees. No layer has this invariance built in.",
    see: "At 45 degrees the convolutional network still gives the 3 95%, the dense one 71%, the locally connected one 21%. From 60 degrees on, none says 3. Augmentation in training widens the curves, within the range that it covers.",
  },
  {
    title: "Illumination invariance", look: "sliders", state: moved("brightness", 0.2),
    text: "When the light changes, the class does not. All these networks were trained on bright digits only.",
    see: "With a fifth of the brightness, all three still say 3, but less surely: the dense network with 47%, the locally connected one with 58%, the convolutional one with 67%. With a twentieth, they give three different answers.",
  },
  {
    title: "ConvNets: overall architecture", look: "network", state: drawn(3),
    text: "A convolutional network is still a sequence of layers with weights, a loss and gradient descent. Its neurons are arranged in volumes: width, height, depth.",
    see: "From layer to layer, convolution deepens the volume and pooling halves its sides: 28×28×1 becomes 26×26×32, then 13×13×32, and so on to ten probabilities.",
  },
  {
    title: "ConvNets in practice!", look: "drawing", state: drawn(5),
    text: "Draw a digit and watch every layer respond.",
    see: "This is a 5. Draw another digit on the board, or click the board and press a digit key.",
  },
  {
    title: "Global and local patterns", look: "arithmetic", state: drawn(5, "pin=conv_1,10,14,0"),
    text: "Dense layers learn global patterns, convolutional layers local ones: patterns in small two-dimensional windows of their input.",
    see: "The pinned cell of the first convolution sees 3×3 pixels and nothing else. Its sum is written out, product by product.",
  },
  {
    title: "Definition: convolution of matrices", look: "kernel", state: filtered(5, SOBEL),
    text: "The definition flips one of the two matrices. The layers of a network do not, which makes no difference to what they can learn. The slide's example is the Sobel kernel.",
    see: "Filter 0 is now that kernel, flipped as in the definition. Its response is positive where the network's input, white on black, gets darker downward, and negative where it gets brighter.",
  },
  {
    title: "CNNs: characteristics", look: "network", state: drawn(5, "play=shift_x:0.142857"),
    text: "A convolution is translation equivariant: shift the image, and its maps shift with it, so that it detects a pattern anywhere. The slide says invariant; a classifier is that only if it averages over all positions. And the patterns form a hierarchy, from edges to parts to objects.",
    see: "The digit has moved by four pixels. The first maps are the same, moved by four cells.",
  },
  {
    title: "Convolution layer: depth, stride, padding", look: "demo", state: demo([7, 7, 3, 3, 3, 2, 0, 0]),
    text: "Three hyperparameters set the size of the output. Depth is the number of filters, stride is the step, padding is the number of zeros around the input.",
    see: "Three filters with stride 2 on 7×7×3 make an output of 3×3×3. Every filter reaches through the whole depth of the input.",
  },
  {
    title: "Why padding?", look: "demo", state: demo([5, 5, 1, 1, 3, 1, 1, 0]),
    text: "Without padding, outputs shrink with each layer, and the corner pixels are under the filter only once.",
    see: "With one row of zeros on each side, the output of a 3×3 filter is as large as the input. Gray cells are the padding.",
  },
  {
    title: "Quiz: output size", look: "demo", state: demo([5, 5, 1, 1, 3, 2, 1, 0]),
    text: "A filter of size 3 slides over an input of size 5 with padding 1. What is the size of the output with stride 1, and with stride 2? The formula is (W − F + 2P) / S + 1, rounded down.",
    see: "With stride 2: (5 − 3 + 2) / 2 + 1 = 3. Set S to 1 for the other answer, which is 5.",
  },
  {
    title: "A stride that does not fit", look: "demo", state: demo([10, 10, 1, 1, 3, 2, 0, 0]),
    text: "What about an input of size 10, a filter of size 3, stride 2 and no padding?",
    see: "(10 − 3) / 2 + 1 = 4.5 is not a whole number. The strides that fit are listed.",
  },
  {
    title: "Number of parameters and parameter sharing", look: "read", state: drawn(3),
    text: "An image of 227×227×3 with F = 11, S = 4, K = 96 gives 55·55·96 neurons of 364 parameters each: 105,705,600. If all positions share one filter, 34,848 weights and 96 biases remain.",
    see: "“Parameter sharing” makes the same calculation for the network on this page: the parameters of its first convolution, and what they would be without sharing.",
  },
  {
    title: "Not sharing parameters", look: "arithmetic", state: drawn(3, "pin=local_1,2,5,11", "mnist-local"),
    text: "Sharing makes no sense where the input has a centered structure, such as faces: eyes and hair are always in the same places. LocallyConnected2D learns different filters for each position.",
    see: "The pinned cell of a locally connected layer has a kernel of its own: its neighbor computes with other weights.",
  },
  {
    title: "Demo: convolution in numbers", look: "demo", state: demo([5, 5, 3, 2, 3, 2, 1, 0], 4),
    text: "The lecture's demo: an input of 5×5×3, K = 2 filters, F = 3, S = 2, P = 1.",
    see: "Each cell of the output is the sum of 27 products and a bias. Press Play, or go step by step.",
  },
  {
    title: "Response map", look: "kernel", state: filtered(3, BLUR),
    text: "Each filter makes one map of its responses. With a Gaussian kernel, that map is a blurred image.",
    see: "Compare the response of the trained kernel with the blurred digit, and choose other kernels from the list.",
  },
  {
    title: "Pooling layer", look: "arithmetic", state: drawn(3, "pin=pool_1,10,5,0"),
    text: "Max pooling over 2×2 cells with stride 2 keeps the largest of four numbers. Three of four activations are discarded, and nothing is learned.",
    see: "The window of the pinned cell holds four numbers; the largest is marked and kept.",
  },
  {
    title: "Why pooling?", look: "network", state: drawn(3, "pin=conv_3,1,1,0"),
    text: "Pooling makes the window larger: a cell of a deeper layer depends on more of the image. It also leaves fewer parameters to the dense layer.",
    see: "The receptive field of the pinned cell lights up in every layer below. In the image it is 18×18 pixels.",
  },
  {
    title: "Data augmentation in Keras", look: "augmentation", state: drawn(5, `choices=${AUGMENTATION}`),
    text: "Too few samples lead to overfitting. Augmentation makes more of them by random transformations that yield believable images. These are the slide's seven arguments.",
    see: "Twelve samples of one image. A mirrored 5 is no longer believable: for digits, switch horizontal_flip off.",
  },
  {
    title: "Dropout against overfitting", look: "dropout", state: drawn(5, "dropout=1&choices=passes:50"),
    text: "Augmentation only remixes existing information. A dropout layer right before the dense classifier reduces overfitting further.",
    see: "With dropout on, each of 50 passes leaves out other features. The spread shows how much the answer depends on single ones.",
  },
  {
    title: "Vision: difficulties in real-world applications", look: "explain", state: drawn(5, "play=sticker:0.5,0.4,0.25,255"),
    text: "A stop sign under stickers and graffiti is still a stop sign. For a network, a sticker in the right place can change the class.",
    see: "Drag the sticker over the digit and watch the probabilities. The occlusion map shows on which places the answer depends.",
  },
];

/** @type {Record<string, LessonStep[]>} */
export const LESSONS = { lecture: LECTURE };

/**
 * The steps of a file in JSON.
 * @param {string} text
 * @returns {LessonStep[]}
 */
export function readLesson(text) {
  const steps = JSON.parse(text);
  if (!Array.isArray(steps) || steps.length === 0) throw new Error("A lesson is a list of steps.");
  steps.forEach((step, index) => {
    const wrong = FIELDS.find((field) => typeof step?.[field] !== "string");
    if (wrong) throw new Error(`Step ${index + 1} of the lesson needs a text for "${wrong}".`);
  });
  return steps;
}
