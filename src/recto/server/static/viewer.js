// The page beside the answer: its clean picture, the marks over it in percent, and the ways on from there.

import * as api from "./api.js";
import { toClipboard } from "./clipboard.js";
import { $, calm, el, iconButton, numbered, say } from "./dom.js";
import { t } from "./messages.js";
import { passwordForm } from "./password.js";
import { drawn, picture } from "./pictures.js";
import { link } from "./places.js";
import { lines } from "./words.js";

const ZOOMS = [1, 1.25, 1.5, 2, 3];
const ABOVE = 0.28; // of the view, above the first mark
const SHOWN_MS = 1600; // that "copied" stands

export class Viewer {
  /** `library` knows documents and passwords; `moved` is called with the place shown, null when closed. */
  constructor({ library, moved }) {
    this._library = library;
    this._moved = moved;
    this._places = [];
    this._index = 0;
    this._zoom = 0;
    this._wish = 0; // counts what was asked to be shown: an older answer is late
    this.node = $("page");
    this._build();
  }

  get opened() {
    return !this.node.hidden;
  }

  /** The picture with its marks, the text and words of the page that is shown, and which one that is. */
  get sheet() {
    return this._sheet;
  }

  get about() {
    return this._about;
  }

  get place() {
    return this._place;
  }

  _build() {
    this._name = el("h2", { class: "page-name", tabIndex: -1 });
    this._number = el("input", { type: "text", inputMode: "numeric", "aria-label": t("viewer.page"), class: "page-number", on: { change: () => this.turnTo(Number.parseInt(this._number.value, 10)) } });
    this._of = el("span", { class: "fine" });
    this._before = iconButton("left", t("viewer.previous"), () => this.turnBy(-1));
    this._after = iconButton("right", t("viewer.next"), () => this.turnBy(1));
    this._out = iconButton("minus", t("viewer.smaller"), () => this.zoomBy(-1));
    this._in = iconButton("plus", t("viewer.larger"), () => this.zoomBy(1));
    this._textButton = iconButton("text", t("viewer.text"), () => this._toggleText(), { "aria-pressed": "false" });
    this._linkButton = iconButton("link", t("viewer.link"), () => this._copyLink());
    this._cited = el("span", { class: "cited-of" });
    this._earlier = iconButton("left", t("viewer.previous_citation"), () => this.citeBy(-1));
    this._later = iconButton("right", t("viewer.next_citation"), () => this.citeBy(1));
    this._cites = el("div", { class: "group cites", role: "group", "aria-label": t("viewer.citations") }, this._earlier, this._cited, this._later);
    this._tall = iconButton("tall", t("viewer.whole"), () => this.node.classList.toggle("whole"), { class: "icon only-sheet" });
    this._close = iconButton("close", t("viewer.close"), () => this.close());
    this._image = el("img", { alt: "", decoding: "async", draggable: false });
    this._marks = el("div", { class: "marks", "aria-hidden": "true" });
    this._sheet = el("figure", { class: "leaf-page" }, this._image, this._marks);
    this._text = el("div", { class: "page-text", hidden: true, tabIndex: 0, role: "region", "aria-label": t("viewer.text_region") });
    this._notice = el("div", { class: "page-notice", hidden: true, role: "alert" });
    this._out.disabled = true;
    this._view = el("div", { class: "page-view", tabIndex: 0, role: "region", "aria-label": t("viewer.picture_region") }, this._notice, this._sheet, this._text);
    this.node.append(
      el("header", { class: "page-head" },
        el("div", { class: "page-title" }, this._name, this._tall, this._close),
        el("div", { class: "page-tools" },
          el("div", { class: "group", role: "group", "aria-label": t("viewer.pages") }, this._before, this._number, this._of, this._after),
          this._cites,
          el("div", { class: "group", role: "group", "aria-label": t("viewer.view") }, this._out, this._in, this._textButton, this._linkButton),
        )),
      this._view,
    );
  }

