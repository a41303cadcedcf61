// @ts-check
/** The camera: its picture, and what it sees as images, one after the other while a button is held. */

import { createButton } from "../parts/controls.js";
import { createCanvas } from "../raster.js";
import { element, setText } from "../element.js";

const SIDE = 224; // pixels of an image
const PAUSE = 150; // milliseconds between two images

/** @param {any} context */
export function createCamera(context) {
  const video = element("video", { class: "convlab-camera", autoplay: true, muted: true, playsInline: true, hidden: true, "aria-label": "Camera" });
  const note = element("span", { class: "convlab-note", role: "status" });
  const { canvas, board } = createCanvas(SIDE, SIDE);
  /** @type {MediaStream | null} */
  let stream = null;
  const button = createButton(context, "Camera on", () => (stream ? end() : begin()));
  async function begin() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
      video.srcObject = stream;
      show();
    } catch (error) {
      setText(note, `There is no camera: ${error instanceof Error ? error.message : error}`);
    }
  }
  function end() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    [stream, video.srcObject] = [null, null];
    show();
  }
  function show() {
    video.hidden = stream === null;
    setText(button, stream ? "Camera off" : "Camera on");
    setText(note, "");
    context.store.dispatch({ type: "refresh" });
  }
  /** The middle of what the camera sees. @returns {Promise<Blob | null>} */
  const take = () => {
    const { videoWidth: width, videoHeight: height } = video;
    const side = Math.min(width, height);
    board.drawImage(video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };
  let held = new AbortController();
  const release = () => held.abort();
  context.listen(context.root.ownerDocument, "pointerup", release);
  context.listen(context.root.ownerDocument, "pointercancel", release);
  return {
    element: element("div", { class: "convlab-field" }, video, button, note),
    isOn: () => stream !== null,
    /** Give images as long as a pointer is down, each after the one before was taken. @param {(blob: Blob) => Promise<any>} give */
    async hold(give) {
      release();
      const mine = (held = new AbortController());
      while (!mine.signal.aborted) {
        const pause = new Promise((resolve) => setTimeout(resolve, PAUSE));
        const blob = await take();
        if (blob) await give(blob);
        await pause;
      }
    },
    /** Give one image. @param {(blob: Blob) => Promise<any>} give */
    async once(give) {
      const blob = await take();
      if (blob) await give(blob);
    },
    dispose() {
      release();
      end();
    },
  };
}
