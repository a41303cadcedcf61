// @ts-check
// Edited kernels: the state names the filters that differ, networks get the whole kernels.

const EDITABLE = ["conv", "depthwise", "local"];

/**
 * @typedef {[operation: string, place: string, weights: number[]]} Edit
 * @typedef {{row: number, column: number}} Cell
 */

/**
 * Return the name of a filter in the state.
 *
 * @param {string} model
 * @param {string} operation
 * @param {number} filter
 * @param {Cell | null} cell Of a locally connected layer, whose cells have kernels of their own.
 */
export function filterKey(model, operation, filter, cell) {
  const place = cell === null ? [filter] : [filter, cell.row, cell.column];
  return [model, operation, ...place].join("|");
}

/**
 * Return the edits of one network.
 *
 * @param {Record<string, number[]>} kernels Edited filters of all networks, as the state has them.
 * @param {string} model
 * @returns {Edit[]}
 */
export function editsOf(kernels, model) {
  return Object.entries(kernels).filter(([key]) => key.startsWith(`${model}|`)).map(([key, weights]) => {
    const [operation, ...place] = key.slice(model.length + 1).split("|");
    return [operation, place.join("|"), weights];
  });
}

/**
 * Return where an edited filter is.
 *
 * @param {string} place As in an edit.
 * @returns {{filter: number, cell: Cell | null}}
 */
export function placeOf(place) {
  const [filter, row, column] = place.split("|").map(Number);
  return { filter, cell: row === undefined ? null : { row, column } };
}

/**
 * Return the operations whose kernels can be edited.
 *
 * @param {import("./program.js").Program} program
 */
export function editableOperations(program) {
  return program.operations.filter(({ kind }) => EDITABLE.includes(kind));
}

/**
 * Return the shape of a kernel as (kh, kw, C, F), F filters of C channels: a depthwise kernel has
 * filters of one channel, a locally connected layer a kernel for each of its cells.
 *
 * @param {import("./program.js").Operation} operation
 * @returns {[number, number, number, number]}
 */
export function filterShape({ kind, weights }) {
  const [height, width, channels, filters] = weights.kernel.shape.slice(-4);
  return kind === "depthwise" ? [height, width, 1, channels * filters] : [height, width, channels, filters];
}

/**
 * Return one filter, as a picture's channels.
 *
 * @param {import("./program.js").Operation} operation
 * @param {ArrayLike<number>} kernel
 * @param {number} filter
 * @param {Cell | null} cell
 * @returns {Float32Array} (kh, kw, C)
 */
export function filterOf(operation, kernel, filter, cell) {
  const { start, step, count } = layoutOf(operation, filter, cell);
  return Float32Array.from({ length: count }, (_, index) => kernel[start + index * step]);
}

/**
 * Return an operation's kernel after edits; those that do not fit it are left out.
 *
 * @param {import("./program.js").Operation} operation
 * @param {Edit[]} edits
 * @returns {Float32Array} The kernel of the program itself if nothing is edited.
 */
export function editedKernel(operation, edits) {
  const { data } = operation.weights.kernel;
  const fitting = edits.filter(([name, place, weights]) => name === operation.name && fits(operation, place, weights));
  const kernel = fitting.length > 0 ? data.slice() : data;
  for (const [, place, weights] of fitting) {
    const { filter, cell } = placeOf(place);
    const { start, step } = layoutOf(operation, filter, cell);
    weights.forEach((weight, index) => { kernel[start + index * step] = weight; });
  }
  return kernel;
}

/**
 * Return the weights that bring a network to an edited state.
 *
 * @param {import("./program.js").Program} program
 * @param {Edit[]} edits
 * @param {Map<string, string>} applied Edits that it has already, by operation; changed.
 * @returns {[string, string, Float32Array][]}
 */
export function weightsToChange(program, edits, applied) {
  return editableOperations(program).flatMap((operation) => {
    const { name } = operation;
    const own = edits.filter(([edited]) => edited === name);
    const text = own.length === 0 ? "" : JSON.stringify(own);
    if (text === (applied.get(name) ?? "")) return [];
    applied.set(name, text);
    return [[name, "kernel", editedKernel(operation, own)]];
  });
}

/** @param {import("./program.js").Operation} operation @param {string} place @param {number[]} weights */
function fits(operation, place, weights) {
  const [height, width, channels, filters] = filterShape(operation);
  const { filter, cell } = placeOf(place);
  const [rows, columns] = operation.shape;
  const isInside = cell !== null && cell.row >= 0 && cell.row < rows && cell.column >= 0 && cell.column < columns;
  return filter >= 0 && filter < filters && weights.length === height * width * channels
    && (operation.kind === "local" ? isInside : cell === null);
}

/**
 * Return where the weights of a filter are in its kernel: from `start` on, one each `step`.
 *
 * @param {import("./program.js").Operation} operation
 * @param {number} filter
 * @param {Cell | null} cell
 */
function layoutOf(operation, filter, cell) {
  const [height, width, channels, filters] = filterShape(operation);
  const count = height * width * channels;
  const place = cell === null ? 0 : cell.row * operation.shape[1] + cell.column;
  return { start: place * count * filters + filter, step: filters, count };
}
