// @ts-check
// The socket of the trainer: commands go out as text, events come in as safetensors.

import { readTensors } from "../tensors.js";

const ON_CREDIT = ["weights", "gradients", "batch"]; // the next one comes after this one was drawn
const PAUSE = 1000; // milliseconds before a lost connection is opened again

/** @typedef {{topic: string, tensors: Map<string, any>, [name: string]: any}} TrainerEvent */

/** A connection that is opened again after it was lost; the server then tells everything anew. */
export class Connection {
  /**
   * @param {string} url
   * @param {(event: TrainerEvent) => void} onEvent
   * @param {(isOpen: boolean) => void} onChange
   */
  constructor(url, onEvent, onChange) {
    this.url = url;
    this.onEvent = onEvent;
    this.onChange = onChange;
    this.next = 1;
    this.isClosed = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    this.socket = this.open();
  }

  open() {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.onChange(true));
    socket.addEventListener("message", ({ data }) => this.receive(data));
    socket.addEventListener("close", () => this.lose());
    return socket;
  }

  /**
   * Send a command.
   *
   * @param {string} command
   * @param {Record<string, any>} [values]
   * @returns {Promise<any>} its answer; rejected with the reason if it is refused.
   */
  tell(command, values = {}) {
    if (this.socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error("There is no connection to the server."));
    }
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, command, ...values }));
    });
  }

  /**
   * Say that an event has been drawn.
   *
   * @param {string} topic
   */
  drawn(topic) {
    if (ON_CREDIT.includes(topic) && this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ drawn: topic }));
    }
  }

  /** @param {ArrayBuffer} message */
  receive(message) {
    const { metadata, tensors } = readTensors(message);
    const event = { ...JSON.parse(metadata.event), tensors };
    const asked = this.waiting.get(event.id);
    if (asked && (event.topic === `answer/${event.id}` || event.topic === `snapshot/${event.id}`)) {
      this.waiting.delete(event.id);
      if (event.ok === false) asked.reject(new Error(reasonOf(event)));
      else asked.resolve(event);
      return;
    }
    this.onEvent(event);
  }

  lose() {
    const asked = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of asked) reject(new Error("The connection to the server was lost."));
    this.onChange(false);
    if (!this.isClosed) this.timer = setTimeout(() => (this.socket = this.open()), PAUSE);
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}

/** @param {any} event */
function reasonOf({ error, expected, fix }) {
  return [error, expected, fix].filter(Boolean).join(" ");
}
