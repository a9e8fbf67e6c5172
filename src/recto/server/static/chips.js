// The numbers that stand for citations: a click opens the page, resting on one shows the quote.

import { $, el, located, numbered } from "./dom.js";
import { t } from "./messages.js";
import { lines } from "./words.js";

const REST_MS = 140;
const GAP = 8;

let timer = 0;

/** `open` is called with the chip that was clicked; one that stands beside its quote needs no preview. */
export function chip(place, open, { previewed = true } = {}) {
  const node = el("button", {
    type: "button", class: "chip", "data-number": place.number,
    "aria-label": t("citation", { number: place.number, name: place.document.name, page: numbered(place) }),
    on: {
      click: () => {
        hide();
        open(node);
      },
      pointerenter: (event) => previewed && event.pointerType === "mouse" && rest(node, place),
      pointerleave: hide,
      focus: () => previewed && node.matches(":focus-visible") && rest(node, place),
      blur: hide,
    },
  }, String(place.number));
  return node;
}

function rest(node, place) {
  clearTimeout(timer);
  timer = setTimeout(() => show(node, place), REST_MS);
}

function show(node, place) {
  const preview = $("preview");
  preview.replaceChildren(
    el("p", { class: "quote" }, ...place.parts.map((part) => el("span", {}, lines(part)))),
    el("p", { class: "fine" }, located(place)),
  );
  preview.hidden = false;
  node.setAttribute("aria-describedby", "preview");
  const at = node.getBoundingClientRect();
  const own = preview.getBoundingClientRect();
  const above = at.top - own.height - GAP;
  preview.style.left = `${Math.max(GAP, Math.min(at.left - 12, innerWidth - own.width - GAP))}px`;
  preview.style.top = `${above > GAP ? above : at.bottom + GAP}px`;
}

export function hide() {
  clearTimeout(timer);
  if ($("preview").hidden) return;
  $("preview").hidden = true;
  for (const node of document.querySelectorAll("[aria-describedby=preview]")) node.removeAttribute("aria-describedby");
}

addEventListener("scroll", hide, { capture: true, passive: true });
