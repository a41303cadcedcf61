// @ts-check
// The arithmetic of one cell.

import { OPERATIONS } from "./operations.js";
import { cellAt, indexOf } from "./shapes.js";

/**
 * Return what a cell of an output is made of, from the values that the network holds.
 *
 * @param {import("./network.js").Network} network A network that has run.
 * @param {string} name Operation that the cell is in.
 * @param {import("./shapes.js").Cell} cell
 * @returns {import("./term.js").Sum & {kind: string, cell: import("./shapes.js").Source}}
 */
export function terms(network, name, cell) {
  const call = network.call(name);
  const { kind, shape } = call.operation;
  const index = indexOf(shape, cell);
  const { row = 0, column = 0, channel } = cell;
  const sum = OPERATIONS[kind].terms(call, { row, column, channel }, index);
  return { kind, cell: cellAt(name, shape, index), ...sum };
}
