// @ts-check
/** The lecture's arithmetic of sizes: (W − F + 2P) / S + 1. */

/**
 * @typedef {object} Setting
 * @property {number} width W, the size of the input in cells.
 * @property {number} side F, the size of the filter in cells.
 * @property {number} stride S, the step in cells.
 * @property {number} padding P, zeros on either side.
 */

/** (W − F + 2P) / S + 1, which need not be whole. @param {Setting} setting */
export function exactOutputSize({ width, side, stride, padding }) {
  return (width - side + 2 * padding) / stride + 1;
}

/** Whether a filter fits and its steps end at the border. @param {Setting} setting */
export function fits({ width, side, stride, padding }) {
  const span = width - side + 2 * padding;
  return Math.min(width, side, stride) >= 1 && padding >= 0 && span >= 0 && span % stride === 0;
}

/** The formula with its numbers, `(5 − 3 + 2·1) / 2 + 1 = 3`. @param {Setting} setting */
export function outputSizeFormula(setting) {
  const { width, side, stride, padding } = setting;
  const exact = Number(exactOutputSize(setting).toPrecision(5));
  return `(${width} − ${side} + 2·${padding}) / ${stride} + 1 = ${String(exact).replace("-", "−")}`;
}

/**
 * For each setting alone, the nearest values below and above that make the output size whole.
 * @param {Setting} setting
 * @returns {Record<keyof Setting, number[]>} One or two values each, or none.
 */
export function settingsThatFit(setting) {
  /** @type {any} */
  const found = {};
  for (const name of /** @type {const} */ (["width", "side", "stride", "padding"])) {
    const value = setting[name];
    const reach = setting.stride + Math.abs(setting.width) + 2 * setting.padding;
    found[name] = [];
    for (const direction of [-1, 1]) {
      for (let distance = 1; distance <= reach; distance++) {
        const candidate = value + direction * distance;
        if (candidate < 0 || !fits({ ...setting, [name]: candidate })) continue;
        found[name].push(candidate);
        break;
      }
    }
  }
  return found;
}
