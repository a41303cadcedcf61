// @ts-check
/** Numbers as text: few digits, a real minus sign, the same width for the same size. No DOM. */

/**
 * Return a number with about three significant digits, without an exponent where it can be avoided.
 * @param {number} value
 * @param {number} [digits] Significant digits.
 * @returns {string}
 */
export function shortNumber(value, digits = 3) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (magnitude >= 1e6 || magnitude < 1e-4) return sign + scientific(magnitude, digits);
  return sign + magnitude.toFixed(decimalsFor(magnitude, digits));
}

/**
 * Return the numbers of one column of a table: as many digits after the point for each as the largest one needs.
 * @param {number[]} values
 * @param {number} [digits] Significant digits of the largest magnitude.
 * @returns {string[]}
 */
export function columnNumbers(values, digits = 4) {
  const largest = values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  const decimals = largest === 0 ? 0 : decimalsFor(largest, digits);
  return values.map((value) => (Number.isFinite(value) ? fixedNumber(value, decimals) : shortNumber(value)));
}

/**
 * Return a number with a fixed count of digits after the point; what rounds to zero has no sign.
 * @param {number} value
 * @param {number} decimals
 * @returns {string}
 */
export function fixedNumber(value, decimals) {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * Return a text with a plus before a positive number, for the terms of a sum.
 * @param {string} text
 * @returns {string}
 */
export function withPlus(text) {
  return text.startsWith("−") || !/[1-9]/.test(text) ? text : `+${text}`;
}

/**
 * Return the numbers of a small grid, with the digits after the point that its largest one has room for.
 * @param {(number|null)[]} values
 * @param {number} [given] Digits after the point, if there is room for more.
 * @returns {string[]} Empty where there is no value.
 */
export function gridNumbers(values, given) {
  const decimals = given ?? cellDecimals(values.reduce((/** @type {number} */ most, value) => Math.max(most, Math.abs(value || 0)), 0));
  return values.map((value) => (value === null || Number.isNaN(value) ? "" : Number.isFinite(value) ? fixedNumber(value, decimals) : shortNumber(value)));
}

/**
 * Return a number that shows its sign, for the terms of a sum.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function signedNumber(value, digits = 3) {
  return withPlus(shortNumber(value, digits));
}

/**
 * Return a count with its thousands set apart.
 * @param {number} value
 * @returns {string}
 */
export function countText(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * Return a shape as it is written in the lecture.
 * @param {readonly number[]} shape
 * @returns {string} Such as `26×26×32`.
 */
export function shapeText(shape) {
  return shape.map(countText).join("×");
}

/**
 * Return an ordinal number in words, up to the tenth, or in digits.
 * @param {number} place 1 is the first.
 * @returns {string}
 */
export function ordinal(place) {
  const words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
  if (place <= words.length) return words[place - 1];
  const teen = place % 100 >= 11 && place % 100 <= 13;
  const ending = teen ? "th" : ["th", "st", "nd", "rd"][place % 10] ?? "th";
  return `${countText(place)}${ending}`;
}

/**
 * @param {number} magnitude
 * @param {number} digits
 * @returns {string} Such as `3.2·10⁻⁷`.
 */
function scientific(magnitude, digits) {
  const [mantissa, exponent] = magnitude.toExponential(digits - 1).split("e");
  const superscript = { "-": "⁻", "+": "", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  const raised = [...exponent].map((character) => superscript[/** @type {keyof typeof superscript} */ (character)]).join("");
  return `${mantissa}·10${raised}`;
}

/** Digits after the point for a number of significant digits. @param {number} magnitude @param {number} digits */
function decimalsFor(magnitude, digits) {
  const rounded = Number(magnitude.toPrecision(digits)); // 0.9996 becomes 1.00, not 1.000
  return Math.min(Math.max(digits - Math.floor(Math.log10(rounded)) - 1, 0), 8);
}

/** Digits after the point that a small cell has room for. @param {number} magnitude */
function cellDecimals(magnitude) {
  return magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
}
