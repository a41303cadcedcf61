// @ts-check
/** Counter-based random numbers, bit for bit those of the Python program: each depends on its address alone. */

const BITS = (1n << 64n) - 1n;
const GOLDEN = 0x9e3779b97f4a7c15n;

/**
 * Numbers for one image, uniform in [0, 1).
 * @param {number} seed Seed of the run.
 * @param {number} epoch Epoch, counted from 0.
 * @param {number} position Position of the image in its data set.
 * @param {number} count How many numbers.
 * @returns {Float64Array} (count)
 */
export function uniforms(seed, epoch, position, count) {
  let state = mix(BigInt(seed));
  state = mix((state + BigInt(epoch) * GOLDEN) & BITS);
  state = mix((state + BigInt(position) * GOLDEN) & BITS);
  const numbers = new Float64Array(count);
  for (let column = 0; column < count; column++) {
    const mixed = mix((state + BigInt(column + 1) * GOLDEN) & BITS);
    numbers[column] = Number(mixed >> 11n) * 2 ** -53;
  }
  return numbers;
}

/**
 * Numbers of a standard normal distribution, two from every two uniforms (Box and Muller, 1958).
 * @param {number} seed
 * @param {number} count
 * @returns {Float64Array} (count)
 */
export function normals(seed, count) {
  const numbers = new Float64Array(count);
  let state = (seed * 0x9e3779b1 + 1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  for (let index = 0; index < count; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(next()));
    const angle = 2 * Math.PI * next();
    numbers[index] = radius * Math.cos(angle);
    if (index + 1 < count) numbers[index + 1] = radius * Math.sin(angle);
  }
  return numbers;
}

/** @param {bigint} state */
function mix(state) {
  let mixed = (state + GOLDEN) & BITS;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & BITS;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & BITS;
  return mixed ^ (mixed >> 31n);
}
