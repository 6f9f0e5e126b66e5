/**
 * Makes elements. Text is always set as text, never as markup, so nothing that a person wrote can become code.
 */
import { SHAPES } from "/pages/icon_shapes.js";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element with attributes and children.
 *
 * Attribute names starting with `on` are event handlers, the others are set as they are; `true` sets an empty attribute,
 * `false`, `null` and `undefined` none.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child || child === "")));
  return element;
}

/**
 * A picture for a button or a line; hidden from screen readers, the words beside it say the same.
 *
 * @param {string} name one of `SHAPES`
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of SHAPES[name]) {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  }
  return svg;
}

/**
 * A button with words and, if wanted, a picture.
 *
 * @param {string} words
 * @param {() => void} pressed
 * @param {{kind?: "primary" | "plain" | "quiet" | "danger", icon?: string}} [look]
 * @returns {HTMLButtonElement}
 */
export function button(words, pressed, look = {}) {
  const element = h("button", { type: "button", class: `button ${look.kind ?? "plain"}` });
  if (look.icon) element.append(icon(look.icon));
  element.append(h("span", {}, words));
  element.addEventListener("click", pressed);
  return element;
}

/**
 * A line with a picture before it.
 *
 * @param {string} name of the picture
 * @param {string} words
 * @param {string} [tone] "good", "warn" or "danger"
 * @returns {HTMLElement}
 */
export function line(name, words, tone = "") {
  return h("p", { class: `line ${tone}` }, icon(name), h("span", {}, words));
}
