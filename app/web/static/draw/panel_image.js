// @ts-check
/**
 * A panel as a picture: its boxes, canvases and texts are painted where the browser has laid them out.
 *
 * No foreign object, no address and no style sheet is involved, so that the picture can be read back
 * under any policy.
 */

const LONGEST = 16000; // pixels of a side, which browsers can hold

/**
 * Return a canvas with what an element shows.
 * @param {Element} panel
 * @param {number} [scale] Pixels of the picture per CSS pixel.
 * @returns {HTMLCanvasElement}
 */
export function panelImage(panel, scale = 2) {
  const outer = panel.getBoundingClientRect();
  const density = Math.min(scale, LONGEST / Math.max(outer.width, outer.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(outer.width * density);
  canvas.height = Math.ceil(outer.height * density);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingEnabled = false;
  context.scale(density, density);
  context.fillStyle = backgroundOf(panel);
  context.fillRect(0, 0, outer.width, outer.height);
  context.translate(-outer.left, -outer.top);
  paint(context, panel);
  return canvas;
}

/** @param {CanvasRenderingContext2D} context @param {Element} shown */
function paint(context, shown) {
  const style = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  if (shown.classList.contains("convlab-action") || style.visibility === "hidden" || style.display === "none" || box.width === 0 || box.height === 0) return;
  paintBox(context, box, style);
  if (shown instanceof HTMLCanvasElement) {
    if (shown.width > 0 && shown.height > 0) context.drawImage(shown, box.left, box.top, box.width, box.height);
    paintOutline(context, box, style);
    return;
  }
  for (const node of shown.childNodes) {
    if (node instanceof Element) paint(context, node);
    else if (node instanceof Text && node.data.trim() !== "") paintText(context, node, style);
  }
}

/** @param {CanvasRenderingContext2D} context @param {DOMRect} box @param {CSSStyleDeclaration} style */
function paintBox(context, box, style) {
  context.fillStyle = style.backgroundColor;
  context.fillRect(box.left, box.top, box.width, box.height);
  paintOutline(context, box, style);
  const width = Number.parseFloat(style.borderTopWidth) || 0;
  if (width === 0 || style.borderTopStyle === "none") return;
  context.strokeStyle = style.borderTopColor;
  context.lineWidth = width;
  if (Number.parseFloat(style.borderLeftWidth) > 0) context.strokeRect(box.left + width / 2, box.top + width / 2, box.width - width, box.height - width);
  else context.strokeRect(box.left, box.top, box.width, 0);
}

/** @param {CanvasRenderingContext2D} context @param {DOMRect} box @param {CSSStyleDeclaration} style */
function paintOutline(context, box, style) {
  const width = Number.parseFloat(style.outlineWidth) || 0;
  if (width === 0 || style.outlineStyle === "none") return;
  const away = Number.parseFloat(style.outlineOffset) + width / 2;
  context.strokeStyle = style.outlineColor;
  context.lineWidth = width;
  context.setLineDash(style.outlineStyle === "dashed" ? [3, 2] : []);
  context.strokeRect(box.left - away, box.top - away, box.width + 2 * away, box.height + 2 * away);
  context.setLineDash([]);
}

/**
 * Paint a text line by line, as it is broken on the screen.
 * @param {CanvasRenderingContext2D} context
 * @param {Text} node
 * @param {CSSStyleDeclaration} style
 */
function paintText(context, node, style) {
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "middle";
  for (const { text, box } of linesOf(node)) context.fillText(text, box.left, box.top + box.height / 2, box.width + 1);
}

/** @param {Text} node @returns {{text: string, box: DOMRect}[]} */
function linesOf(node) {
  const range = document.createRange();
  /** @type {{text: string, box: DOMRect}[]} */
  const lines = [];
  for (let index = 0; index < node.length; index++) {
    range.setStart(node, index);
    range.setEnd(node, index + 1);
    const box = range.getBoundingClientRect();
    const last = lines[lines.length - 1];
    if (box.width === 0) continue;
    if (last && Math.abs(last.box.top - box.top) < box.height / 2) {
      last.text += node.data[index].replace(/\s/, " ");
      last.box = new DOMRect(last.box.left, last.box.top, box.right - last.box.left, last.box.height);
    } else lines.push({ text: node.data[index].trim(), box });
  }
  return lines;
}

/** @param {Element} shown @returns {string} The first background behind it that is not transparent. */
function backgroundOf(shown) {
  for (let current = /** @type {Element|null} */ (shown); current; current = current.parentElement) {
    const color = getComputedStyle(current).backgroundColor;
    if (color !== "transparent" && !color.endsWith(", 0)")) return color;
  }
  return "#ffffff";
}
