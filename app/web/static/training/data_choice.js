// @ts-check
/** Which images a network learns: a dataset by name, or a folder with a subfolder per class. */

import { createButton } from "../parts/controls.js";
import { element, setText } from "../element.js";

const NAMES = ["mnist", "catsdogs", "digits", "drawn"];

/**
 * @param {any} context
 * @param {(command: string, values: Record<string, any>) => Promise<any>} tell
 * @param {(prepared: any, dataset: string) => void} onPrepared
 */
export function createDataChoice(context, tell, onPrepared) {
  const field = element("input", { type: "text", value: "mnist", list: "", "aria-label": "Dataset, or path of a folder", spellcheck: false });
  const options = NAMES.map((name) => createButton(context, name, () => {
    field.value = name;
    load();
  }, { class: "convlab-button convlab-quiet" }));
  const size = element("input", { type: "number", min: 8, max: 512, placeholder: "usual", "aria-label": "Side of the images in pixels" });
  const facts = element("p", { class: "convlab-note" });
  const button = createButton(context, "Load", () => load());
  async function load() {
    const dataset = field.value.trim();
    button.disabled = true;
    setText(facts, `Loading ${dataset} …`);
    try {
      const image_size = size.value ? { image_size: Number(size.value) } : {};
      const prepared = await tell("prepare", { dataset, ...image_size });
      const [height, width, channels] = prepared.image;
      const { train, validation } = prepared.counts;
      setText(facts, `${prepared.dataset}: ${train.toLocaleString("en")} training and ${validation.toLocaleString("en")} validation images of `
        + `${prepared.classes.length} classes, ${width}×${height}×${channels}. The test images are not looked at.`);
      onPrepared(prepared, dataset);
    } catch (error) {
      setText(facts, error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  }
  return { element: element("div", {}, element("div", { class: "convlab-field" }, options, field, size, button), facts), load };
}
