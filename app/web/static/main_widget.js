// @ts-check
// The page in a cell of a notebook: its parts are tensors of one safetensors file.

import { createEmbeddedSource } from "./source_embedded.js";
import { mount } from "./mount.js";
import { readTensors } from "./tensors.js";

/**
 * Return the widget of an anywidget front end: its function `render` shows the page.
 *
 * @param {string} workerText Text of a script that runs a network in a worker.
 */
export function createWidget(workerText) {
  return {
    /** @param {{model: {get: (name: string) => any}, el: HTMLElement}} view */
    render({ model, el }) {
      const root = el.ownerDocument.createElement("div");
      el.append(root);
      const { tensors } = readTensors(model.get("content"));
      const bytes = (/** @type {string} */ part) => /** @type {Uint8Array} */ (tensors.get(part)?.data);
      const catalog = JSON.parse(new TextDecoder().decode(bytes("catalog")));
      const source = createEmbeddedSource(catalog, async (part) => bytes(part), workerText);
      const { dispose } = mount(root, source, { text: model.get("state") });
      return () => {
        dispose();
        root.remove();
      };
    },
  };
}
