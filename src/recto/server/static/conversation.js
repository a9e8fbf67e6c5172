// Asking: the line at the bottom, the turns above it, and what is remembered of them in this session.

import * as api from "./api.js";
import { $, button, calm, el, say } from "./dom.js";
import { events } from "./history.js";
import * as memory from "./memory.js";
import { t } from "./messages.js";
import { Turn } from "./turn.js";
import { count } from "./words.js";

const TYPING_MS = 350; // of rest before what is typed is prepared
const SHORTEST = 8; // characters worth preparing
const FOLLOWED = 6; // questions before that a follow-up may take terms from
const KEPT = 20; // turns that outlive a reload

export class Conversation {
  /** `library` says what is asked, `open` shows a place, `mark` lets words of one be marked. */
  constructor({ library, open, mark }) {
    this._mark = mark;
    this.turns = [];
    this._library = library;
    this._open = open;
    this._current = null;
    this._listen();
  }

  _listen() {
    const field = $("question");
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(field.value);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.ask(field.value);
      } else if (event.key === "ArrowUp" && !field.value && this.turns.length) {
        event.preventDefault();
        this.write(this.turns.at(-1).question);
      }
    });
    field.addEventListener("input", () => {
      this._fit();
      clearTimeout(this._typing);
      this._typing = setTimeout(() => this._prepare(), TYPING_MS);
    });
    $("stop").addEventListener("click", () => this.stop());
    $("scope-clear").addEventListener("click", () => this._library.askAll());
    $("fresh").addEventListener("click", () => this.fresh());
    addEventListener("pagehide", () => this._keep()); // what came of an answer that a reload breaks off
  }

  write(text) {
    $("question").value = text;
    this._fit();
    $("question").focus();
  }

  /** As high as its text, up to a third of the window. */
  _fit() {
    const field = $("question");
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, innerHeight / 3)}px`;
  }

  get busy() {
    return this._current !== null;
  }

  // --- asking -------------------------------------------------------------------------------------------------------
  async ask(question, { again = null, whole = false } = {}) {
    const asked = question.trim();
    if (!asked || this.busy) return;
    await this._library.ready; // whoever types at once is not told that there is nothing
    if (this.busy) return;
    if (!this._library.documents.length) {
      say(t("add_first"));
      $("scope").textContent = t("add_first");
      return;
    }
    clearTimeout(this._typing);
    const history = this._history();
    const turn = this._begin(asked, again ? again.scope : this._library.scope());
    if (!again) this.write("");
    const documents = (turn.scope ?? []).map((one) => one.id);
    await this._answer(turn, { question: asked, documents, history, whole, conversation: this._number });
  }

  /** The number that the server has for this conversation; 0 if it keeps none of it. */
  get _number() {
    return this.turns.findLast((turn) => turn.kept)?.kept.conversation ?? 0;
  }

  _history() {
    return this.turns.map((turn) => turn.searchedFor).filter(Boolean).slice(-FOLLOWED);
  }

  _begin(question, scope) {
    const turn = this._turn(question, scope && scope.map(({ id, name }) => ({ id, name })));
    this._current = turn;
    this._controls();
    this._toTop(turn);
    return turn;
  }

  _turn(question, scope) {
    const turn = new Turn(question, scope, {
      open: (places, index, from) => this._open(places, index, from),
      again: (one, whole = false) => this.ask(one.question, { again: one, whole }),
      reads: () => this.reads,
      mark: (one, keep, from) => this._mark(one.places.list[0] ?? one.hits[0] ?? one.answer.nearest[0], keep, from),
    });
    $("welcome").hidden = true;
    this.turns.at(-1)?.node.classList.remove("last");
    turn.node.classList.add("last");
    this.turns.push(turn);
    $("turns").append(turn.node);
    this._list();
    return turn;
  }

  /** Bring a question to the top once; its answer then fills the space below, and nothing moves. */
  _toTop(turn) {
    $("scroll").scrollTo({ top: turn.node.offsetTop, behavior: calm() ? "auto" : "smooth" });
  }

  async _answer(turn, body) {
    this._line = new AbortController();
    try {
      for await (const [name, event] of api.ask(body, this._line.signal)) {
        turn.take(name, event);
        if (name === "quoted") this._open(turn.places.list, 0, null);
      }
      if (!turn.over) throw api.offline();
    } catch (problem) {
      if (problem.name === "AbortError") turn.fail({ kind: "stopped", message: t("halted") });
      else turn.fail(problem);
    }
    this._current = null;
    this._controls();
    this._keep();
  }

  async stop() {
    const turn = this._current;
    if (!turn) return;
    $("stop").disabled = true;
    try {
      if (!turn.key) throw api.offline();
      await api.stop(turn.key);
    } catch {
      this._line.abort();
    }
  }

  _controls() {
    const focused = document.activeElement;
    $("ask").hidden = this.busy;
    $("stop").hidden = !this.busy;
    $("stop").disabled = false;
    if (focused === $("ask") && this.busy) $("stop").focus();
    if (focused === $("stop") && !this.busy) $("question").focus();
  }

  /** Let the server read ahead; it is only a kindness, so nothing is said if it cannot. */
  _prepare() {
    const question = $("question").value.trim();
    if (this.busy || !this.prepares || question.length < SHORTEST || !this._library.documents.length) return;
    const documents = (this._library.scope() ?? []).map((one) => one.id);
    api.prepare({ question, documents, history: this._history() }).catch(() => {});
  }

  // --- what is asked ------------------------------------------------------------------------------------------------
  /** Say which documents are asked, and offer questions to begin with. */
  async describe() {
    const present = this._library.documents.length;
    const scope = this._library.asked.size;
    const one = scope === 1 && this._library.documents.find((document) => this._library.asked.has(document.id));
    $("scope").textContent = !present ? t("scope.none") : one ? t("scope.only", { name: one.name }) : scope ? t("scope.some", { some: scope, count: count(present, "document") }) : t(present === 1 ? "scope.one" : "scope.all", { n: present });
    $("scope-clear").hidden = !scope;
    $("topcount").textContent = present ? count(present, "document") : "";
    if (!this.turns.length) await this._welcome(present);
  }

  async _welcome(present) {
    $("welcome").hidden = false;
    $("welcome").classList.toggle("empty", !present);
    $("welcome-title").textContent = t(present ? "welcome" : "welcome.empty");
    $("welcome-text").textContent = t(present ? "welcome.text" : "welcome.empty.text");
    if (!present) {
      $("welcome-acts").replaceChildren(
        button(t("choose_files"), () => this._library.pick(), { class: "primary" }),
        button(t("add.folder"), () => $("folder").click(), { class: "plain" }),
      );
      $("examples").replaceChildren();
      this._shown = "";
      return;
    }
    $("welcome-acts").replaceChildren();
    const shown = this._library.documents.map((document) => document.id).join();
    if (shown === this._shown) return; // the same documents have the same headings
    this._shown = shown;
    const questions = await api.examples().catch(() => []);
    $("examples").replaceChildren(...questions.map((question) => el("li", {}, button(question, () => this.ask(question), { class: "example" }))));
  }

  // --- the session --------------------------------------------------------------------------------------------------
  _list() {
    $("session").hidden = !this.turns.length;
    $("questions").replaceChildren(...this.turns.map((turn) =>
      el("li", {}, button(turn.question, () => {
        this._toTop(turn);
        turn.title.focus({ preventScroll: true });
        document.dispatchEvent(new CustomEvent("recto:leave-drawer"));
      }, { class: "asked" }))));
  }

  /** Begin a conversation of its own: follow-ups forget the questions before. */
  fresh() {
    if (this.busy) return;
    this.turns = [];
    $("turns").replaceChildren();
    this._list();
    this._keep();
    this.describe();
    $("question").focus();
  }

  /** Show a conversation of the history in the place of this one, at one of its turns. False while an answer is under way. */
  reopen(turns, at) {
    if (this.busy) return false;
    this.fresh();
    for (const one of turns) this._replay(one.question, null, events(one));
    const turn = this.turns.find(({ kept }) => kept?.turn === at) ?? this.turns.at(-1);
    this._keep();
    requestAnimationFrame(() => {
      if (!turn) return;
      this._toTop(turn);
      turn.title.focus({ preventScroll: true });
    });
    return true;
  }

  /** Show a turn from what was heard of it before. */
  _replay(question, scope, heard) {
    const turn = this._turn(question, scope);
    for (const [name, event] of heard) turn.take(name, event, { replayed: true });
    if (!turn.over) turn.fail({ kind: "stopped", message: t("broken_off") });
  }

  _keep() {
    const turns = this.turns.slice(-KEPT);
    memory.set("turns", turns.map(({ question, scope, events }) => ({ question, scope, events })));
  }

  /** Show what was asked before a reload. */
  recall() {
    for (const { question, scope, events: heard } of memory.get("turns") ?? []) {
      this._replay(question, scope, heard);
    }
    if (this.turns.length) requestAnimationFrame(() => this._toTop(this.turns.at(-1)));
  }
}
