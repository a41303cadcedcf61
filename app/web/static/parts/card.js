// @ts-check
import { element } from "../element.js";
export function createCard(context) { return { element: element("div", { hidden: true }), update() {}, dispose() {} }; }
