// @ts-check
/**
 * Colors of values: ramps, ranges symmetric about zero, and text that can be read on a color.
 *
 * Diverging ramps show the sign (red–blue for activations, brown–green for weights) and have their
 * neutral color at zero. Sequential ramps show amounts: gray for pixels, orange for probabilities.
 * In the dark theme zero is dark and large magnitudes are bright, so that silence looks silent.
 */

/** @typedef {[number, number, number]} Color Red, green and blue in 0–255. */
/** @typedef {"activations"|"weights"|"pixels"|"probabilities"} RampName */
/** @typedef {"light"|"dark"} Theme */
/** @typedef {{low: number, high: number}} Range */

/** Entries of a table; odd, so that zero has an entry of its own in the middle. */
export const TABLE_SIZE = 255;

const STOPS = {
  light: {
    activations: ["#7f0d1f", "#b5202f", "#d7614e", "#f2a587", "#fbdccb", "#f7f7f7", "#d3e6f0", "#93c4dd", "#4693c3", "#2267ab", "#0a3a6b"],
    weights: ["#543005", "#8c510a", "#bf812d", "#dfc27d", "#f5e8c6", "#f5f5f5", "#c9eae5", "#80cdc1", "#35978f", "#01665e", "#003c30"],
    pixels: ["#000000", "#ffffff"],
    probabilities: ["#fff6ed", "#fee5cd", "#fdcfa1", "#fdae6b", "#fa8a3b", "#ef6a14", "#d54a02", "#a33703", "#7b2805"],
  },
  dark: {
    activations: ["#ffd2c2", "#f9a58c", "#e56f57", "#b8402f", "#6a2a24", "#1f2124", "#1f3f5c", "#2b6ea3", "#559fd3", "#94c8ea", "#d2eafa"],
    weights: ["#f6dfb4", "#dfb873", "#bd8a3a", "#8a5d1c", "#4f3a1c", "#1f2124", "#17423e", "#1a716a", "#3ba196", "#81cdc0", "#c9f0e8"],
    pixels: ["#000000", "#ffffff"],
    probabilities: ["#1f2124", "#47301f", "#74421b", "#a3561a", "#d06d1c", "#f08b33", "#fcae66", "#fdd0a2", "#feeddc"],
  },
};

/** @type {Record<RampName, boolean>} Whether zero is in the middle of the ramp. */
const DIVERGING = { activations: true, weights: true, pixels: false, probabilities: false };

/** @type {Map<string, Uint32Array>} */
const tables = new Map();

/**
 * Return a color as numbers.
 * @param {string} text `#rrggbb`
 * @returns {Color}
 */
export function parseColor(text) {
  const value = Number.parseInt(text.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/**
 * Return the color at a place of a ramp.
 * @param {RampName} ramp
 * @param {number} place 0 at the low end, 1 at the high end.
 * @param {Theme} theme
 * @returns {Color}
 */
export function rampColor(ramp, place, theme) {
  const stops = STOPS[theme][ramp];
  const position = Math.min(Math.max(place, 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(position), stops.length - 2);
  const [from, to] = [parseColor(stops[left]), parseColor(stops[left + 1])];
  const part = position - left;
  return /** @type {Color} */ (from.map((value, index) => Math.round(value + (to[index] - value) * part)));
}

/**
 * Return a ramp as pixels of `ImageData` (alpha, blue, green, red from the high byte).
 * @param {RampName} ramp
 * @param {Theme} theme
 * @returns {Uint32Array} `TABLE_SIZE` colors from the low to the high end.
 */
export function rampTable(ramp, theme) {
  const key = `${ramp} ${theme}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = new Uint32Array(TABLE_SIZE);
    for (let index = 0; index < TABLE_SIZE; index++) {
      const [red, green, blue] = rampColor(ramp, index / (TABLE_SIZE - 1), theme);
      table[index] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    }
    tables.set(key, table);
  }
  return table;
}

/**
 * Return where a value lies in a range, as an index into a table.
 * @param {number} value
 * @param {Range} range
 * @returns {number} 0 to `TABLE_SIZE` − 1; the middle for an empty range or NaN.
 */
export function tableIndex(value, range) {
  const width = range.high - range.low;
  const index = Math.round(((value - range.low) / width) * (TABLE_SIZE - 1));
  if (!(width > 0) || Number.isNaN(index)) return (TABLE_SIZE - 1) / 2;
  return Math.min(Math.max(index, 0), TABLE_SIZE - 1);
}

/**
 * Return the color of a value.
 * @param {number} value
 * @param {Range} range
 * @param {RampName} ramp
 * @param {Theme} theme
 * @returns {Color}
 */
export function valueColor(value, range, ramp, theme) {
  const color = rampTable(ramp, theme)[tableIndex(value, range)];
  return [color & 255, (color >> 8) & 255, (color >> 16) & 255];
}

/**
 * Return the largest magnitude in data, or in one channel of it. Values that are not finite do not count.
 * @param {ArrayLike<number>} data Channels last.
 * @param {number} [channels] Distance between two values of one channel.
 * @param {number} [channel]
 * @returns {number}
 */
export function largestMagnitude(data, channels = 1, channel = 0) {
  let largest = 0;
  for (let index = channel; index < data.length; index += channels) {
    const magnitude = Math.abs(data[index]);
    if (magnitude > largest && magnitude !== Infinity) largest = magnitude;
  }
  return largest;
}

/**
 * Return the range that a ramp spans: symmetric about zero if it diverges, from zero otherwise.
 * @param {RampName} ramp
 * @param {number} magnitude
 * @returns {Range}
 */
export function rampRange(ramp, magnitude) {
  const high = magnitude > 0 ? magnitude : 1; // zero keeps its color where everything is zero
  return { low: DIVERGING[ramp] ? -high : 0, high };
}

/**
 * Return the magnitudes of the maps of a layer under a scale.
 * @param {"unit"|"layer"|"global"} scale One magnitude for each map, for the layer, or for the network.
 * @param {ArrayLike<number>} data Channels last.
 * @param {number} channels
 * @param {number} global Largest magnitude in the network.
 * @returns {Float64Array} One magnitude for each channel.
 */
export function scaleMagnitudes(scale, data, channels, global) {
  const magnitudes = new Float64Array(channels);
  if (scale === "unit") return magnitudes.map((_, channel) => largestMagnitude(data, channels, channel));
  return magnitudes.fill(scale === "layer" ? largestMagnitude(data) : global);
}

/**
 * Return the relative luminance of a color (WCAG 2).
 * @param {Color} color
 * @returns {number} 0 (black) to 1 (white)
 */
export function luminance(color) {
  const [red, green, blue] = color.map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Return the contrast of two colors (WCAG 2).
 * @param {Color} first
 * @param {Color} second
 * @returns {number} 1 to 21
 */
export function contrast(first, second) {
  const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/**
 * Return black or white, whichever is easier to read on a color; its contrast is at least 4.58.
 * @param {Color} color
 * @returns {"#000000"|"#ffffff"}
 */
export function textColor(color) {
  return contrast(color, [0, 0, 0]) >= contrast(color, [255, 255, 255]) ? "#000000" : "#ffffff";
}

/**
 * Return a color as CSS text.
 * @param {Color} color
 * @returns {string}
 */
export function cssColor(color) {
  return `rgb(${color[0]} ${color[1]} ${color[2]})`;
}
