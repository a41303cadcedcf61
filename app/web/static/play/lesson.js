// @ts-check
/**
 * Lessons: lists of steps, each a text and a state of the page as its address has it.
 *
 * `text` is read first; a press of the space bar brings the page to `state`, shows the part `look` and the sentence
 * `see`; the next press goes on.
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

const CONVNET = "model=mnist-convnet";
const drawn = (/** @type {number} */ digit) => `input=drawing:${writeStrokes(DIGITS[digit])}`;
const BLUR = "0.0625,0.125,0.0625,0.125,0.25,0.125,0.0625,0.125,0.0625";
const SOBEL = "1,2,1,0,0,0,-1,-2,-1";

/** @type {LessonStep[]} The lecture from its first slides to its last. */
export const LECTURE = [
  {
    title: "Dense for images?", look: "network", state: `model=mnist-dense&${drawn(3)}`,
    text: "A dense neuron has a weight for every value of the image. A picture of 28×28 pixels takes 784 weights per neuron, one of 200×200×3 takes 120,000.",
    see: "The first layer is one long vector: 512 neurons, each connected to all 784 pixels. Nothing in it knows which pixels are neighbors.",
  },
  {
    title: "Translation invariance", look: "sliders", state: `${CONVNET}&${drawn(3)}&play=shift_x:0.178571&choices=slider:'shift_x`,
    text: "A 3 is a 3 wherever it is in the image. Multilayer perceptrons are sensitive to the place; does a convolutional network keep its answer when the digit moves?",
    see: "The curve has every network's probability over the shift. Drag along it: the dense network loses the digit first.",
  },
  {
    title: "Rotation and viewpoint invariance", look: "sliders", state: `${CONVNET}&${drawn(3)}&play=rotation:45&choices=slider:'rotation`,
    text: "We still see a 3 when it is turned by 45 degrees. No layer has this invariance built in.",
    see: "All curves are narrow around 0. Augmentation in training widens them, within the range that it covers.",
  },
  {
    title: "Illumination invariance", look: "sliders", state: `${CONVNET}&${drawn(3)}&play=brightness:0.2&choices=slider:'brightness`,
    text: "The light changes, the class does not. All these networks saw bright ink only.",
    see: "With a fifth of the light, the probabilities fall or become arbitrary, at a different place for each network.",
  },
  {
    title: "ConvNets: overall architecture", look: "network", state: `${CONVNET}&${drawn(3)}`,
    text: "A convolutional network is still a sequence of layers with weights, a loss and gradient descent. Its neurons are arranged in volumes: width, height, depth.",
    see: "From left to right, convolution deepens the volume and pooling halves its sides: 28×28×1 becomes 26×26×32, then 13×13×32, and so on to ten probabilities.",
  },
  {
    title: "ConvNets in practice!", look: "drawing", state: `${CONVNET}&${drawn(5)}`,
    text: "Draw a digit and watch every layer respond.",
    see: "This is a 5. Draw another one on the board, or press a digit key while the board has the focus.",
  },
  {
    title: "Global and local patterns", look: "arithmetic", state: `${CONVNET}&${drawn(5)}&pin=conv_1,12,12,0`,
    text: "Dense layers learn global patterns, convolutions local ones: patterns in small two-dimensional windows of their input.",
    see: "The pinned cell of the first layer sees 3×3 pixels, and nothing else. The card has every product of its sum.",
  },
  {
    title: "Definition: convolution of matrices", look: "kernel", state: `${CONVNET}&${drawn(5)}&kernels=mnist-convnet%7Cconv_1%7C0:${SOBEL}&choices=kernel-operation:'conv_1;kernel-filter:0`,
    text: "The definition flips one of the two matrices; the layers of a network do not flip, which makes no difference to what they can learn. The slide's example is the Sobel kernel.",
    see: "Filter 0 is now that Sobel kernel, flipped as the definition says: positive where the picture gets darker downward, negative where it gets lighter.",
  },
  {
    title: "CNNs: characteristics", look: "network", state: `${CONVNET}&${drawn(5)}&play=shift_x:0.142857`,
    text: "The patterns that a convolution learns are translation invariant: it recognizes them anywhere. And they form a hierarchy, from edges to parts to objects.",
    see: "The digit has moved by four pixels. The first maps are the same, moved by four cells.",
  },
  {
    title: "Convolution layer: depth, stride, padding", look: "demo", state: "choices=demo:'7%2C7%2C3%2C3%2C3%2C2%2C0%2C0;demo-step:0",
    text: "Three hyperparameters set the size of the output. Depth is the number of filters, stride is the step, padding is the number of zeros around the input.",
    see: "Three filters with stride 2 on 7×7×3 make an output of 3×3×3. Every filter reaches through the whole depth of the input.",
  },
  {
    title: "Why padding?", look: "demo", state: "choices=demo:'5%2C5%2C1%2C1%2C3%2C1%2C1%2C0;demo-step:0",
    text: "Without padding, outputs shrink with each layer, and the corner pixels are under the filter only once.",
    see: "With one zero on each side the output of a 3×3 filter is as large as the input. Gray cells are the padding.",
  },
  {
    title: "Quiz: output size", look: "demo", state: "choices=demo:'5%2C5%2C1%2C1%2C3%2C2%2C1%2C0;demo-step:0",
    text: "A filter of size 3 on an input of 5 with padding 1: what is the size of the output with stride 1, and with stride 2? The formula is (W − F + 2P) / S + 1.",
    see: "With stride 2: (5 − 3 + 2) / 2 + 1 = 3. Set S to 1 for the other answer, which is 5.",
  },
  {
    title: "A stride that does not fit", look: "demo", state: "choices=demo:'10%2C10%2C1%2C1%2C3%2C2%2C0%2C0;demo-step:0",
    text: "What about an input of 10, a filter of 3, stride 2 and no padding?",
    see: "(10 − 3) / 2 + 1 = 4.5 is not whole. The settings that fit are listed.",
  },
  {
    title: "Number of parameters and parameter sharing", look: "read", state: `${CONVNET}&${drawn(3)}`,
    text: "An image of 227×227×3, F = 11, S = 4, K = 96 gives 55·55·96 neurons with 364 parameters each: 105,705,600. If all positions share one filter, 34,848 weights and 96 biases remain.",
    see: "The same calculation for the network that you look into: what its first layer has, and what it would have without sharing.",
  },
  {
    title: "Not sharing parameters", look: "arithmetic", state: `model=mnist-local&${drawn(3)}&pin=local_1,5,5,0`,
    text: "Sharing makes no sense where the input has a centered structure, such as faces: eyes and hair are always at the same places. LocallyConnected2D has other filters at each position.",
    see: "The pinned cell of a locally connected layer has a private kernel: its neighbor computes with other weights.",
  },
  {
    title: "Demo: the summary in numbers", look: "demo", state: "choices=demo:'5%2C5%2C3%2C2%2C3%2C2%2C1%2C0;demo-step:4",
    text: "The lecture's demo: an input of 5×5×3, K = 2 filters, F = 3, S = 2, P = 1.",
    see: "Each cell is 27 products and a bias. Press Play, or go step by step.",
  },
  {
    title: "Response map", look: "kernel", state: `${CONVNET}&${drawn(3)}&kernels=mnist-convnet%7Cconv_1%7C0:${BLUR}&choices=kernel-operation:'conv_1;kernel-filter:0`,
    text: "Each filter makes one map of its responses. With a Gaussian kernel, that is a blurred image.",
    see: "Compare the response of the trained kernel with the blurred digit, and choose other kernels from the list.",
  },
  {
    title: "Pooling layer", look: "arithmetic", state: `${CONVNET}&${drawn(3)}&pin=pool_1,6,6,0`,
    text: "Pooling with 2×2 cells and stride 2 keeps the largest of four numbers. Three of four activations are discarded, and nothing is learned.",
    see: "The card of the pinned cell has the four numbers and the one that is kept.",
  },
  {
    title: "Why pooling?", look: "network", state: `${CONVNET}&${drawn(3)}&pin=conv_3,1,1,0`,
    text: "Pooling makes the window larger: a cell of a deeper layer depends on more of the picture. It also leaves fewer parameters to the dense layer.",
    see: "The field of the pinned cell lights up in every layer below. In the picture it is 18×18 pixels wide.",
  },
  {
    title: "Data augmentation in Keras", look: "augmentation", state: `${CONVNET}&${drawn(5)}&choices=rotation_range:40;width_shift_range:0.2;height_shift_range:0.2;shear_range:11.459;zoom_range:0.2;horizontal_flip:1;fill_mode:'nearest;epoch:0`,
    text: "Overfitting comes from too few samples. Augmentation makes more of them by random transformations that yield believable images: the slide's seven arguments.",
    see: "Twelve samples of one picture. A mirrored 5 is no longer believable: take the horizontal flip away for digits.",
  },
  {
    title: "Dropout against overfitting", look: "dropout", state: `${CONVNET}&${drawn(5)}&dropout=1&choices=passes:50`,
    text: "Augmentation only remixes existing information. A dropout layer right before the dense classifier fights overfitting further.",
    see: "With dropout switched on, each of 50 passes leaves out other features. The spread shows how much the answer hangs on them.",
  },
  {
    title: "Vision: difficulties in real-world applications", look: "explain", state: `${CONVNET}&${drawn(5)}&play=sticker:0.5,0.4,0.25,255`,
    text: "A stop sign under stickers and graffiti is still a stop sign. For a network, a sticker on the right place changes the class.",
    see: "Drag the sticker over the digit and watch the probabilities. The occlusion map shows the places on which the answer depends.",
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
  const fields = ["title", "text", "see", "state", "look"];
  if (!Array.isArray(steps) || steps.length === 0) throw new Error("A lesson is a list of steps.");
  steps.forEach((step, index) => {
    const wrong = fields.find((field) => typeof step?.[field] !== "string");
    if (wrong) throw new Error(`Step ${index + 1} of the lesson needs a text for "${wrong}".`);
  });
  return steps;
}
