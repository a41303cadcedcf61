// @ts-check
// The focus stays where it can be seen: a control that goes away while it has the focus passes it on.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";
const GONE = "[hidden], .convlab-hidden";

/**
 * Pass the focus on when the control that has it is hidden, disabled or removed.
 *
 * @param {HTMLElement} root
 * @param {(target: any, type: string, handler: (event: any) => void) => void} listen
 * @returns {() => void} Ends it.
 */
export function keepFocus(root, listen) {
  /** @type {HTMLElement[]} What has the focus, and what it lies in up to the root. */
  let path = [];
  listen(root, "focusin", ({ target }) => { path = pathOf(target, root); });
  listen(root, "focusout", ({ target }) => {
    if (!isGone(target)) path = []; // its user has gone elsewhere
  });
  const observer = new MutationObserver(() => {
    if (path.length === 0 || !isGone(path[0])) return;
    const { activeElement, body } = root.ownerDocument;
    if (activeElement === body || activeElement === path[0]) heirOf(path)?.focus({ preventScroll: true });
  });
  observer.observe(root, { subtree: true, childList: true, attributeFilter: ["hidden", "disabled", "class"] });
  return () => observer.disconnect();
}

/**
 * Focus an element, and scroll to it only if nothing of it is in sight.
 *
 * @param {HTMLElement} element
 */
export function focusInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  const { clientHeight } = element.ownerDocument.documentElement;
  element.focus({ preventScroll: bottom > 0 && top < clientHeight });
}

/** @param {HTMLElement} element @param {HTMLElement} root */
function pathOf(element, root) {
  const path = [element];
  for (let at = element; at !== root && at.parentElement; at = at.parentElement) path.push(at.parentElement);
  return path;
}

/** Asked after each change of the page, so nothing here may need its layout. @param {any} element */
function isGone(element) {
  return !element.isConnected || element.disabled || element.closest(GONE) !== null;
}

/**
 * The control after the one that has gone, else the one before it, as near to it as there is one.
 *
 * @param {HTMLElement[]} path
 * @returns {HTMLElement | undefined}
 */
function heirOf([gone, ...around]) {
  for (const place of around.filter(({ isConnected }) => isConnected)) {
    const controls = /** @type {HTMLElement[]} */ ([...place.querySelectorAll(FOCUSABLE)])
      .filter((control) => control.tabIndex >= 0 && !isGone(control) && control.getClientRects().length > 0);
    const isAfter = (/** @type {HTMLElement} */ control) =>
      gone.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING;
    const heir = controls.find(isAfter) ?? controls[controls.length - 1];
    if (heir) return heir;
  }
  return undefined;
}
