// Making elements. Text only ever becomes text: nothing here or elsewhere parses markup.

import { languageName, t } from "./messages.js";

export const $ = (id) => document.getElementById(id);

/** An element: `props` sets properties, `data-*`, `aria-*` and other attributes by name, `on` listeners. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "class") node.className = value;
    else if (name in node && !name.includes("-")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const button = (text, click, props = {}) => el("button", { type: "button", on: { click }, ...props }, text);

/** A page's number, and what the document calls it if that is something else. */
export const numbered = ({ page, label }) => t("page.number", { page }) + (label ? t("page.printed", { label }) : "");

const BLANKS = 4;

/** The blank cells of a quote's rows. */
const blank = (cells = []) => (cells.length ? t("located.blank", { cells: cells.slice(0, BLANKS).join("; ") }) + (cells.length > BLANKS ? t("located.blank.more", { n: cells.length - BLANKS }) : "") : "");

/** Where something stands, and what it is if no text of the page; the name keeps its own direction. */
export const located = (place) => [
  el("bdi", {}, place.document.name),
  [
    `, ${numbered(place)}`,
    place.language && `, ${languageName(place.language)}`,
    place.comment && t("located.comment"),
    place.recognised && t("located.recognised"),
    place.recognised && place.uncertain && t("located.uncertain", { n: place.uncertain }),
    place.struck?.length && t("located.struck", { words: place.struck.join(" ... ") }),
    blank(place.blanks),
  ].filter(Boolean).join(""),
];

const PATHS = {
  close: "M4 4l8 8M12 4l-8 8",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  menu: "M2.500 4h11M2.500 8h11M2.500 12h7",
  link: "M6.500 9.500l3-3M7 4.500l1.500-1.500a3 3 0 014.500 4.500L11.500 9M9 11.500L7.500 13A3 3 0 013 8.500L4.500 7",
  text: "M3 4h10M3 7h10M3 10h10M3 13h6",
  tall: "M5 6l3-3 3 3M5 10l3 3 3-3",
};

/** A drawn sign; it says nothing to a screen reader, its button does. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export const iconButton = (name, label, click, props = {}) =>
  el("button", { type: "button", class: "icon", "aria-label": label, title: label, on: { click }, ...props }, icon(name));

/** Tell a screen reader, without showing. */
export function say(text) {
  $("said").textContent = text;
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
