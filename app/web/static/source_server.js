// @ts-check
// The source of a page that a server shows: HTTP for what is asked once, a WebSocket for the rest.

import { Connection } from "./training/connection.js";
import { Socket } from "./socket.js";
import { readTensors } from "./tensors.js";
import { workerFromUrl } from "./engine/client.js";

const UNFINISHED = 503; // the server is at it: the same request has an answer later

/**
 * Return a source.
 *
 * @param {{protocol: string, host: string}} location Where the server is.
 */
export function createServerSource({ protocol, host }) {
  const base = `${protocol}//${host}/api/models`;
  const socket = new Socket(`${protocol === "https:" ? "wss:" : "ws:"}//${host}/socket`);
  const path = (/** @type {string} */ name, /** @type {string} */ rest) =>
    `${base}/${encodeURIComponent(name)}/${rest}`;
  const abilities = new Set(["oracle", "decode", "samples", "evaluation"]);
  return {
    abilities,
    models: async () => {
      const { models, training } = await (await request(base)).json();
      if (training) abilities.add("training");
      return models;
    },
    connect: (/** @type {any} */ onEvent, /** @type {any} */ onChange) =>
      new Connection(`${protocol === "https:" ? "wss:" : "ws:"}//${host}/training`, onEvent, onChange),
    collected: async () => (await request(`${protocol}//${host}/api/collected`)).json(),
    collect: async (/** @type {string} */ folder, /** @type {string} */ label, /** @type {Blob | null} */ blob) =>
      (await request(`${protocol}//${host}/api/collected/${encodeURIComponent(folder)}/${encodeURIComponent(label)}`, upload(blob ?? new Blob()))).json(),
    page: async (/** @type {string} */ name) => (await request(path(name, "page"))).blob(),
    program: async (/** @type {string} */ name) =>
      (await request(path(name, "program"))).arrayBuffer(),
    evaluation: async (/** @type {string} */ name) =>
      (await request(path(name, "evaluation"))).json(),
    async decode(/** @type {string} */ name, /** @type {Blob} */ blob) {
      const answer = await request(path(name, "decode"), upload(blob));
      const { metadata, tensors } = readTensors(await answer.arrayBuffer());
      return { ...JSON.parse(metadata.decoded), pixels: tensors.get("pixels")?.data };
    },
    async samples(/** @type {string} */ name, /** @type {Record<string, any>} */ options) {
      const known = Object.entries(options).filter(([, value]) => (value ?? null) !== null);
      const query = new URLSearchParams(known.map(([key, value]) => [key, String(value)]));
      const answer = await request(path(name, `samples?${query}`));
      return readSamples(await answer.arrayBuffer());
    },
    ask: socket.ask.bind(socket),
    startWorker: () => workerFromUrl(`${protocol}//${host}/static/engine/worker.js`),
    dispose: socket.close.bind(socket),
  };
}

/** @param {Blob} body */
function upload(body) {
  return { method: "POST", headers: { "content-type": "application/octet-stream" }, body };
}

/** @param {ArrayBuffer} buffer */
function readSamples(buffer) {
  const { metadata, tensors } = readTensors(buffer);
  const told = JSON.parse(metadata.samples);
  const list = (/** @type {string} */ key) => Array.from(tensors.get(key)?.data ?? []);
  const images = tensors.get("images")?.data;
  return { ...told, images, labels: list("labels"), predicted: list("predicted") };
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
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  const message = isJson ? (await answer.json()).error : `${answer.status} ${answer.statusText}`;
  throw Object.assign(new Error(message), { isUnfinished: answer.status === UNFINISHED });
}