  // --- what is shown ------------------------------------------------------------------------------------------------
  /** Show one of several places. With `from`, the element that asked, the page takes the focus and gives it back. */
  open(places, index, from) {
    const closed = !this.opened;
    this._places = places;
    this._index = index;
    this._from = from;
    this.node.hidden = false;
    document.body.dataset.page = "open";
    this._show(places[index], { closed, focus: Boolean(from) });
  }

  async _show(place, { closed = false, focus = false } = {}) {
    const wish = (this._wish += 1);
    this._place = place;
    this._head(place);
    this._moved(place, { closed });
    this._current(place);
    this._notice.hidden = true;
    if (focus) this._name.focus({ preventScroll: true });
    try {
      await this._draw(place, wish);
    } catch (problem) {
      if (wish === this._wish) this._fail(problem, place);
    }
  }

  _head(place) {
    const document_ = this._library.documents.find((one) => one.id.startsWith(place.document.id));
    this._pages = document_?.pages ?? place.pages ?? place.page;
    this._name.textContent = document_?.name ?? place.document.name;
    this._name.title = this._name.textContent;
    this._number.value = String(place.page);
    this._called(place.label);
    this._before.disabled = place.page <= 1;
    this._after.disabled = place.page >= this._pages;
    const isCited = this._places.length > 1 && place.number;
    this._cites.hidden = !isCited;
    this._cited.replaceChildren(...(isCited ? [el("span", { class: "cited-word" }, t("viewer.citation")), t("of", { done: place.number, total: this._places.length })] : []));
  }

  /** How many pages there are, and what the document calls this one. */
  _called(label) {
    this._of.textContent = t("viewer.of", { pages: this._pages }) + (label ? t("page.printed", { label }) : "");
  }

  async _draw(place, wish) {
    const { id } = place.document;
    this._image.classList.add("old");
    const about = await api.page(id, place.page);
    if (wish !== this._wish) return;
    this._about = about;
    this._called(about.label);
    this._sheet.hidden = false;
    this._sheet.style.aspectRatio = `${about.width} / ${about.height}`;
    this.mark(place.boxes ?? [], place.asked ?? []);
    this._words(place);
    this._scroll(place);
    say(`${place.document.name}, ${numbered({ ...place, label: about.label })}${place.boxes?.length ? t("viewer.marked") : ""}`);
    await this._paint(place, wish);
  }

  async _paint(place, wish) {
    const address = await picture(place.document.id, place.page, this._pixels(), this._library.password(place.document.id));
    if (wish !== this._wish) return;
    this._image.src = address;
    await this._image.decode().catch(() => {});
    if (wish !== this._wish) return;
    this._image.classList.remove("old");
    const quote = place.quote && place.boxes?.length ? t("viewer.alt_marked", { quote: place.quote }) : "";
    this._image.alt = t("viewer.alt", { page: place.page, name: place.document.name }) + quote;
  }

  _pixels() {
    return drawn(this._sheet.clientWidth * Math.min(2, devicePixelRatio || 1));
  }

  /** Mark boxes, and more strongly those of cells that are asked for. */
  mark(boxes, asked = []) {
    this._marks.replaceChildren(...[...boxes, ...asked].map(([x0, y0, x1, y1], at) => {
      const mark = el("i", { class: at < boxes.length ? "mark" : "mark asked" });
      Object.assign(mark.style, {
        left: `${x0 * 100}%`, top: `${y0 * 100}%`, width: `${(x1 - x0) * 100}%`, height: `${(y1 - y0) * 100}%`,
      });
      return mark;
    }));
  }

  _scroll(place) {
    const first = place.boxes?.[0];
    const top = first ? this._sheet.offsetTop + first[1] * this._sheet.clientHeight - this._view.clientHeight * ABOVE : 0;
    const side = first ? first[0] * this._sheet.clientWidth - 24 : 0;
    this._view.scrollTo({ top: Math.max(0, top), left: this._zoom ? side : 0, behavior: calm() ? "auto" : "smooth" });
  }

