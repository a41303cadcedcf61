// @ts-check
// The network that trains, as a network of the page: with its newest weights, or those of a snapshot.

import { readTensors, writeTensors } from "../tensors.js";

export const LIVE = "training"; // its name on the page

/** Brings the network that trains among the networks of the page. */
export class LiveNetwork {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    /** @type {ArrayBuffer | null} Its program, with the weights that it began with. */
    this.program = null;
    /** @type {Promise<void>} */
    this.last = Promise.resolve();
  }

  /**
   * Take a network that is about to train.
   *
   * @param {any} event
   */
  begin({ classes, parameters, tensors }) {
    const { data } = tensors.get("program");
    if (data.length === 0) return;
    this.program = data.slice().buffer;
    const plan = this.plan;
    this.context.catalog.set(LIVE, {
      name: LIVE, classes, image: plan.image, mnist_style: plan.mnist_style, dataset: null,
      parameters, accuracy: null, server_only: null, outputs: plan.outputs,
    });
    this.replace(/** @type {ArrayBuffer} */ (this.program));
  }

  get plan() {
    return JSON.parse(readTensors(/** @type {ArrayBuffer} */ (this.program)).metadata.program);
  }

  /**
   * Take other weights.
   *
   * @param {Map<string, any>} tensors Float32 by name, as the program has them.
   * @returns {Promise<void>} Fulfilled when the page has computed with them.
   */
  take(tensors) {
    if (!this.program) return Promise.resolve();
    const { metadata } = readTensors(this.program);
    return this.replace(writeTensors(Object.fromEntries(tensors), metadata));
  }

  /** @param {ArrayBuffer} buffer */
  replace(buffer) {
    this.last = this.last.then(() => this.context.setProgram(LIVE, buffer));
    return this.last;
  }
}
