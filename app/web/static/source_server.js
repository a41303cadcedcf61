// @ts-check
// The source of a page that a server shows: HTTP for what is asked once, one WebSocket for the rest.

import { readTensors, writeTensors } from "./tensors.js";

/**
 * Return a source.
 *
 * @param {{protocol: string, host: string}} location Where the server is.
 */
export function createServerSource({ protocol, host }) {
  const base = `${protocol}//${host}/api/models`;
  const socket = createSocket(`${protocol === "https:" ? "wss:" : "ws:"}//${host}/socket`);
  const path = (/** @type {string} */ name, /** @type {string} */ rest) => `${base}/${encodeURIComponent(name)}/${rest}`;
  return {
    abilities: new Set(["oracle", "decode", "samples", "evaluation"]),
    models: async () => {
      const answer = await (await request(base)).json();
      return Array.isArray(answer) ? answer : answer.models;
    },
    program: async (/** @type {string} */ name) => (await request(path(name, "program"))).arrayBuffer(),
    evaluation: async (/** @type {string} */ name) => (await request(path(name, "evaluation"))).json(),
    async decode(/** @type {string} */ name, /** @type {Blob} */ blob) {
      const answer = await request(path(name, "decode"), { method: "POST", body: blob });
      const { metadata, tensors } = readTensors(await answer.arrayBuffer());
      return { pixels: tensors.get("pixels").data, ...metadata };
    },
    async samples(/** @type {string} */ name, /** @type {Record<string, any>} */ options) {
      const known = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
      const query = new URLSearchParams(known.map(([key, value]) => [key, String(value)]));
      return readSamples(await (await request(path(name, `samples?${query}`))).arrayBuffer());
    },
    ask: socket.ask,
    dispose: socket.close,
  };
}

/** @param {ArrayBuffer} buffer */
function readSamples(buffer) {
  const { metadata, tensors } = readTensors(buffer);
  const told = metadata.samples ? JSON.parse(metadata.samples) : metadata;
  const list = (/** @type {string} */ key) => Array.from(tensors.get(key)?.data ?? []);
  return { ...told, images: tensors.get("images").data, labels: list("labels"), predicted: list("predicted") };
}

/**
 * Return the answer to a request, or raise what the server says about it.
 *
 * @param {string} url
 * @param {RequestInit} [options]
 */
async function request(url, options) {
  const answer = await fetch(url, options);
  if (answer.ok) return answer;
  const type = answer.headers.get("content-type") ?? "";
  throw new Error(type.includes("json") ? (await answer.json()).error : `${answer.status} ${answer.statusText}`);
}

/**
 * Return a WebSocket that is opened when it is first needed, and again after it was lost.
 *
 * @param {string} url
 */
function createSocket(url) {
  /** @type {WebSocket | null} */
  let socket = null;
  let next = 1;
  /** @type {Map<number, {resolve: any, reject: any, onPart: any}>} */
  const waiting = new Map();
  const frame = (/** @type {any} */ metadata, /** @type {any} */ tensors) => writeTensors(new Map(Object.entries(tensors)), { request: JSON.stringify(metadata) });

  function receive(/** @type {MessageEvent} */ { data }) {
    const { metadata, tensors } = readTensors(data);
    const answer = JSON.parse(metadata.answer);
    const asked = waiting.get(answer.id);
    if (!asked) return;
    const result = { ...answer, tensors };
    if (answer.ok && !answer.done) return void asked.onPart?.(result);
    waiting.delete(answer.id);
    if (answer.ok) asked.resolve(result);
    else asked.reject(new Error(answer.error));
  }

  function lose() {
    socket = null;
    for (const { reject } of waiting.values()) reject(new Error("The server has closed the connection."));
    waiting.clear();
  }

  function open() {
    if (socket && socket.readyState <= WebSocket.OPEN) return socket;
    socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", receive);
    socket.addEventListener("close", lose);
    return socket;
  }

  function send(/** @type {ArrayBuffer} */ message) {
    const current = open();
    if (current.readyState === WebSocket.OPEN) current.send(message);
    else current.addEventListener("open", () => current.send(message), { once: true });
  }

  return {
    /**
     * Ask the server about an image.
     *
     * @param {string} kind predict, activations, grad_cam, saliency or occlusion.
     * @param {any} options {model, pixels: Uint8Array, …}
     * @param {(part: any) => void} [onPart] Told each part of a progressive answer.
     * @returns {any} A promise, with a method `cancel()`.
     */
    ask(kind, { pixels, shape, ...options }, onPart) {
      const id = next++;
      const tensors = pixels ? { pixels: { dtype: "uint8", shape: shape ?? [pixels.length], data: Uint8Array.from(pixels) } } : {};
      /** @type {any} */
      const promise = new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject, onPart });
        send(frame({ id, kind, ...options }, tensors));
      });
      promise.cancel = () => {
        if (waiting.delete(id)) send(frame({ id: next++, kind: "cancel", cancel: id }, {}));
      };
      return promise;
    },
    close: () => socket?.close(),
  };
}
