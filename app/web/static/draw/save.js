// @ts-check
/** Tensors and panels as files: NumPy's .npy, CSV, PNG. */

/**
 * A tensor in NumPy's format, version 1.0, float32 in C order.
 * @param {ArrayLike<number>} values @param {number[]} shape @returns {Uint8Array}
 */
export function npyBytes(values, shape) {
  const size = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${size}, }`;
  const padding = 64 - ((10 + text.length + 1) % 64 || 64);
  const header = `${text}${" ".repeat(padding)}\n`;
  const bytes = new Uint8Array(10 + header.length + 4 * values.length);
  bytes.set([0x93, ...[..."NUMPY"].map((letter) => letter.charCodeAt(0)), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set([...header].map((letter) => letter.charCodeAt(0)), 10);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat32(10 + header.length + 4 * index, values[index], true);
  return bytes;
}

/**
 * A tensor as CSV, a line per row; what lies behind the first two axes is written channel by channel.
 * @param {ArrayLike<number>} values @param {number[]} shape
 */
export function csvText(values, shape) {
  const [height, width, ...rest] = shape.length === 1 ? [1, shape[0]] : shape;
  const channels = rest.reduce((product, length) => product * length, 1);
  const rows = [];
  for (let channel = 0; channel < channels; channel++) {
    if (channels > 1) rows.push(`# channel ${channel}`);
    for (let row = 0; row < height; row++) {
      rows.push(Array.from({ length: width }, (_, column) => written(values[(row * width + column) * channels + channel])).join(","));
    }
  }
  return `${rows.join("\n")}\n`;
}

/** The shortest decimal that is the same float32. @param {number} value */
function written(value) {
  for (let digits = 6; digits < 10; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === Math.fround(value)) return String(text);
  }
  return String(value);
}

/** Offer bytes or text as a file. @param {string} name @param {BlobPart} content @param {string} type */
export function saveFile(name, content, type = "application/octet-stream") {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Save a tensor as `.npy` or `.csv`. @param {string} name File name with its extension. @param {ArrayLike<number>} values @param {number[]} shape */
export function saveTensor(name, values, shape) {
  if (name.endsWith(".csv")) saveFile(name, csvText(values, shape), "text/csv");
  else saveFile(name, npyBytes(values, shape));
}

/**
 * Save what a canvas shows.
 * @param {string} name File name.
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<string>} "Saved"
 */
export function saveCanvas(name, canvas) {
  return new Promise((resolve, reject) => canvas.toBlob((blob) => {
    if (blob === null) return reject(new Error("The browser made no picture."));
    saveFile(name, blob, "image/png");
    resolve("Saved");
  }, "image/png"));
}
