// Why these passages: each hit with its two parts, and the words that match marked.

import { button, el, located } from "./dom.js";
import { t } from "./messages.js";

const STEPS = 5; // as a bar is read aloud

/** `open` is called with a place to show. */
export function why(hits, open) {
  const most = Math.max(0, ...hits.flatMap((hit) => [hit.keyword, hit.semantic]));
  return el("ol", { class: "hits" }, ...hits.map((hit) => row(hit, most, open)));
}

function row(hit, most, open) {
  const place = { document: hit.document, page: hit.page, label: hit.label, start: hit.start, end: hit.end, boxes: hit.boxes, quote: hit.text, parts: [hit.text] };
  const source = button(located(hit), () => open(place, source), { class: "source" });
  return el("li", { class: "hit" },
    source,
    el("p", { class: "quote small" }, ...marked(hit.text, hit.matched ?? [])),
    most > 0 && el("div", { class: "parts" }, // one passage alone is beside nothing
      part("words", hit.keyword, most),
      part("meaning", hit.semantic, most)),
  );
}

/** A text with character ranges of it marked; line ends of the page are spaces here. */
function marked(text, ranges) {
  const characters = Array.from(text.replace(/\s/g, " "));
  const nodes = [];
  let at = 0;
  for (const [start, end] of ranges) {
    nodes.push(characters.slice(at, start).join(""), el("mark", {}, characters.slice(start, end).join("")));
    at = end;
  }
  return [...nodes, characters.slice(at).join("")];
}

/** How much of it there is, beside the best of these passages: the scores themselves mean nothing to people. */
function part(name, value, most) {
  const share = Math.max(0, Math.min(1, value / most));
  const fill = el("i");
  fill.style.transform = `scaleX(${share})`;
  return el("span", { class: "part" },
    el("span", { class: "part-name" }, t(`why.${name}`)),
    el("span", { class: `meter ${name}`, role: "img", "aria-label": t("why.share", { steps: Math.round(share * STEPS), most: STEPS }) }, fill));
}
