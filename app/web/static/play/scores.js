// @ts-check
/** The score of a class before softmax or sigmoid: a probability near 1 hardly changes, its logit does. */

/**
 * The score of a class in a network that has run.
 * @param {any} network
 * @param {number} index Class; a single unit is the score of the second class, its negative that of the first.
 * @returns {number}
 */
export function scoreOf(network, index) {
  const { operations } = network.program;
  const last = operations[operations.length - 1];
  const squashed = last.kind === "activation" && ["softmax", "sigmoid"].includes(last.attributes.function);
  const output = network.output(squashed ? last.inputs[0] : last.name);
  if (output.length > 1) return output[index];
  return index === 1 ? output[0] : -output[0];
}
