// One question with its answer: quotes at once, the written words under them, and what went wrong in plain words.

import { button, el, located, say } from "./dom.js";
import { chip } from "./chips.js";
import { toClipboard } from "./clipboard.js";
import { judging } from "./feedback.js";
import { lost } from "./history.js";
import { markdown } from "./markdown.js";
import { t } from "./messages.js";
import { Places, surroundings, within } from "./places.js";
import { Prose } from "./prose.js";
import { saving } from "./saving.js";
import { byDocument, sections } from "./survey.js";
import { Wait } from "./wait.js";
import { why } from "./why.js";
import { linesOf, model, remedy, seconds, soon } from "./words.js";

const STOPPED = "stopped";
const COPIED_MS = 2000;

export class Turn {
  /** `acts`: open(places, index, from) shows a place, again(turn, whole) asks once more, reads() whether a model can, mark(turn, keep, from) lets words be marked. */
  constructor(question, scope, acts) {
    this.question = question;
    this.scope = scope; // [{id, name}], null for all
    this.events = []; // what the server said, to show it again after a reload
    this.places = new Places();
    this.marks = [];
    this.hits = [];
    this.quotes = [];
    this.answer = null;
    this._acts = acts;
    this._prose = new Prose();
    this._build();
  }

  _build() {
    this.title = el("h2", { class: "question", tabIndex: -1 }, this.question);
    this._about = el("p", { class: "fine about" }, this.scope ? t("asked_of", { names: this.scope.map((one) => one.name).join(", ") }) : "");
    this._quotes = el("section", { class: "quotes", hidden: true, "aria-label": t("quotes") });
    this._written = el("section", { class: "written", hidden: true, "aria-label": t("written") });
    this._by = el("h3", { class: "label" });
    this._notices = el("div", { class: "notices" });
    this._written.append(this._by, this._prose.node);
    this._why = el("div", { class: "why", hidden: true });
    this._foot = el("footer", { class: "foot", hidden: true });
    this._line = el("p", { class: "fine searching" }, t("searching"));
    this.node = el("article", { class: "turn", "aria-busy": "true", "aria-label": this.question },
      this.title, this._about, this._line, this._quotes, this._written, this._notices, this._foot, this._why);
  }

  /** Take an event of the server. `replayed` ones were heard before a reload. */
  take(name, event, { replayed = false } = {}) {
    if (!["begun", "progress", "expect", "queued"].includes(name)) this._keep(name, event);
    if (event.turn) this.kept = { turn: event.turn, conversation: event.conversation };
    switch (name) {
      case "begun": this.key = event.ask; break;
      case "queued": this._line.textContent = event.ahead ? t("waiting.questions", { n: event.ahead }) + soon(event.eta_s) : t("waiting"); break;
      case "found": this._found(event); break;
      case "quoted": this._quoted(event); break;
      case "abstained": this._abstained(event.nearest); break;
      case "progress": this._waiting(event.name).progress(event); break;
      case "expect": this._waiting(event.engine).expect(event); break;
      case "token": this._token(event.text, replayed); break;
      case "cited": this._cited(event.citation); break;
      case "unsupported": this._unsupported(event); break;
      case "fell_back": this._fellBack(event); break;
      case "failed": this.fail(event); break;
      case "done": this._done(event.answer, replayed); break;
      default: console.warn(`an event that this page does not know: ${name}`);
    }
  }

  _keep(name, event) {
    const last = this.events.at(-1);
    if (name === "token" && last?.[0] === "token") last[1] = { ...last[1], text: last[1].text + event.text };
    else this.events.push([name, event]);
  }

  // --- the documents' own words -------------------------------------------------------------------------------------
  _found({ hits, searched_for }) {
    this.hits = hits;
    this.searchedFor = searched_for;
    if (searched_for !== this.question) this._about.textContent = [t("searched_for", { words: searched_for }), this._about.textContent].filter(Boolean).join(". ");
  }

  _quoted({ citations, kind, survey }) {
    this.closest = kind === "closest";
    this._survey = survey;
    this.quotes = this.places.quoted(citations);
    this._line.hidden = true;
    if (this.closest) {
      this.node.classList.add("closest");
      this._quotes.setAttribute("aria-label", t("quotes.closest"));
    }
    this._quotes.append(
      el("h3", { class: "label" }, t(this.closest ? "quotes.closest.title" : "quotes")),
      ...(this.closest ? [el("p", { class: "verdict" }, t("closest"))] : []),
      ...byDocument(this.quotes, survey, (quote) => this._quote(quote, this.quotes.slice(0, quote.number - 1))),
    );
    this._quotes.hidden = false;
    say(this.closest ? t("closest") : t("quotes.found", { n: this.quotes.length }));
  }

