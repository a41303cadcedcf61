// @ts-check
// Safetensors, the format of programs and of binary messages: a header of JSON, then raw numbers.

/**
 * @typedef {Float32Array | Uint8Array | Int32Array} Data
 * @typedef {{dtype: string, shape: number[], data: Data}} Tensor
 */

/** @type {Record<string, any>} */
const ARRAYS = { float32: Float32Array, uint8: Uint8Array, int32: Int32Array };
/** @type {Record<string, string>} */
const CODES = { float32: "F32", uint8: "U8", int32: "I32" };
/** @type {Record<string, string>} */
const NAMES = { F32: "float32", U8: "uint8", I32: "int32" };
const PREFIX = 8; // bytes, the length of the header as a 64-bit number
const ALIGNMENT = 8; // bytes

/**
 * Return the tensors and the metadata of a safetensors file.
 *
 * @param {ArrayBuffer | ArrayBufferView} buffer Bytes of the file; aligned tensors share them.
 * @returns {{metadata: Record<string, string>, tensors: Map<string, Tensor>}}
 */
export function readTensors(buffer) {
  const bytes = bytesOf(buffer);
  const { header, start } = readHeader(bytes);
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map();
  for (const [name, entry] of Object.entries(entries)) {
    tensors.set(name, readTensor(name, entry, bytes.subarray(start)));
  }
  return { metadata, tensors };
}

/**
 * Return a safetensors file.
 *
 * @param {Map<string, Tensor> | Record<string, Tensor>} tensors Tensors by name.
 * @param {Record<string, string>} metadata Texts by name.
 * @returns {ArrayBuffer}
 */
export function writeTensors(tensors, metadata = {}) {
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  /** @type {Record<string, any>} */
  const header = { __metadata__: metadata };
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    checkTensor(name, dtype, shape, data.length);
    header[name] = { dtype: CODES[dtype], shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((PREFIX + text.length) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + end).fill(0x20, 0, start); // spaces up to the alignment
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - PREFIX), true);
  bytes.set(text, PREFIX);
  for (const [name, { data }] of entries) {
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    bytes.set(source, start + header[name].data_offsets[0]);
  }
  return bytes.buffer;
}

/** @param {ArrayBuffer | ArrayBufferView} buffer */
function bytesOf(buffer) {
  if (ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  return new Uint8Array(buffer);
}

/** @param {Uint8Array} bytes */
function readHeader(bytes) {
  if (bytes.length < PREFIX) {
    throw new Error(`Cannot read tensors: the file has ${bytes.length} bytes.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = PREFIX + Number(view.getBigUint64(0, true));
  if (start > bytes.length) {
    throw new Error(`Cannot read tensors: the header ends at byte ${start} of ${bytes.length}.`);
  }
  let header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX, start)));
  } catch {
    throw new Error("Cannot read tensors: the header is not JSON.");
  }
  if (header === null || typeof header !== "object" || Array.isArray(header)) {
    throw new Error("Cannot read tensors: the header is not an object.");
  }
  return { header, start };
}

/**
 * @param {string} name
 * @param {{dtype: string, shape: number[], data_offsets: number[]}} entry
 * @param {Uint8Array} bytes Bytes of all tensors.
 * @returns {Tensor}
 */
function readTensor(name, entry, bytes) {
  const dtype = NAMES[entry.dtype];
  const { shape } = entry;
  const [from, to] = entry.data_offsets;
  if (!(from >= 0 && from <= to && to <= bytes.length)) {
    throw new Error(`Cannot read tensor '${name}': no bytes ${from} to ${to} in the file.`);
  }
  const Data = ARRAYS[dtype];
  checkTensor(name, dtype ?? entry.dtype, shape, (to - from) / (Data?.BYTES_PER_ELEMENT ?? 1));
  const aligned = (bytes.byteOffset + from) % Data.BYTES_PER_ELEMENT === 0;
  const source = aligned ? bytes.subarray(from, to) : bytes.slice(from, to);
  return { dtype, shape, data: new Data(source.buffer, source.byteOffset, sizeOf(shape)) };
}

/**
 * @param {string} name
 * @param {string} dtype
 * @param {number[]} shape
 * @param {number} length Numbers that are there.
 */
function checkTensor(name, dtype, shape, length) {
  if (!Object.hasOwn(ARRAYS, dtype)) {
    const known = Object.keys(ARRAYS).join(", ");
    throw new Error(`Cannot handle tensor '${name}' of type ${dtype}. Expected one of: ${known}.`);
  }
  if (sizeOf(shape) !== length) {
    const wanted = `shape (${shape.join(", ")})`;
    throw new Error(`Cannot handle tensor '${name}': it has ${length} numbers for ${wanted}.`);
  }
}

/** @param {number[]} shape */
function sizeOf(shape) {
  return shape.reduce((product, size) => product * size, 1);
}
