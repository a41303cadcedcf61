// @ts-check
// The network that trains, as a network of the page: with its newest weights, or those of a snapshot.

import { LIVE } from "./live_source.js";
import { readTensors, writeTensors } from "../tensors.js";

/** Brings the network that trains among the networks of the page. */
export class LiveNetwork {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    /** @type {ArrayBuffer | null} Its newest program. */
    this.program = null;
    /** @type {any} What the program says besides its weights. */
    this.plan = null;
    /** @type {Promise<void>} */
    this.last = Promise.resolve();
    this.isFollowing = true;
  }

  /**
   * Take a network that is about to train.
   *
   * @param {any} event
   * @returns {boolean} Whether the page can compute it.
   */
  begin({ classes, parameters, tensors }) {
    const { data } = tensors.get("program");
    this.isFollowing = true;
    this.program = data.length ? data.slice().buffer : null;
    this.context.source.live.begin(this.program, classes);
    if (!this.program) {
      this.context.catalog.delete(LIVE);
      return false;
    }
    this.plan = JSON.parse(readTensors(this.program).metadata.program);
    const { image, mnist_style, outputs } = this.plan;
    this.context.catalog.set(LIVE, {
      name: LIVE, classes, image, mnist_style, outputs, parameters, dataset: null, accuracy: null,
      server_only: null, is_unsaved: true, measured: 0,
    });
    this.context.forget(LIVE);
    return true;
  }

  /**
   * Take the newest weights.
   *
   * @param {Map<string, any>} tensors Float32 by name, as the program has them.
   * @returns {Promise<void>} Fulfilled when the page has computed with them.
   */
  take(tensors) {
    if (!this.program) return Promise.resolve();
    this.program = this.programWith(tensors);
    this.context.source.live.program = this.program;
    return this.isFollowing ? this.show(this.program) : Promise.resolve();
  }

  /**
   * Show other weights than the newest, or the newest again.
   *
   * @param {Map<string, any> | null} tensors
   * @returns {Promise<void>}
   */
  look(tensors) {
    this.isFollowing = tensors === null;
    if (!this.program) return Promise.resolve();
    return this.show(tensors ? this.programWith(tensors) : this.program);
  }

  /** Take what is known of validation images. @param {any} event */
  measure(event) {
    this.context.source.live.measure(event);
    const described = this.context.catalog.get(LIVE);
    if (!described) return;
    this.context.catalog.set(LIVE, { ...described, measured: described.measured + 1 });
    this.context.input.forget(LIVE);
  }

  /** @param {Map<string, any>} tensors @returns {ArrayBuffer} */
  programWith(tensors) {
    const { metadata } = readTensors(/** @type {ArrayBuffer} */ (this.program));
    return writeTensors(Object.fromEntries(tensors), metadata);
  }

  /** @param {ArrayBuffer} buffer */
  show(buffer) {
    this.last = this.last.then(() => this.context.setProgram(LIVE, buffer));
    return this.last;
  }
}