  /** A quote, marked inside its surroundings. They are folded away where there is little room, or stand above already. */
  _quote(quote, above) {
    const source = button(located(quote), () => this._open(quote, source), { class: "source" });
    const blocks = surroundings(quote);
    const around = blocks.some((pieces) => pieces.some(({ text, quoted }) => text.trim() && !quoted));
    const unfold = around && button(t("in_context"), () => {
      const open = item.classList.toggle("unfolded");
      unfold.setAttribute("aria-expanded", String(open));
      unfold.textContent = t(open ? "quote_alone" : "in_context");
    }, { class: "plain unfold", "aria-expanded": "false" });
    const item = el("li", { class: "quoted" },
      chip(quote, (from) => this._open(quote, from), { previewed: false }),
      el("blockquote", { class: "quote" }, ...blocks.map((pieces) => marked(pieces, { around, apart: quote.parts.length > 1 }))),
      el("p", { class: "origin" }, source, unfold, quote.more && this._more(quote)),
      lost(quote),
    );
    item.classList.toggle("folded", above.some((other) => within(quote, other)));
    return item;
  }

  /** What is left out behind a quote; it opens the page where that stands. */
  _more(quote) {
    const page = Number(/page (\d+)$/.exec(quote.more)?.[1] ?? quote.page);
    const more = button(leftOut(quote.more), () => (page === quote.page ? this._open(quote, more) : this._openHit({ document: quote.document, page }, more)), { class: "source" });
    return more;
  }

  _open(place, from) {
    this._acts.open(this.places.list, place.number - 1, from);
  }

  _openHit(place, from) {
    this._acts.open([place], 0, from);
  }

  _abstained(nearest) {
    this.abstained = true;
    this._line.hidden = true;
    this.node.classList.add("abstained");
    this._quotes.setAttribute("aria-label", t("abstained"));
    this._quotes.append(
      el("p", { class: "verdict" }, t(nearest.length ? "abstained.unsaid" : "abstained.nothing")),
      ...(nearest.length ? [
        el("p", { class: "fine" }, t("abstained.nearest")),
        why(this._nearest(nearest), (place, from) => this._openHit(place, from)),
      ] : []),
    );
    this._quotes.hidden = false;
    say(t("abstained.unsaid"));
  }

  /** The first few, with the words that match, which only `found` brings. */
  _nearest(nearest) {
    const same = (one) => this.hits.find((hit) => hit.rank === one.rank) ?? one;
    return nearest.slice(0, 3).map(same);
  }

  // --- the written words --------------------------------------------------------------------------------------------
  _waiting(engine) {
    if (this.over) return { progress() {}, expect() {} };
    this._engine = engine;
    this._by.textContent = t("written_by", { model: model(engine) });
    if (!this._wait) {
      this._wait = new Wait();
      this._written.append(this._wait.node);
      this._written.hidden = false;
    }
    return this._wait;
  }

  _token(text, replayed) {
    if (!replayed) this._wait?.speaking();
    this._written.hidden = false;
    this._prose.append(text);
  }

  _cited(citation) {
    const place = this.places.cited(citation);
    if (this.marks.some((mark) => mark.at === citation.at && mark.number === place.number)) return;
    this.marks.push({ at: citation.at, number: place.number });
    const node = chip(place, (from) => this._open(place, from));
    const shown = this.node.querySelector(`.chip[data-number="${place.number}"][aria-current]`);
    if (shown) node.setAttribute("aria-current", "true");
    this._prose.mark(citation.at, node);
  }

  _unsupported({ at, sentence }) {
    this.anyUnsupported = true;
    const doubted = this._prose.wrap(at, sentence, el("span", { class: "unsupported" }));
    const note = el("span", { class: "unsupported-note", "data-mark": "" }, t("unsupported"));
    if (doubted) doubted.after(note);
    else this._prose.mark(at, note);
  }

  _fellBack({ why: reason, engine, kind }) {
    if (reason === STOPPED) {
      this.stopped = true;
      return;
    }
    this._prose.clear();
    this.marks = [];
    this.anyUnsupported = false;
    if (kind === "nothing_written" && engine !== "quote") return; // the same model tries again
    this._told = reason;
    const instead = engine === "quote" ? t("fell_back.quotes") : t("fell_back.model", { model: model(engine) });
    if (engine === "quote") this._written.hidden = true;
    this._notice(t("fell_back", { reason, instead }));
  }

  _notice(text, ...more) {
    this._notices.append(el("p", { class: "notice" }, text, ...more));
    say(text);
  }

  // --- the end ------------------------------------------------------------------------------------------------------
  /** What was asked cannot be answered, or the line broke: what came stays. */
  fail(problem) {
    this._end();
    const wait = problem.retryS ? t("retry_in", { time: seconds(problem.retryS) }) : "";
    const sentence = `${problem.message.charAt(0).toUpperCase()}${problem.message.slice(1)}.`;
    this._notice([sentence, remedy(problem)].filter(Boolean).join(" ") + wait);
    if (this._prose.text) this._by.textContent = t("written_by.broken", { by: this._by.textContent || t("written") });
    this._feet();
  }

