// @ts-check
/** How the outputs of a network become its prediction, in words. */

/**
 * Return how the values of a model's views become its prediction, empty if one view is it.
 * @param {{views: any[], temperature: number}} program
 * @returns {string}
 */
export function predictionText({ views, temperature }) {
  const mean = views.length > 1 ? `the mean of ${views.length} views` : "";
  return [mean, temperature === 1 ? "" : temperatureText(temperature)].filter(Boolean).join(" ");
}

/** @param {number} temperature */
export function temperatureText(temperature) {
  return `at temperature ${Number(temperature.toPrecision(3))}`;
}
