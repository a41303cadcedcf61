// @ts-check
/** Affine resampling of an image, by the rules of the Python program: bilinear, pixels outside as in SciPy. */

/**
 * @typedef {object} Size
 * @property {number} height
 * @property {number} width
 * @property {number} channels
 */

/**
 * @typedef {object} Transform
 * @property {number} rotation Degrees; positive rotates the content counterclockwise.
 * @property {number} shiftX Pixels; positive moves the content left.
 * @property {number} shiftY Pixels; positive moves the content up.
 * @property {number} shear Degrees.
 * @property {number} zoomX Source pixels per pixel: below 1 magnifies.
 * @property {number} zoomY
 * @property {boolean} flip Left to right, after all of the above.
 */

/** @type {Transform} */
export const IDENTITY = { rotation: 0, shiftX: 0, shiftY: 0, shear: 0, zoomX: 1, zoomY: 1, flip: false };

export const FILL_MODES = ["nearest", "constant", "reflect", "wrap"];

/**
 * The matrix from the result's pixels (x, y, 1) to the source's (x, y), row by row: rotation · shift · shear · zoom
 * about the center, in Keras's order.
 * @param {Transform} transform @param {{height: number, width: number}} size @returns {number[]} (2, 3)
 */
export function transformMatrix(transform, { height, width }) {
  const [angle, shear] = [transform.rotation, transform.shear].map((degrees) => (degrees * Math.PI) / 180);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const zoomX = transform.flip ? -transform.zoomX : transform.zoomX;
  const a = cos * zoomX;
  const b = (-cos * Math.sin(shear) - sin * Math.cos(shear)) * transform.zoomY;
  const d = sin * zoomX;
  const e = (-sin * Math.sin(shear) + cos * Math.cos(shear)) * transform.zoomY;
  const [centerX, centerY] = [(width - 1) / 2, (height - 1) / 2];
  const shiftX = cos * transform.shiftX - sin * transform.shiftY;
  const shiftY = sin * transform.shiftX + cos * transform.shiftY;
  return [
    a, b, centerX + shiftX - a * centerX - b * centerY,
    d, e, centerY + shiftY - d * centerX - e * centerY,
  ];
}

/**
 * @param {ArrayLike<number>} pixels (H, W, C)
 * @param {Size} size
 * @param {number[]} matrix (2, 3)
 * @param {{fillMode?: string, value?: number}} [outside] What lies outside the image; `value` is for "constant".
 * @returns {Float32Array} (H, W, C)
 */
export function resample(pixels, { height, width, channels }, matrix, { fillMode = "nearest", value = 0 } = {}) {
  const [a, b, c, d, e, f] = matrix;
  const result = new Float32Array(height * width * channels);
  for (let row = 0, target = 0; row < height; row++) {
    for (let column = 0; column < width; column++, target += channels) {
      const x = inside(a * column + (b * row + c), width, fillMode);
      const y = inside(d * column + (e * row + f), height, fillMode);
      if (Number.isNaN(x) || Number.isNaN(y)) {
        result.fill(value, target, target + channels);
        continue;
      }
      const [x0, y0] = [Math.floor(x), Math.floor(y)];
      const [left, right] = [tap(x0, width), tap(x0 + 1, width)];
      const [above, below] = [tap(y0, height) * width, tap(y0 + 1, height) * width];
      for (let channel = 0; channel < channels; channel++) {
        const at = (/** @type {number} */ place) => pixels[place * channels + channel];
        const upper = at(above + left) + (at(above + right) - at(above + left)) * (x - x0);
        const lower = at(below + left) + (at(below + right) - at(below + left)) * (x - x0);
        result[target + channel] = upper + (lower - upper) * (y - y0);
      }
    }
  }
  return result;
}

/** A coordinate within the image that stands for `where`; NaN for none. @param {number} where @param {number} size @param {string} fillMode */
function inside(where, size, fillMode) {
  const last = size - 1;
  if (fillMode === "reflect") return where;
  if (where >= 0 && where <= last) return where;
  if (fillMode === "constant") return NaN;
  if (fillMode === "wrap") return last === 0 ? 0 : where - Math.floor(where / last) * last; // its period is size − 1, as in SciPy
  return where < 0 ? 0 : last;
}

/** The index of a pixel, mirrored at the border. @param {number} index @param {number} size */
function tap(index, size) {
  if (index >= 0 && index < size) return index;
  const period = ((index % (2 * size)) + 2 * size) % (2 * size);
  return period < size ? period : 2 * size - 1 - period;
}
