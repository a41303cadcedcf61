// @ts-check
/** How the outputs of a network become its prediction, in words. */

/**
 * Return how the values of a model's views become its prediction, empty if one view is it.
 * @param {{views: any[], temperature: number}} program
 * @param {number[]} thresholds Of a multi-label model; none of others.
 * @returns {string}
 */
export function predictionText({ views, temperature }, thresholds = []) {
  const mean = views.length > 1 ? `the mean of ${views.length} views` : "";
  const scaled = [mean, temperature === 1 ? "" : temperatureText(temperature)].filter(Boolean).join(" ");
  const labels = thresholds.length ? "labels are highlighted from their thresholds on" : "";
  return [scaled, labels].filter(Boolean).join("; ");
}

/** @param {number} temperature */
export function temperatureText(temperature) {
  return `at temperature ${Number(temperature.toPrecision(3))}`;
}
