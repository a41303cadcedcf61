// @ts-check
// Samples of a data set, fetched by pages and kept.

const PAGE = 24;

/**
 * @typedef {{pixels: Uint8Array, label: number | null, name: string, predicted: number | null,
 *   note: string}} Sample
 * @typedef {{model: string, order: string, seed: number, index: number,
 *   label: number | null, predicted?: number | null}} Wanted `label` and `predicted`: only those of a
 *   true class, only those that the model predicts to be of a class.
 */

/** The samples of a source. */
export class Samples {
  /**
   * @param {any} source
   * @param {() => void} arrived Called when an answer has come.
   */
  constructor(source, arrived) {
    this.source = source;
    this.arrived = arrived;
    /** @type {Map<string, any>} */
    this.pages = new Map();
  }

  /**
   * Return a sample: null while it is on its way, {problem} if there is none.
   *
   * @param {Wanted} wanted
   * @returns {Sample | {problem: string} | null}
   */
  get(wanted) {
    const page = this.pageOf(wanted);
    if (page.count === null) return null;
    const k = wanted.index % PAGE;
    if (k >= page.count) return { problem: page.problem ?? "There are no more samples." };
    page.samples[k] ??= sampleOf(page, k);
    return page.samples[k];
  }

  /** @param {string} model */
  forget(model) {
    for (const key of [...this.pages.keys()]) if (key.startsWith(`${model}\n`)) this.pages.delete(key);
  }

  /** @param {Wanted} wanted */
  pageOf({ model, order, seed, index, label, predicted }) {
    const start = Math.floor(index / PAGE) * PAGE;
    const key = [model, order, seed, start, label, predicted ?? null].join("\n");
    if (!this.pages.has(key)) {
      this.pages.set(key, { count: null });
      const classes = { label: label ?? undefined, predicted: predicted ?? undefined };
      this.fetch(key, model, { order, seed, start, count: PAGE, ...classes });
    }
    return this.pages.get(key);
  }

  /** @param {string} key @param {string} model @param {any} options */
  async fetch(key, model, options) {
    try {
      const page = await this.source.samples(model, options);
      const count = Math.max(page.labels.length, page.names?.length ?? 0);
      this.pages.set(key, { ...page, count, samples: [] });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.pages.set(key, { count: 0, problem });
    }
    this.arrived();
  }
}

/** @param {any} page @param {number} k @returns {Sample} */
function sampleOf(page, k) {
  const size = page.images.length / page.count;
  return {
    pixels: page.images.subarray(k * size, (k + 1) * size),
    label: page.labels[k] ?? null,
    predicted: page.predicted?.[k] >= 0 ? page.predicted[k] : null, // -1: not evaluated yet
    name: page.names?.[k] ?? "",
    note: page.note ?? "",
  };
}
