// @ts-check
/** The tensors behind a cell that can be taken along. No DOM. */

/** @typedef {import("./card_save.js").Tensor} Tensor */

/**
 * Return the tensors of a cell: what its layer gives, its map, its weights and its terms.
 * @param {import("../engine/network.js").Network} network
 * @param {import("./column_model.js").Column} column
 * @param {import("./walk.js").Place} place
 * @param {import("./probe.js").CellSum} sum
 * @returns {Tensor[]}
 */
export function tensorsOfCell(network, column, place, sum) {
  const { output, height, width, channels, isVector, operations } = column;
  const name = `${network.program.name}-${column.title}`;
  const values = network.output(output.name);
  const map = Float32Array.from({ length: height * width }, (_, index) => values[index * channels + place.channel]);
  const weights = Object.entries(network.weights(operations[0].name)).map(([role, data]) =>
    ({ name: `${name}-${role}`, label: role, values: data, shape: operations[0].weights[role].shape }));
  const terms = Float32Array.from(sum.terms.flatMap(({ value, weight, product }) => [value, weight, product]));
  return [
    { name, label: "output of the layer", values, shape: output.shape },
    ...(isVector ? [] : [{ name: `${name}-map-${place.channel}`, label: "this map", values: map, shape: [height, width] }]),
    ...weights,
    { name: `${name}-terms`, label: "terms: value, weight, product", values: terms, shape: [sum.terms.length, 3] },
  ].filter(({ values: list }) => list.length > 0);
}
