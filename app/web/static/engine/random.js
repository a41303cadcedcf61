// @ts-check
// Random numbers that follow from a seed and a position, so that each can be had by itself.

/**
 * Return a number in [0, 1).
 *
 * @param {number} seed
 * @param {number} index
 */
export function uniform(seed, index) {
  return mixed(Math.imul(mixed(seed + 0x9e3779b9), 31) + index) / 2 ** 32;
}

/**
 * Return a seed that follows from a text and another seed.
 *
 * @param {string} text
 * @param {number} seed
 */
export function seedOf(text, seed) {
  let hash = mixed(seed);
  for (const character of text) {
    hash = mixed(hash + (character.codePointAt(0) ?? 0));
  }
  return hash;
}

/**
 * Return 32 bits that look unrelated to those given.
 *
 * @param {number} bits
 */
function mixed(bits) {
  let x = bits >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
