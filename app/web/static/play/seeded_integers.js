// @ts-check
/**
 * The whole numbers that NumPy's `default_rng(seed).integers` draws, so that the demo on the page and the
 * demo of the command line show the same ones.
 *
 * Sources: O'Neill, PCG: a family of fast space-efficient generators, 2014; Lemire, Fast random integer
 * generation in an interval, 2019; NumPy's documentation of `SeedSequence`.
 */

const BITS_64 = (1n << 64n) - 1n;
const BITS_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL = 4;

/**
 * @param {number} seed Whole number from 0 to 2³² − 1.
 * @returns {(low: number, high: number, count: number) => number[]} Draws `count` numbers, `low` to `high − 1`.
 */
export function seededIntegers(seed) {
  const next = words(seed);
  return (low, high, count) => {
    const range = high - low;
    if (range <= 1) return new Array(count).fill(low);
    return Array.from({ length: count }, () => low + bounded(next, range));
  };
}

/** @param {() => bigint} next @param {number} range Fewer than 2³². */
function bounded(next, range) {
  const size = BigInt(range);
  let product = next() * size;
  const threshold = (0x100000000n - size) % size;
  while ((product & 0xffffffffn) < threshold) product = next() * size;
  return Number(product >> 32n);
}

/** A function that returns the generator's next 32 bits: each step gives two words, the lower one first.
 * @param {number} seed */
function words(seed) {
  const [high, low, incrementHigh, incrementLow] = seedWords(seed);
  const increment = ((((incrementHigh << 64n) | incrementLow) << 1n) | 1n) & BITS_128;
  const advance = (/** @type {bigint} */ state) => (state * MULTIPLIER + increment) & BITS_128;
  let state = advance((advance(0n) + ((high << 64n) | low)) & BITS_128);
  /** @type {bigint | null} */
  let kept = null;
  return () => {
    if (kept !== null) {
      const word = kept;
      kept = null;
      return word;
    }
    state = advance(state);
    const folded = (state >> 64n) ^ (state & BITS_64);
    const turn = state >> 122n;
    const output = ((folded >> turn) | (folded << (64n - turn))) & BITS_64;
    kept = output >> 32n;
    return output & 0xffffffffn;
  };
}

/** Four words of 64 bits that depend on all bits of the seed. @param {number} seed */
function seedWords(seed) {
  let constant = 0x43b0d7e5;
  const hash = (/** @type {number} */ value) => {
    value ^= constant;
    constant = Math.imul(constant, 0x931e8875);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
  const pool = Array.from({ length: POOL }, (_, index) => hash(index === 0 ? seed : 0));
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) {
      if (from === to) continue;
      const mixed = Math.imul(0xca01f9dd, pool[to]) - Math.imul(0x4973f715, hash(pool[from]));
      pool[to] = mixed ^ (mixed >>> 16);
    }
  }
  constant = 0x8b51f9dd;
  const halves = Array.from({ length: 8 }, (_, index) => {
    let value = pool[index % POOL] ^ constant;
    constant = Math.imul(constant, 0x58f38ded);
    value = Math.imul(value, constant);
    return BigInt((value ^ (value >>> 16)) >>> 0);
  });
  return [0, 2, 4, 6].map((index) => halves[index] | (halves[index + 1] << 32n));
}
