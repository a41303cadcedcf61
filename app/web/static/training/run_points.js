// @ts-check
// Points of the curves of batches: what several of them stand for, and means that stay true. No DOM.

/**
 * @typedef {{step: number[], loss: number[], accuracy: number[]}} Points
 *   A point is the mean over all batches after the point before it, up to and with its step.
 */

export const MOST_POINTS = 2000;
const SHARE = 40; // a mean reaches over this part of the run
const START = 4; // and at the start over this part of the batches so far: the loss falls fast there

/**
 * Return the number of batches that each point stands for; the first one for as many as the second.
 *
 * @param {number[]} step
 * @returns {number[]}
 */
export function batchesOf(step) {
  return step.map((last, k) => last - (k > 0 ? step[k - 1] : step.length > 1 ? 2 * step[0] - step[1] : last - 1));
}

/**
 * Return points with `MOST_POINTS` or fewer: two neighbors become their mean, as on the server.
 *
 * @param {Points} points
 * @returns {Points}
 */
export function thinned(points) {
  if (points.step.length <= MOST_POINTS) return points;
  return thinned(joined(points, (_, k) => Math.floor(k / 2)));
}

/**
 * Return points that all stand for the same number of batches, but for the last one: of a thinned curve, the newer
 * points stand for fewer, and would seem to be noisier.
 *
 * @param {Points} points
 * @returns {{points: Points, batches: number}}
 */
export function evenPoints(points) {
  const counts = batchesOf(points.step);
  const batches = Math.max(1, ...counts);
  const start = points.step[0] - counts[0];
  return { points: batches === 1 ? points : joined(points, (step) => Math.ceil((step - start) / batches)), batches };
}

/** Points of the same group as one. @param {Points} points @param {(step: number, k: number) => number} groupOf @returns {Points} */
function joined({ step, loss, accuracy }, groupOf) {
  const counts = batchesOf(step);
  /** @type {Points} */
  const means = { step: [], loss: [], accuracy: [] };
  for (let start = 0, end = 0; start < step.length; start = end) {
    const group = groupOf(step[start], start);
    while (end < step.length && groupOf(step[end], end) === group) end += 1;
    means.step.push(step[end - 1]);
    means.loss.push(meanOf(loss, counts, start, end));
    means.accuracy.push(meanOf(accuracy, counts, start, end));
  }
  return means;
}

/** @param {number[]} values @param {number[]} counts @param {number} start @param {number} end */
function meanOf(values, counts, start, end) {
  let [sum, count] = [0, 0];
  for (let k = start; k < end; k++) [sum, count] = [sum + counts[k] * values[k], count + counts[k]];
  return sum / count;
}

/** How many points a mean reaches over. @param {number} count Number of all points. */
export function reachOf(count) {
  return Math.max(1, Math.round(count / SHARE));
}

/**
 * Return the mean over each point and some before it; at the start over fewer.
 *
 * @param {number[]} step
 * @param {number[]} values
 * @returns {number[]}
 */
export function runningMean(step, values) {
  const counts = batchesOf(step);
  const reach = reachOf(values.length);
  return values.map((_, k) => meanOf(values, counts, k + 1 - Math.max(1, Math.min(reach, Math.floor((k + 1) / START))), k + 1));
}
