// @ts-check
// What is within the page: a stroke for each digit, and one example that is drawn and answered
// before the first request is.

import { readStrokes } from "./strokes.js";

const DRAWN = [
  "FACJLZc1o0OrV7FtsoavnqizncSQ0ILUc9Fmx1q4U6NOi09zU1tbR2c4dC6DLJEx",
  "FABoSIYqhFqCjIDW",
  "FABRUFRGWT1hNmowdC1_LIotlDGdN6Q_qUisU6xdqWegeIScYr5Q0HjOtsw",
  "FABLRlE8WjRmL3MsgC2MMZc4nkGjTKRXoWKbbJF0hnqBe49-moSkjKqWrqGtrKq3o8GZyY3OgNJy0mXPWcpOwke5",
  "FABuLGBaTox4jLiI.FACWPJR4ktY",
  "FACqNII0YjZeVlp0XXFsa3xqi22ZdaSAq42unKyrprmcxY7Nf9Jv0WDNU8RJuA",
  "FACeLIBCaGhaklSmV7VewmnMd9GF0ZPMnsKltaimpZeeipOAhXt3e2mAXopXl1Sm",
  "FABMOng4sjSkWoyMdrRs1A",
  "FACGfZN4nW6jYKRRn0KXN4owfS5wMmU8XklcWF9nZ3Nze4B-gH6QgZ6IqJStoq2yqMCezJDTgNZw02LMWMBTslOiWJRiiHCBgH4",
  "FACkWKJKmz6QNIMvdS5nMlw7VEdQVFFiV29hem6AfIKKf5Z4n22jX6RcooKYqojU",
];

/** @type {import("./strokes.js").Stroke[][]} Strokes of the digits 0 to 9. */
export const DIGITS = DRAWN.map((text) => readStrokes(text) ?? []);

const CLASSES = Array.from({ length: 10 }, (_, k) => String(k));

export const EXAMPLE = {
  strokes: DIGITS[3],
  /** The shipped networks, until the source has named its own. */
  models: ["mnist-best", "mnist-convnet", "mnist-dense"].map((name) =>
    ({ name, classes: CLASSES, outputs: "distribution", thresholds: [], server_only: null })),
  /** @type {{[model: string]: number[]}} What they answer. */
  values: {
    "mnist-best": [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    "mnist-convnet": [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    "mnist-dense": [0, 0, 0, 0.999, 0, 0, 0, 0, 0, 0],
  },
};
