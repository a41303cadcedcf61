// @ts-check
/** The state of the page as the Python that makes it. */

import { augmentationCode } from "./augmentation.js";
import { filterShape, placeOf } from "../engine/edits.js";

const MOST_BYTES = 4096; // of an image within the code; a larger one is a file
const LETTERS = 88; // of a line of base64

/**
 * @typedef {object} CodeSubject
 * @property {string} model
 * @property {{height: number, width: number, channels: number}} image
 * @property {Uint8Array} pixels What the network is shown, (H, W, C).
 * @property {string[]} changes Words for what the sliders did.
 * @property {string} className
 * @property {number} classIndex
 * @property {[any, string, number[]][]} kernels Edited filters: operation, place, weights.
 * @property {{layer: string, row: number, column: number, channel: number, isMap: boolean, isBefore: boolean} | null} pin
 * @property {number | null} passes Passes with dropout, or null.
 * @property {{ranges: import("./augmentation.js").Ranges, epoch: number, count: number} | null} augmentation
 * @property {import("./volumes.js").DemoSize | null} demo
 */

/**
 * A program that computes what the page shows. What it does comes first, the bytes of the image last.
 * @param {CodeSubject} subject @returns {string}
 */
export function pythonCode(subject) {
  const { model, kernels, pin, passes, augmentation, demo } = subject;
  const encoded = subject.pixels.length <= MOST_BYTES;
  const imports = [encoded ? "import base64\n" : "", "import numpy as np", importsOf(subject)].filter(Boolean).join("\n");
  const body = [
    `model = load(${text(model)}).inspect()  # with its Keras layers`,
    ...kernels.map((edit) => kernelCode(...edit)),
    'for name, value in zip(model.class_names, model.values(image[np.newaxis])[0]):\n    print(f"{name:>12}  {value:.4f}")',
    explanationCode(subject),
    pin ? pinCode(pin) : "",
    passes === null ? "" : passesCode(passes),
    augmentation ? samplesCode(augmentation) : "",
    demo ? demoCode(demo) : "",
  ].filter(Boolean).join("\n\n");
  const parts = encoded
    ? [imports, `\ndef compute(image):\n${indented(body)}\n    return locals()  # all that is computed here, by its name`,
      `\n${encodedImage(subject)}\nresults = compute(image)`]
    : [imports, fileImage(subject), body];
  return `${parts.join("\n\n")}\n`;
}

/** Lines within a function. @param {string} code */
function indented(code) {
  return code.replace(/^(?=.)/gm, "    ");
}

/** @param {CodeSubject} subject */
function importsOf({ pin, augmentation, demo }) {
  return [
    augmentation && "from app.augmentation.augmentation import Augmentation",
    "from app.classifier import load",
    pin && "from app.classifier.hooks import layer_outputs",
    "from app.insight.occlusion import occlusion",
    demo && "from app.lecture.volumes import example_layer, show_cell, steps",
  ].filter(Boolean).join("\n");
}

/** @param {string[]} changes */
function changesNote(changes) {
  return changes.length > 0 ? `# What the network is shown, after: ${changes.join(", ")}.\n` : "# What the network is shown.\n";
}

/** The image of a file that the page saves. @param {CodeSubject} subject */
function fileImage({ image: { height, width, channels }, changes }) {
  return `${changesNote(changes)}image = np.load("input.npy").astype(np.uint8)  # (${height}, ${width}, ${channels}): “Save input.npy” on the page`;
}

/** The image as text. @param {CodeSubject} subject */
function encodedImage({ image: { height, width, channels }, pixels, changes }) {
  const letters = btoa(String.fromCharCode(...pixels));
  const lines = letters.match(new RegExp(`.{1,${LETTERS}}`, "g")) ?? [];
  return `${changesNote(changes)}pixels = base64.b64decode(\n${lines.map((line) => `    "${line}"`).join("\n")}\n)\n`
    + `image = np.frombuffer(pixels, np.uint8).reshape(${height}, ${width}, ${channels})`;
}

/** @param {any} operation @param {string} place @param {number[]} weights */
function kernelCode(operation, place, weights) {
  const [height, width, channels, filters] = filterShape(operation);
  const { filter, cell } = placeOf(place);
  /** @type {Record<string, string>} */
  const filterCode = {
    conv: `kernel[..., ${filter}]`,
    depthwise: `kernel.reshape(${height}, ${width}, 1, -1)[..., ${filter}]`,
    local: `kernel.reshape(${operation.shape[0]}, ${operation.shape[1]}, ${height}, ${width}, ${channels}, ${filters})[${cell?.row}, ${cell?.column}, ..., ${filter}]`,
  };
  const numbers = weights.map((weight) => String(Math.fround(weight)));
  const lines = Array.from({ length: Math.ceil(numbers.length / 6) }, (_, row) => `    ${numbers.slice(6 * row, 6 * row + 6).join(", ")},`);
  return [
    `layer = model.layer(${text(operation.name)}).layer`,
    "kernel, *others = layer.get_weights()",
    `edited = np.array([\n${lines.join("\n")}\n], np.float32)`,
    `${filterCode[operation.kind]} = edited.reshape(${height}, ${width}, ${channels})`,
    "layer.set_weights([kernel, *others])",
  ].join("\n");
}

/** @param {CodeSubject} subject */
function explanationCode({ classIndex, className }) {
  return `lost = occlusion(model, image, ${classIndex})  # (15, 15): what covering each place costs ${className}\n`
    + 'print("occlusion costs up to", lost.max())';
}

/** @param {{layer: string, row: number, column: number, channel: number, isMap: boolean, isBefore: boolean}} pin */
function pinCode({ layer, row, column, channel, isMap, isBefore }) {
  const cell = isMap ? `0, ${row}, ${column}, ${channel}` : `0, ${channel}`;
  return `info = model.layer(${text(layer)})\noutput = layer_outputs(model.keras_model, image[np.newaxis], [info])[info.path]\n`
    + `print(info.path, output[${cell}])${isBefore ? "  # after the layer's activation" : ""}`;
}

/** @param {number} count */
function passesCode(count) {
  return [
    "# Dropout on. Layers that are not trainable keep their statistics.",
    "for info in model.layers:",
    '    if "Normalization" in type(info.layer).__name__:',
    "        info.layer.trainable = False",
    "passes = np.concatenate([",
    `    model.keras_model(image[np.newaxis], training=True) for _ in range(${count})`,
    "])",
    "print(passes.mean(axis=0), passes.std(axis=0))",
  ].join("\n");
}

/** @param {{ranges: import("./augmentation.js").Ranges, epoch: number, count: number}} augmentation */
function samplesCode({ ranges, epoch, count }) {
  const settings = augmentationCode(ranges).replace("(", "(\n    ").replaceAll(", ", ",\n    ").replace(/\)$/, ",\n)");
  return `augmentation = ${settings}\nsamples = augmentation(\n    np.repeat(image[np.newaxis], ${count}, axis=0), np.arange(${count}), seed=0, epoch=${epoch}\n)\n`
    + "print(model.values(samples).argmax(axis=1))";
}

/** @param {import("./volumes.js").DemoSize} demo */
function demoCode({ width, height, depth, filters, side, stride, padding, seed }) {
  return `demo = example_layer(\n    (${width}, ${height}, ${depth}), (${filters}, ${side}), stride=${stride}, padding=${padding}, seed=${seed}\n)\n`
    + 'for step in steps(demo):\n    print(f"o[{step.row}, {step.column}, {step.filter}] =", show_cell(demo, step))';
}

/** A text in Python's quotes. @param {string} value */
function text(value) {
  return JSON.stringify(value);
}
