// @ts-check
// Which part is at the top of the view: kept in the state, and brought there from it.

const SETTLING = 4000; // milliseconds in which what arrives above a part must not push it away
const MOVED = 40; // pixels by which a part is away when something else has scrolled
const QUIET = 120; // milliseconds without scrolling before the state follows
const PICTURES = ".convlab-curve, .convlab-kernel-body, .convlab-pictures, .convlab-samples, .convlab-split";
const BY_HAND = ["wheel", "touchstart", "pointerdown", "keydown"];

/** The scrolling of a page. */
export class Scrolling {
  /** @param {any} context */
  constructor(context) {
    this.context = context;
    const { root, listen } = context;
    /** Name of the part at the top of the view; "" at the start of the page. */
    this.at = "";
    /** Whether that part is kept there for a while, and where. */
    this.isKept = false;
    this.top = 0;
    /** @type {{element: Element, top: number} | null} What stays where it is in the view for a while. */
    this.held = null;
    this.timer = 0;
    this.quiet = 0;
    for (const type of BY_HAND) listen(root, type, () => this.settle(), { passive: true, capture: true });
    listen(root.ownerDocument, "scroll", () => {
      requestAnimationFrame(() => requestAnimationFrame(() => this.giveWay())); // once what has grown is shown
      clearTimeout(this.quiet);
      this.quiet = setTimeout(() => this.follow(), QUIET);
    }, { passive: true, capture: true });
    this.observer = new ResizeObserver(() => (this.isKept ? this.show() : this.stay()));
    this.observer.observe(context.frame);
  }

  /** @param {any} state */
  update({ at }) {
    if (at !== this.at) this.to(at);
  }

  /** Bring a part to the top of the view, and into the state. @param {string} name "" for the start of the page. */
  to(name) {
    const { store } = this.context;
    this.at = name;
    this.isKept = name !== "";
    this.show();
    if (store.state.at !== name) store.dispatch({ type: "at", at: name });
  }

  show() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), SETTLING);
    this.elementOf(this.at)?.scrollIntoView({ block: "start" });
    this.top = this.topOf(this.at);
  }

  /** Keep an element where it is in the view, while what is above it may grow. @param {Element} element */
  hold(element) {
    this.settle();
    this.held = { element, top: element.getBoundingClientRect().top };
    this.timer = setTimeout(() => this.settle(), SETTLING);
  }

  stay() {
    if (this.held) this.context.root.ownerDocument.defaultView.scrollBy(0, this.held.element.getBoundingClientRect().top - this.held.top);
  }

  /** Something else has scrolled. */
  giveWay() {
    if (this.isKept && Math.abs(this.topOf(this.at) - this.top) > MOVED) this.settle();
  }

  /** @param {string} name */
  topOf(name) {
    return this.elementOf(name)?.getBoundingClientRect().top ?? 0;
  }

  settle() {
    clearTimeout(this.timer);
    [this.isKept, this.held] = [false, null];
  }

  /** What to scroll to for a part. @param {string} name @returns {Element | null} */
  elementOf(name) {
    const { root, frame } = this.context;
    if (name === "") return frame;
    const part = root.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!part) return null;
    const isBeside = [part, part.parentElement].some((one) => getComputedStyle(one).position === "sticky");
    if (part.hidden || isBeside) return root.querySelector('[data-part="network"]');
    return part.getClientRects().length > 0 ? contentOf(part) : part.firstElementChild;
  }

  /** Set the state to what is in sight, unless a part is being kept there. */
  follow() {
    const { root, store } = this.context;
    if (this.isKept || !root.isConnected) return;
    const line = root.ownerDocument.documentElement.clientHeight / 4;
    const parts = [...root.querySelectorAll(".convlab-page [data-part]")].map((part) =>
      ({ name: part.dataset.part, top: part.getClientRects()[0]?.top ?? Infinity }));
    const above = parts.filter(({ top }) => top < line);
    const isAtStart = root.getBoundingClientRect().top > -line;
    const now = isAtStart || above.length === 0 ? "" : above.reduce((a, b) => (b.top >= a.top ? b : a)).name;
    if (now === store.state.at) return;
    this.at = now;
    store.dispatch({ type: "at", at: now });
  }

  dispose() {
    clearTimeout(this.timer);
    clearTimeout(this.quiet);
    this.observer.disconnect();
  }
}

/** Within the half of a small screen that a lesson leaves, the picture comes before words. @param {any} part */
function contentOf(part) {
  if (!part.closest(".convlab-in-lesson") || part.clientWidth >= 600) return part;
  const shown = [...part.querySelectorAll(PICTURES)].find((picture) => picture.getClientRects().length > 0);
  return shown ?? part.querySelector(".convlab-panel-content") ?? part;
}