  _done(answer, replayed) {
    this.answer = answer;
    this._end();
    if (!this.stopped || !this._engine) this._engine = answer.engine;
    if (!this._prose.text) this._written.hidden = true;
    if (this._prose.text) this._by.textContent = t(this.stopped ? "written_by.stopped" : "written_by", { model: model(this._engine) });
    if (answer.notice && this._prose.text && !this.stopped && answer.notice !== this._told) this._notice(`${answer.notice}.`);
    if (this.stopped && !this._prose.text) this._notice(t("stopped_early"));
    for (const shard of answer.missing ?? []) this._notice(t("missing", { shard }));
    this._feet();
    if (!replayed) say(t(this.abstained ? "abstained" : this.closest && !this._prose.text ? "closest" : "complete"));
  }

  _end() {
    this.over = true;
    this._line.hidden = true;
    this._wait?.end();
    this._wait = null;
    this.node.setAttribute("aria-busy", "false");
  }

  _feet() {
    const copy = button(t("copy"), () => this._copy(copy), { class: "plain" });
    const whyButton = button(t("why"), () => this._toggleWhy(whyButton), { class: "plain", "aria-expanded": "false" });
    this._foot.replaceChildren(
      ...(this.quotes.length ? [copy, saving(() => this._taken(), (problem) => this._notice(t("not_saved", { message: problem.message, remedy: remedy(problem) })))] : []),
      ...(this._survey?.kind === "summary" && this._acts.reads() ? [button(t("read_whole"), () => this._acts.again(this, true), { class: "plain" })] : []),
      button(t("ask_again"), () => this._acts.again(this), { class: "plain" }),
      ...(this.hits.length && !this.abstained ? [whyButton] : []),
      el("span", { class: "fine times" }, this._times()),
    );
    if (this.answer) this._foot.after(judging(this, (...marked) => this._acts.mark(...marked)) ?? "");
    this._foot.hidden = false;
  }

  _times() {
    const times = this.answer?.seconds;
    if (!times) return "";
    const parts = [t("times.found", { time: seconds(times.search) })];
    if (times.first_token !== null) parts.push(t("times.first", { time: seconds(times.first_token) }), t("times.total", { time: seconds(times.total) }));
    return parts.join(", ");
  }

  /** What is saved of it: the server knows the words of the places itself. */
  _taken() {
    const citations = this.places.list.flatMap((place) => place.citations);
    const places = citations.map(({ document, page, start, end }) => ({ document: document.id, page, start, end }));
    return { question: this.question, text: this._prose.text, places, sections: sections(this._survey) };
  }

  async _copy(copy) {
    const engine = this._prose.text ? model(this._engine ?? "") : "";
    const text = markdown({
      question: this.question, text: this._prose.text, marks: this.marks, places: this.places.list, quotes: this.quotes,
      engine, unsupported: this.anyUnsupported, doubt: this.closest ? t("closest") : "",
    });
    const done = await toClipboard(text);
    copy.textContent = t(done ? "copy.done" : "copy.failed");
    say(copy.textContent);
    setTimeout(() => (copy.textContent = t("copy")), COPIED_MS);
  }

  _toggleWhy(toggle) {
    if (!this._why.firstChild) {
      this._why.append(
        el("p", { class: "fine" }, t("why.about")),
        why(this.hits, (place, from) => this._openHit(place, from)),
      );
    }
    this._why.hidden = !this._why.hidden;
    toggle.setAttribute("aria-expanded", String(!this._why.hidden));
  }
}

/** What is left out, in the words of the page. */
function leftOut(more) {
  const [, n, thing, page] = /(\d+) more ?(row|item|place)?s?(?:, page (\d+))?$/.exec(more) ?? [];
  if (!n) return more;
  return t(thing ? `more.${thing}` : "and_more", { n: Number(n) }) + (page ? t("more.page", { page }) : "");
}

/** A text of which the quoted pieces are marked, if there are others, and cells that are asked for; rows of a table stand `apart`. */
function marked(pieces, { around, apart }) {
  const texts = linesOf(pieces.map(({ text }) => text), { apart });
  const whole = el("span", {});
  let parent = null; // of pieces that are quoted together
  pieces.forEach(({ quoted, asked }, at) => {
    if (!around) parent = whole;
    else if (!quoted || !pieces[at - 1]?.quoted) whole.append((parent = el(quoted ? "mark" : "span", { class: quoted ? "" : "around" })));
    parent.append(asked ? el("strong", { class: "asked" }, texts[at]) : texts[at]);
  });
  return whole;
}