  _words(place) {
    const { text } = this._about;
    const marked = place.start !== undefined && place.boxes?.length;
    const full = Math.max(...text.split("\n").map((row) => row.length));
    const flow = (start, end) => lines(Array.from(text).slice(start, end).join(""), full);
    this._text.replaceChildren(...(marked
      ? [flow(0, place.start), el("mark", {}, flow(place.start, place.end)), flow(place.end)]
      : [text ? flow(0) : t("viewer.no_text")]));
  }

  /** Mark the chips of the place shown. */
  _current(place) {
    for (const chip of document.querySelectorAll(".chip[aria-current]")) chip.removeAttribute("aria-current");
    const turn = this._from?.closest?.(".turn") ?? document.querySelector(".turn.last");
    if (!place?.number || !turn) return;
    for (const chip of turn.querySelectorAll(`.chip[data-number="${place.number}"]`)) chip.setAttribute("aria-current", "true");
  }

  _fail(problem, place) {
    this._sheet.hidden = problem.kind !== "password";
    this._marks.replaceChildren();
    this._image.removeAttribute("src");
    this._notice.hidden = false;
    if (problem.kind === "password") {
      const given = this._library.password(place.document.id);
      this._sheet.hidden = true;
      this._notice.replaceChildren(
        el("p", {}, t(given ? "viewer.wrong_password" : "viewer.encrypted")),
        passwordForm({ name: place.document.name }, (password) => {
          this._library.intake.passwords.set(place.document.id, password);
          this._show(place);
        }));
      return;
    }
    const gone = problem.status === 404;
    this._notice.replaceChildren(el("p", {}, gone
      ? t("viewer.gone")
      : t("viewer.failed", { message: problem.message })));
  }

  // --- the ways on --------------------------------------------------------------------------------------------------
  turnBy(step) {
    this.turnTo(this._place.page + step);
  }

  turnTo(page) {
    const wanted = Math.min(this._pages, Math.max(1, Number.isNaN(page) ? this._place.page : page));
    if (wanted === this._place.page) {
      this._number.value = String(wanted);
      return;
    }
    const here = this._places.find((one) => one.document.id === this._place.document.id && one.page === wanted);
    if (here) this._index = this._places.indexOf(here);
    this._show(here ?? { document: this._place.document, page: wanted, pages: this._pages });
  }

  citeBy(step) {
    if (this._places.length < 2) return;
    this._index = (this._index + step + this._places.length) % this._places.length;
    this._show(this._places[this._index]);
  }

  zoomBy(step) {
    this._zoom = Math.min(ZOOMS.length - 1, Math.max(0, this._zoom + step));
    const middle = (this._view.scrollTop + this._view.clientHeight / 2) / this._view.scrollHeight;
    this._sheet.style.width = `${ZOOMS[this._zoom] * 100}%`;
    this._view.scrollTop = middle * this._view.scrollHeight - this._view.clientHeight / 2;
    this._out.disabled = this._zoom === 0;
    this._in.disabled = this._zoom === ZOOMS.length - 1;
    say(t("viewer.zoomed", { percent: Math.round(ZOOMS[this._zoom] * 100) }));
    this._paint(this._place, this._wish).catch(() => {});
  }

  _toggleText() {
    const shown = this._text.hidden;
    this._text.hidden = !shown;
    this._sheet.hidden = shown;
    this._textButton.setAttribute("aria-pressed", String(shown));
    if (shown) this._text.querySelector("mark")?.scrollIntoView({ block: "center" });
    else this._scroll(this._place);
  }

  async _copyLink() {
    const done = await toClipboard(location.origin + link(this._place));
    say(t(done ? "viewer.copied" : "viewer.not_copied"));
    this._linkButton.classList.add("done");
    setTimeout(() => this._linkButton.classList.remove("done"), SHOWN_MS);
  }

  close({ silent = false } = {}) {
    if (!this.opened) return;
    this._wish += 1;
    this.node.hidden = true;
    delete document.body.dataset.page;
    this._current(null);
    if (!silent) this._moved(null, {});
    if (this._from?.isConnected) this._from.focus({ preventScroll: true });
    else $("question").focus({ preventScroll: true });
    this._from = null;
  }
}
