// Folders that the server keeps in step: what each is at, and starting, stopping and forgetting one. None is named here.

import * as api from "./api.js";
import { $, button, el, say } from "./dom.js";
import { t } from "./messages.js";
import { remedy } from "./words.js";

const LOOK_MS = 2000;

/** `changed` is called when documents may have come or gone. */
export class Folders {
  constructor({ changed }) {
    this._changed = changed;
    this._shown = "";
    this._changes = null;
    this._timer = null;
    this._open = new Set(); // ids of those whose failures are unfolded
    addEventListener("visibilitychange", () => document.hidden || this._timer === null || this.look());
  }

  begin(state) {
    if (!state.public) this.look();
  }

  /** Look at them now, and again as long as there are any. */
  async look() {
    clearTimeout(this._timer);
    try {
      const folders = await api.folders();
      this._show(folders);
      this._timer = folders.length && !document.hidden ? setTimeout(() => this.look(), LOOK_MS) : 0;
    } catch {
      this._timer = setTimeout(() => this.look(), 5 * LOOK_MS);
    }
  }

  _show(folders) {
    const changes = folders.reduce((sum, folder) => sum + folder.changes, 0);
    if (this._changes !== null && changes !== this._changes) this._changed();
    this._changes = changes;
    const now = JSON.stringify(folders);
    if (now === this._shown) return;
    this._shown = now;
    const at = document.activeElement?.dataset?.act;
    $("folders").hidden = !folders.length;
    $("folder-list").replaceChildren(...folders.map((folder) => this._row(folder)));
    if (at) $("folder-list").querySelector(`[data-act="${CSS.escape(at)}"]`)?.focus();
  }

  _row(folder) {
    const name = folder.path.split(/[/\\]/).filter(Boolean).at(-1) ?? folder.path;
    const act = (what, does) => button(t(`folder.${what}`), () => this._do(folder, does), { class: "plain", "aria-label": `${t(`folder.${what}`)} ${name}`, "data-act": `${what} ${folder.id}` });
    const stopped = folder.state === "stopped";
    const goes = el("input", { type: "checkbox", checked: folder.deletes === true, "data-act": `deletes ${folder.id}` });
    goes.addEventListener("change", () => this._do(folder, () => api.decideFolder(folder.id, goes.checked)));
    return el(
      "li",
      { class: "row", "data-state": folder.state },
      el("p", { class: "name", title: folder.path }, name),
      el("p", { class: "meta" }, at(folder)),
      ...this._failures(folder),
      el("label", { class: "acts" }, goes, t("folder.deletes")),
      el("p", { class: "acts" }, stopped ? act("start", () => api.startFolder(folder.id)) : act("stop", () => api.stopFolder(folder.id)), act("forget", () => api.forgetFolder(folder.id))),
    );
  }

  _failures(folder) {
    if (!folder.failed) return [];
    const more = folder.failed - folder.failures.length;
    const items = folder.failures.map((failure) => el("li", {}, `${failure.path}: ${failure.message}. ${remedy(failure)}`));
    const details = el("details", { class: "meta", open: this._open.has(folder.id) }, el("summary", { "data-act": `failures ${folder.id}` }, t("folder.failed", { n: folder.failed })), el("ul", {}, ...items, ...(more ? [el("li", {}, t("and_more", { n: more }))] : [])));
    details.addEventListener("toggle", () => (details.open ? this._open.add(folder.id) : this._open.delete(folder.id)));
    return [details];
  }

  async _do(folder, does) {
    try {
      await does();
    } catch (problem) {
      say(problem.message);
    }
    await this.look();
  }
}

function at(folder) {
  const gone = folder.gone && folder.deletes !== true ? t("folder.gone", { n: folder.gone }) : "";
  switch (folder.state) {
    case "working": return t(folder.at ? "folder.working_at" : "folder.working", { at: folder.at });
    case "stopped": return t("folder.stopped", { n: folder.files });
    default: return folder.problem ? `${folder.problem.message}. ${remedy(folder.problem)}` : t("folder.in_step", { n: folder.files }) + gone;
  }
}
