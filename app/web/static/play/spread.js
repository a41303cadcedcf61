// @ts-check
/** Mean and spread of the answers of several passes. */

/**
 * @typedef {object} Spread
 * @property {Float64Array} mean (K)
 * @property {Float64Array} deviation Standard deviation of the passes, (K).
 * @property {Float64Array} lowest (K)
 * @property {Float64Array} highest (K)
 * @property {number[]} votes How many passes gave each class the largest value, (K).
 */

/** @param {ArrayLike<number>[]} passes (N, K), at least one @returns {Spread} */
export function spreadOf(passes) {
  const classes = passes[0].length;
  const mean = new Float64Array(classes);
  const deviation = new Float64Array(classes);
  const lowest = new Float64Array(classes).fill(Infinity);
  const highest = new Float64Array(classes).fill(-Infinity);
  const votes = new Array(classes).fill(0);
  for (const values of passes) {
    votes[largest(values)]++;
    for (let index = 0; index < classes; index++) {
      mean[index] += values[index] / passes.length;
      lowest[index] = Math.min(lowest[index], values[index]);
      highest[index] = Math.max(highest[index], values[index]);
    }
  }
  for (const values of passes) {
    for (let index = 0; index < classes; index++) deviation[index] += (values[index] - mean[index]) ** 2 / passes.length;
  }
  return { mean, deviation: deviation.map(Math.sqrt), lowest, highest, votes };
}

/** Index of the largest value, the first of several. @param {ArrayLike<number>} values */
export function largest(values) {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index] > values[best]) best = index;
  return best;
}
