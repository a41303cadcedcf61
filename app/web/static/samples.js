// @ts-check
// Samples of a data set, fetched by pages and kept.

const PAGE = 24;

/**
 * @typedef {{pixels: Uint8Array, label: number | null, name: string, predicted: number | null, note: string}} Sample
 * @typedef {{model: string, order: string, seed: number, index: number, label: number | null}} Wanted
 */

/**
 * Return the samples of a source.
 *
 * @param {any} source
 * @param {() => void} arrived Called when an answer has come.
 */
export function createSamples(source, arrived) {
  /** @type {Map<string, any>} */
  const pages = new Map();

  async function fetchPage(/** @type {string} */ key, /** @type {string} */ model, /** @type {any} */ options) {
    pages.set(key, { count: null });
    try {
      const page = await source.samples(model, options);
      pages.set(key, { ...page, count: page.labels.length || (page.names ?? []).length });
    } catch (error) {
      pages.set(key, { count: 0, problem: error instanceof Error ? error.message : String(error) });
    }
    arrived();
  }

  /** @param {Wanted} sample */
  function pageOf({ model, order, seed, index, label }) {
    const start = Math.floor(index / PAGE) * PAGE;
    const key = [model, order, seed, start, label].join("\n");
    if (!pages.has(key)) fetchPage(key, model, { order, seed, start, count: PAGE, label: label ?? undefined });
    return pages.get(key);
  }

  return {
    /**
     * Return a sample: null while it is on its way, {problem} if there is none.
     *
     * @param {Wanted} wanted
     * @returns {Sample | {problem: string} | null}
     */
    get(wanted) {
      const page = pageOf(wanted);
      if (page.count === null) return null;
      const k = wanted.index % PAGE;
      if (k >= page.count) return { problem: page.problem ?? "There are no more samples." };
      const size = page.images.length / page.count;
      return {
        pixels: page.images.subarray(k * size, (k + 1) * size), name: page.names?.[k] ?? "", note: page.note ?? "",
        label: page.labels[k] ?? null, predicted: page.predicted?.[k] ?? null,
      };
    },
  };
}
