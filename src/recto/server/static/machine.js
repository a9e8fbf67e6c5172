// The machine: which model writes, how fast it is, choosing another, fetching one.

import * as api from "./api.js";
import { $, button, el, iconButton } from "./dom.js";
import { t } from "./messages.js";
import { left, model, seconds, size } from "./words.js";

export class Machine {
  /** `changed` is called with the state whenever another model writes. */
  constructor({ changed }) {
    this._changed = changed;
    this._pulls = new Map(); // name -> {line, said, words}: it goes on while the sheet is closed
    $("machine").addEventListener("click", () => this.open());
    $("machine-sheet").addEventListener("close", () => $("machine").focus());
  }

  show(state) {
    this.state = state;
    const { writer } = state;
    $("machine-name").textContent = writer ? model(writer.model) : t("machine.none");
    $("machine-where").textContent = t(!writer ? "machine.no_writer" : writer.leaves_machine ? "machine.leaves" : "machine.here");
    $("machine").setAttribute("aria-label", t("machine.label", { name: $("machine-name").textContent, where: $("machine-where").textContent }));
    $("machine").classList.toggle("leaves", Boolean(writer?.leaves_machine));
    this._changed(state);
  }

  async open() {
    const sheet = $("machine-sheet");
    sheet.replaceChildren(this._head(), el("p", { class: "fine" }, t("moment")));
    if (!sheet.open) sheet.showModal();
    await this._fill();
  }

  _head() {
    return el("header", { class: "sheet-head" }, el("h2", { id: "machine-title" }, t("machine")), iconButton("close", t("close"), () => $("machine-sheet").close()));
  }

  async _fill(trouble = "") {
    try {
      const [state, models] = await Promise.all([api.state(), api.models()]);
      this.show(state);
      const at = document.activeElement.closest("[data-name]")?.dataset.name;
      $("machine-sheet").replaceChildren(this._head(), ...this._now(state, trouble), ...(state.public ? [] : [this._choice(models)]));
      if (at) $("machine-sheet").querySelector(`[data-name="${CSS.escape(at)}"] button`)?.focus();
    } catch (problem) {
      $("machine-sheet").replaceChildren(this._head(), el("p", { class: "notice" }, `${problem.message}.`));
    }
  }

  _now(state, trouble) {
    const { writer, why, speeds } = state;
    const facts = writer
      ? [t("machine.writes", { model: model(writer.model), home: writer.home }), t(writer.leaves_machine ? "machine.writes.leaves" : "machine.writes.here")]
      : [t("machine.writes.none", { why }), t("machine.writes.quotes")];
    const speed = speeds && t("machine.speed", { prefill: Math.round(speeds.prefill), decode: Math.round(speeds.decode), time: seconds(speeds.load_s) });
    return [
      ...(trouble ? [el("p", { class: "notice", role: "alert" }, trouble)] : []),
      el("p", {}, facts.join(" ")),
      el("p", { class: "fine" }, speed || (writer ? t("machine.unmeasured") : "")),
    ];
  }

  _choice(models) {
    const writing = this.state.writer?.model;
    const rows = models.map((one) => this._row(one, writing));
    const named = rows.some((row) => row.querySelector(".used"));
    const other = writing && !named ? [this._entry({ name: writing, title: model(writing), about: this.state.why }, true)] : [];
    const none = this._entry({ name: "quote", title: t("machine.none"), about: t("machine.none.about") }, !writing);
    return el("ul", { class: "models", "aria-label": t("machine.models") }, none, ...other, ...rows);
  }

  _row(one, writing) {
    const about = [one.installed ? "" : size(one.size), one.why, one.licence].filter(Boolean).join(", ");
    const file = one.home === "ollama" ? one.model : one.name.replace(/\.gguf$/, "");
    return this._entry({ name: one.name, title: one.model, about, installed: one.installed }, writing === file || writing === one.model);
  }

  _entry({ name, title, about, installed = true }, used) {
    const pull = this._pulls.get(name);
    const words = el("p", { class: "fine", role: "status" }, pull?.said ?? about);
    if (pull) pull.words = words;
    return el("li", { class: "model", "data-name": name }, el("div", {}, el("p", {}, title), words), this._act(name, title, { pull, installed, used }));
  }

  _act(name, title, { pull, installed, used }) {
    if (used) return el("span", { class: "used" }, t("machine.in_use"));
    const [what, click] = pull ? [t("stop"), () => pull.line.abort()] : installed ? [t("machine.use"), () => this._use(name)] : [t("machine.fetch"), () => this._pull(name)];
    return button(what, click, { class: "plain", "aria-label": `${what} ${title}` });
  }

  async _use(name) {
    try {
      await api.choose(name);
      await this._fill();
    } catch (problem) {
      await this._fill(`${problem.message}.`);
    }
  }

  async _pull(name) {
    const pull = { line: new AbortController(), said: t("machine.begins") };
    this._pulls.set(name, pull);
    await this._fill();
    const trouble = await this._pulled(name, pull);
    this._pulls.delete(name);
    if ($("machine-sheet").open) await this._fill(trouble);
  }

  /** Fetch it, saying how far it is; what went wrong, if something did. */
  async _pulled(name, pull) {
    try {
      for await (const [kind, event] of api.pull(name, pull.line.signal)) {
        if (kind === "failed") throw event;
        if (kind === "progress") pull.words.textContent = pull.said = fetched(event);
      }
      return "";
    } catch (problem) {
      return problem.name === "AbortError" ? t("machine.stopped") : `${problem.message}.`;
    }
  }
}

const fetched = ({ stage, done, total, eta_s }) =>
  stage === "checking" ? t("machine.checking") : t("of", { done: size(done), total: size(total) }) + (eta_s ? `, ${left(eta_s)}` : "");
