// @ts-check
// Named values as a short text that needs no escapes in an address: `name!value*name!value`.

/** @typedef {string | number | boolean} Value */

/** @param {Record<string, Value>} values @returns {string} */
export function writeValues(values) {
  return Object.entries(values).map(([name, value]) => `${name}!${value}`).join("*");
}

/** @param {string} text @returns {Record<string, Value>} What is damaged is left out. */
export function readValues(text) {
  const pairs = text.split("*").map((pair) => /^(\w+)!(.+)$/.exec(pair));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], valueOf(pair[2])]] : [])));
}

/** @param {string} text @returns {Value} */
function valueOf(text) {
  if (text === "true" || text === "false") return text === "true";
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
