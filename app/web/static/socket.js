// @ts-check
// Questions to the server about an image, over one WebSocket.

import { readTensors, writeTensors } from "./tensors.js";

/** A WebSocket that is opened when it is first needed, and again after it was lost. */
export class Socket {
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.next = 1;
    /** @type {Map<number, {resolve: any, reject: any, onPart: any}>} */
    this.waiting = new Map();
  }

  /**
   * Ask the server about an image.
   *
   * @param {string} kind predict, activations, grad_cam, saliency or occlusion.
   * @param {any} options {model, pixels, shape, …}
   * @param {(part: any) => void} [onPart] Told each part of a progressive answer.
   * @returns {any} A promise of {tensors, …}, with a method `cancel()`.
   */
  ask(kind, { pixels, shape, ...options }, onPart) {
    const id = this.next++;
    const data = pixels && Uint8Array.from(pixels);
    const tensors = data ? { pixels: { dtype: "uint8", shape: shape ?? [data.length], data } } : {};
    /** @type {any} */
    const promise = new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onPart });
      this.send({ id, kind, ...options }, tensors);
    });
    promise.cancel = () => {
      if (this.waiting.delete(id)) this.send({ id, kind: "cancel" }, {});
    };
    return promise;
  }

  /** Close the connection; whoever waits is told. */
  close() {
    this.socket?.close();
  }

  /** @param {any} request @param {any} tensors */
  send(request, tensors) {
    const message = writeTensors(tensors, { request: JSON.stringify(request) });
    const socket = this.open();
    if (socket.readyState === WebSocket.OPEN) socket.send(message);
    else socket.addEventListener("open", () => socket.send(message), { once: true });
  }

  open() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return this.socket;
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.receive(data));
    socket.addEventListener("close", () => this.lose());
    this.socket = socket;
    return socket;
  }

  /** @param {ArrayBuffer} message */
  receive(message) {
    const { metadata, tensors } = readTensors(message);
    const answer = JSON.parse(metadata.answer);
    const asked = this.waiting.get(answer.id);
    if (!asked) return;
    if (answer.ok && answer.done === false) {
      asked.onPart?.({ ...answer, tensors });
      return;
    }
    this.waiting.delete(answer.id);
    if (answer.ok) asked.resolve({ ...answer, tensors });
    else asked.reject(new Error(answer.error));
  }

  lose() {
    this.socket = null;
    const asked = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of asked) reject(new Error("The server has closed the connection."));
  }
}
