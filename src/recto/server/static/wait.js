// The announced wait: a line that fills in the announced time, and says so when it takes longer.

import { calm, el } from "./dom.js";
import { t } from "./messages.js";
import { count, model, seconds, soon } from "./words.js";

const TICK_MS = 100;

export class Wait {
  constructor() {
    this._fill = el("i");
    this._line = el("div", { class: "bar wait-bar", "aria-hidden": "true" }, this._fill);
    this._words = el("p", { class: "fine wait-words" });
    this.node = el("div", { class: "wait" }, this._line, this._words);
    this._began = performance.now();
    this._stage = null;
    this._expected = null;
    this._timer = setInterval(() => this._tick(), TICK_MS);
  }

  /** Work before the first word: `stage` is waiting, loading, measuring or prefill. */
  progress(event) {
    this._stage = event;
    this._tick();
  }

  expect(event) {
    this._expected = event;
    this._stage = null;
    this._began = performance.now();
    this._run(0, event.first_token_s);
    this._tick();
  }

  /** The first word is there: the line goes on to the announced end. */
  speaking() {
    if (this._speaking) return;
    this._speaking = performance.now();
    if (this._expected) this._run(this._elapsed() / Math.max(this._elapsed() + 0.1, this._expected.total_s), this._expected.total_s - this._elapsed());
    this._tick();
  }

  end() {
    clearInterval(this._timer);
    this._move?.cancel();
    this.node.remove();
  }

  _elapsed() {
    return (performance.now() - this._began) / 1000;
  }

  _run(from, within_s) {
    this._move?.cancel();
    const frames = [{ transform: `scaleX(${from})` }, { transform: "scaleX(1)" }];
    this._move = calm() ? null : this._fill.animate(frames, { duration: Math.max(200, within_s * 1000), fill: "forwards" });
  }

  _tick() {
    const late = this._late();
    this.node.classList.toggle("late", late);
    this._words.textContent = this._said(late);
  }

  _late() {
    if (!this._expected) return false;
    return this._elapsed() > (this._speaking ? this._expected.total_s : this._expected.first_token_s) + 0.3;
  }

  _said(late) {
    const { stage, name, total, done, eta_s } = this._stage ?? {};
    const who = model(name ?? this._expected?.engine ?? "");
    switch (stage) {
      case "waiting": return t("wait.answers", { n: total }) + soon(eta_s);
      case "loading": return t(eta_s ? "wait.loading_left" : "wait.loading", { model: who, time: eta_s && seconds(eta_s) });
      case "measuring": return t("wait.measuring", { model: who, time: seconds(this._elapsed()) });
      case "summarising": return t(eta_s ? "wait.summarising_left" : "wait.summarising", { model: who, done, pages: count(total, "page"), time: eta_s && seconds(Math.max(1, eta_s)) });
      case undefined: // announced, and not begun
      case "prefill": break;
      default: return `${who}: ${stage}`; // a stage that this page does not know yet
    }
    if (!this._expected) return t("moment");
    const { first_token_s, total_s } = this._expected;
    if (this._speaking) return late ? t("wait.late", { time: seconds(this._elapsed()), announced: seconds(total_s) }) : t("wait.writing", { time: seconds(Math.max(1, total_s - this._elapsed())) });
    if (late) return t("wait.reading_late", { model: who, time: seconds(this._elapsed()), announced: seconds(first_token_s) });
    const read = stage === "prefill" && done ? t("wait.tokens", { done, total }) : "";
    return t("wait.reading", { model: who, read, time: seconds(Math.max(0.1, first_token_s - this._elapsed())) });
  }
}
