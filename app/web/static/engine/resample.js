// @ts-check
// Images of another size: the antialiased bilinear filter that the training data went through, in
// the same whole-number arithmetic, so that the page and Python agree to the last gray level, or to
// one level where Pillow resizes the columns of a tall image before its rows.

const ONE = 2 ** 22; // weights are whole multiples of 1 / ONE

/**
 * Return an image of another size.
 *
 * @param {ArrayLike<number>} data Whole gray levels from 0 to 255.  (H, W, C)
 * @param {number} width
 * @param {number} height
 * @param {number} toWidth
 * @param {number} toHeight
 * @param {{left: number, top: number, width: number, height: number}} [box] Part of the image that
 *   fills the new one; pixels beside it count at its edges, as in Pillow.
 * @returns {Uint8Array} (toHeight, toWidth, C)
 */
export function resize(data, width, height, toWidth, toHeight, box = { left: 0, top: 0, width, height }) {
  const channels = data.length / (width * height);
  const isWidth = toWidth === width && box.width === width;
  const across = isWidth ? Uint8Array.from(data) : new Uint8Array(height * toWidth * channels);
  if (!isWidth) {
    const columns = weightsOf(width, toWidth, box.left, box.width);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < toWidth; x++) {
        const { first, weights } = columns[x];
        for (let c = 0; c < channels; c++) {
          const start = (y * width + first) * channels + c;
          across[(y * toWidth + x) * channels + c] = weightedSum(data, start, channels, weights);
        }
      }
    }
  }
  if (toHeight === height && box.height === height) return across;
  const result = new Uint8Array(toHeight * toWidth * channels);
  const rows = weightsOf(height, toHeight, box.top, box.height);
  const row = toWidth * channels;
  for (let y = 0; y < toHeight; y++) {
    const { first, weights } = rows[y];
    for (let x = 0; x < row; x++) result[y * row + x] = weightedSum(across, first * row + x, row, weights);
  }
  return result;
}

/** @param {ArrayLike<number>} data @param {number} start @param {number} stride @param {number[]} weights */
function weightedSum(data, start, stride, weights) {
  let sum = ONE / 2;
  for (let k = 0; k < weights.length; k++) sum += data[start + k * stride] * weights[k];
  return Math.min(255, Math.floor(sum / ONE));
}

/**
 * Return for each target pixel the first source pixel and the weights from there: a triangle, as
 * wide as two target pixels where the image shrinks.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} start First source pixel of the part that is resized.
 * @param {number} length Number of its pixels.
 */
function weightsOf(from, to, start, length) {
  const scale = length / to;
  const reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, k) => {
    const center = start + (k + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    const shares = [];
    for (let x = first; x < end; x++) shares.push(Math.max(0, 1 - Math.abs((x - center + 0.5) / reach)));
    const sum = shares.reduce((total, share) => total + share, 0);
    return { first, weights: shares.map((share) => Math.floor(0.5 + (share / sum) * ONE)) };
  });
}
