// @ts-check
/** A panel of the page as a PNG: a copy with its computed styles, drawn by the browser through an SVG image. */

import { saveFile } from "./save.js";

const XHTML = "http://www.w3.org/1999/xhtml";
const DENSITY = 2; // pixels of the picture per CSS pixel
const LEFT_OUT = new Set(["SCRIPT", "STYLE"]);

/**
 * Save an element as a picture.
 * @param {HTMLElement} shown @param {string} name File name.
 * @returns {Promise<string>} "Saved"
 */
export async function savePanel(shown, name) {
  saveFile(name, await panelPicture(shown), "image/png");
  return "Saved";
}

/**
 * @param {HTMLElement} shown
 * @returns {Promise<Blob>} PNG
 */
export async function panelPicture(shown) {
  const { width, height } = shown.getBoundingClientRect();
  const copy = copied(shown);
  copy.setAttribute("xmlns", XHTML);
  copy.style.setProperty("margin", "0");
  copy.style.setProperty("background-color", background(shown));
  const markup = new XMLSerializer().serializeToString(copy);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`
    + `<foreignObject width="100%" height="100%">${markup}</foreignObject></svg>`;
  const image = new Image();
  // As a data address: from a Blob's address, browsers do not let the pixels be read.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * DENSITY);
  canvas.height = Math.ceil(height * DENSITY);
  const drawing = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  drawing.scale(DENSITY, DENSITY);
  drawing.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => canvas.toBlob(
    (blob) => (blob ? resolve(blob) : reject(new Error("The browser made no picture of this panel."))), "image/png"));
}

/** A copy of an element in which every style is written out and every canvas is a picture. @param {any} shown @returns {any} */
function copied(shown) {
  if (shown.nodeType === Node.TEXT_NODE) return document.createTextNode(shown.data);
  const copy = shown.cloneNode(false);
  const styled = shown instanceof HTMLCanvasElement ? pictureOf(shown) : copy;
  const style = getComputedStyle(shown);
  for (const property of style) styled.style.setProperty(property, style.getPropertyValue(property));
  styled.removeAttribute("class");
  if (shown.classList.contains("convlab-action")) styled.style.setProperty("visibility", "hidden");
  if (shown instanceof HTMLInputElement) {
    styled.setAttribute("value", shown.value);
    if (shown.checked) styled.setAttribute("checked", "");
  }
  if (shown instanceof HTMLOptionElement && shown.selected) styled.setAttribute("selected", "");
  for (const child of shown.childNodes) {
    if (child.nodeType === Node.TEXT_NODE || (child.nodeType === Node.ELEMENT_NODE && !LEFT_OUT.has(child.tagName))) {
      styled.append(copied(child));
    }
  }
  return styled;
}

/** @param {HTMLCanvasElement} canvas */
function pictureOf(canvas) {
  const image = document.createElement("img");
  if (canvas.width > 0 && canvas.height > 0) image.src = canvas.toDataURL();
  return image;
}

/** The first color behind an element. @param {HTMLElement | null} shown */
function background(shown) {
  for (let behind = shown; behind; behind = behind.parentElement) {
    const color = getComputedStyle(behind).backgroundColor;
    if (color !== "transparent" && !color.endsWith(", 0)") && !color.endsWith("/ 0)")) return color;
  }
  return "white";
}
