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
  const before = Math.floor(Math.log10(magnitude)) + 1;
  const decimals = Math.min(Math.max(digits - before, 0), 8);
  return sign + magnitude.toFixed(decimals);
}

/**
 * Return a number for a small cell: five characters at most below a thousand, so small ones become 0.00.
 * @param {number} value
 * @returns {string}
 */
export function cellNumber(value) {
  if (value === 0 || !Number.isFinite(value)) return shortNumber(value);
  const magnitude = Math.abs(value);
  const decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
  return (value < 0 ? "−" : "") + magnitude.toFixed(decimals);
}

/**
 * Return a number that shows its sign, for the terms of a sum.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function signedNumber(value, digits = 3) {
  return value > 0 ? `+${shortNumber(value, digits)}` : shortNumber(value, digits);
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
