// @ts-check
/** Classical kernels, as the network's own arithmetic applies them: without a flip (cross-correlation). */

/**
 * @typedef {object} ClassicalKernel
 * @property {string} effect Effect on an image, in a line.
 * @property {number[][]} numbers (k, l), in the order of a convolution, which flips them.
 * @property {number} divisor 16 for a factor of 1/16.
 */

/** @type {Record<string, ClassicalKernel>} */
export const KERNELS = {
  "identity": { effect: "leaves every pixel as it is", numbers: [[0, 0, 0], [0, 1, 0], [0, 0, 0]], divisor: 1 },
  "box-blur": { effect: "the mean of 3×3 pixels", numbers: [[1, 1, 1], [1, 1, 1], [1, 1, 1]], divisor: 9 },
  "gaussian-blur": { effect: "a mean that counts the middle most", numbers: [[1, 2, 1], [2, 4, 2], [1, 2, 1]], divisor: 16 },
  "sharpen": { effect: "makes local differences larger", numbers: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], divisor: 1 },
  "emboss": { effect: "a relief, lit from the lower right", numbers: [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], divisor: 1 },
  "sobel-x": { effect: "positive where the layer's input gets darker to the right", numbers: [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], divisor: 1 },
  "sobel-y": { effect: "positive where the layer's input gets darker downward", numbers: [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], divisor: 1 },
  "laplacian": { effect: "both signs along every edge", numbers: [[0, 1, 0], [1, -4, 1], [0, 1, 0]], divisor: 1 },
  "prewitt-x": { effect: "as sobel-x, all rows counting alike", numbers: [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], divisor: 1 },
  "prewitt-y": { effect: "as sobel-y, all columns alike", numbers: [[-1, -1, -1], [0, 0, 0], [1, 1, 1]], divisor: 1 },
  "outline": { effect: "edges of every direction", numbers: [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], divisor: 1 },
  "zero": { effect: "silences the filter", numbers: [[0]], divisor: 1 },
};

/**
 * A classical kernel as weights of a filter, flipped, in the middle of the filter's own size; the filter's channels
 * share it, so that their sum responds as one gray image does.
 * @param {string} name @param {number} height @param {number} width @param {number} channels
 * @returns {Float32Array} (height, width, channels)
 */
export function classicalWeights(name, height, width, channels) {
  const { numbers, divisor } = KERNELS[name];
  const weights = new Float32Array(height * width * channels);
  const top = Math.floor((height - numbers.length) / 2);
  const left = Math.floor((width - numbers[0].length) / 2);
  numbers.forEach((line, row) => line.forEach((_, column) => {
    const [y, x] = [top + row, left + column];
    if (y < 0 || x < 0 || y >= height || x >= width) return;
    const flipped = numbers[numbers.length - 1 - row][line.length - 1 - column];
    weights.fill(flipped / divisor / channels, (y * width + x) * channels, (y * width + x + 1) * channels);
  }));
  return weights;
}
