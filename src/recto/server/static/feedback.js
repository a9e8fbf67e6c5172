// Saying which answers are right: a quote, none of them, or words that are marked on a page.

import * as api from "./api.js";
import { button, el, say } from "./dom.js";
import { t } from "./messages.js";

const judge = (turn, body) => api.call(`/api/history/${turn}/feedback`, { method: "PUT", body });

/** What can be said of an answer that is kept; `mark` lets somebody mark words, and is given what then saves them. */
export function judging(turn, mark) {
  if (!turn.kept) return null;
  const said = el("span", { class: "fine", role: "status" });
  const { turn: id } = turn.kept;

  async function keep(body, words) {
    try {
      await judge(id, body);
      said.textContent = words;
    } catch (problem) {
      said.textContent = `${problem.message}.`;
      throw problem;
    }
  }
  const tell = (text, label, body, words) => button(text, () => keep(body, words).catch(() => {}), { class: "plain", "aria-label": label });
  const here = (place) => keep({ opinion: "here", ...place }, t("marked.noted"));
  return el("p", { class: "judging" },
    el("span", { class: "fine" }, t(turn.quotes.length ? "judge.quotes" : "judge.written")),
    ...turn.quotes.map(({ number }) => tell(String(number), t("judge.quote", { number }), { opinion: "yes", quote: number }, t("judge.quote.noted", { number }))),
    tell(t(turn.quotes.length ? "judge.none" : "judge.unsaid"), t("judge.none.label"), { opinion: "no" }, t("judge.none.noted")),
    button(t("mark_it"), (event) => mark(turn, here, event.currentTarget), { class: "plain" }),
    said);
}

/** Marking words on the picture of a page, by dragging over them. */
export class Marking {
  constructor(viewer) {
    this._viewer = viewer;
    this._save = button(t("marking.this"), () => this._keep(), { class: "primary" });
    this._words = el("p", { class: "fine" });
    this._bar = el("div", { class: "marking-bar", hidden: true }, this._words, this._save, button(t("cancel"), () => this.end(), { class: "plain" }));
    viewer.node.children[0].after(this._bar);
    viewer.sheet.addEventListener("pointerdown", (event) => this._begin(event));
    viewer.sheet.addEventListener("pointermove", (event) => this._drag(event));
    for (const name of ["pointerup", "pointercancel"]) viewer.sheet.addEventListener(name, () => (this._from = null));
  }

  /** Let somebody mark words, from a place on; `keep` is given what was marked. */
  begin(place, keep, from) {
    this._keeper = keep;
    this._clear(t("marking.drag"));
    this._bar.hidden = false;
    this._viewer.node.classList.add("marking");
    this._viewer.open([place], 0, from);
  }

  end() {
    this._bar.hidden = true;
    this._from = null;
    this._viewer.node.classList.remove("marking");
  }

  _clear(words) {
    this._marked = null;
    this._words.textContent = words;
    this._save.disabled = true;
  }

  _begin(event) {
    if (this._bar.hidden || event.button || !this._viewer.about?.words.length) return;
    event.preventDefault();
    this._viewer.sheet.setPointerCapture(event.pointerId);
    this._about = this._viewer.about;
    this._from = this._nearest(event);
    this._drag(event);
  }

  _drag(event) {
    if (this._from === null || this._from === undefined || this._bar.hidden || this._about !== this._viewer.about) return;
    const to = this._nearest(event);
    const words = this._about.words.slice(Math.min(this._from, to), Math.max(this._from, to) + 1);
    this._viewer.mark(words.map(({ box }) => box));
    const [start, end] = [words[0].start, words.at(-1).end];
    this._marked = { document: this._viewer.place.document.id, page: this._viewer.place.page, start, end };
    this._words.textContent = Array.from(this._about.text).slice(start, end).join("");
    this._save.disabled = false;
  }

  /** The word under the pointer, or next to it: lines count more than what stands beside them. */
  _nearest(event) {
    const sheet = this._viewer.sheet.getBoundingClientRect();
    const at = [(event.clientX - sheet.left) / sheet.width, (event.clientY - sheet.top) / sheet.height];
    const away = (value, low, high) => Math.max(low - value, 0, value - high);
    let nearest = 0;
    let least = Infinity;
    this._about.words.forEach(({ box: [x0, y0, x1, y1] }, number) => {
      const distance = away(at[0], x0, x1) + 4 * away(at[1], y0, y1);
      if (distance < least) [nearest, least] = [number, distance];
    });
    return nearest;
  }

  async _keep() {
    const { document, page } = this._marked;
    if (this._viewer.place.page !== page || this._viewer.place.document.id !== document) {
      this._clear(t("marking.turned"));
      return;
    }
    try {
      await this._keeper(this._marked);
      this.end();
      say(t("noted"));
    } catch (problem) {
      this._words.textContent = `${problem.message}.`;
    }
  }
}
