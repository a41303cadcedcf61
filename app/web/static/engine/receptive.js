// @ts-check
// Receptive fields: which cells of every output before it can change a cell.

import { OPERATIONS } from "./operations.js";
import { inputShapes, operationNamed } from "./program.js";
import { unionOfRegions } from "./shapes.js";

/**
 * Return the region of every output that a place of an output depends on.
 *
 * @param {import("./program.js").Program} program
 * @param {string} name Operation that the place is in.
 * @param {{row?: number, column?: number}} cell A vector is one place.
 * @returns {Map<string, import("./shapes.js").Region>} By operation, its own included, in the order
 *   from the input on. An operation is absent if nothing of it can change the cell.
 */
export function receptiveField(program, name, { row = 0, column = 0 }) {
  const last = operationNamed(program, name);
  const names = program.operations.map((operation) => operation.name);
  const order = (/** @type {string} */ one) => names.indexOf(one);
  const regions = new Map([[name, { top: row, left: column, bottom: row, right: column }]]);
  const until = program.operations.indexOf(last);
  for (const operation of program.operations.slice(0, until + 1).reverse()) {
    const region = regions.get(operation.name);
    if (region !== undefined) {
      const shapes = inputShapes(program, operation);
      operation.inputs.forEach((input, i) => {
        const below = OPERATIONS[operation.kind].receptive(operation, region, shapes[i]);
        if (below !== null) {
          const known = regions.get(input);
          regions.set(input, known === undefined ? below : unionOfRegions(known, below));
        }
      });
    }
  }
  return new Map([...regions].sort(([first], [second]) => order(first) - order(second)));
}
