// The order of the list: by collection, then as chosen; and what is done with the documents that are ticked.

import * as api from "./api.js";
import { $, button, el, iconButton, say } from "./dom.js";
import { language, t } from "./messages.js";

const NEW = "new"; // the choice that asks for a name
const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
const ORDERS = {
  added: () => 0, // as the server has them
  newest: (a, b) => b.added - a.added,
  name: (a, b) => collator.compare(a.name, b.name),
  pages: (a, b) => b.pages - a.pages,
};

export class Shelves {
  constructor(library) {
    this.collections = [];
    this._library = library;
    $("sort").addEventListener("change", () => library.reorder());
    $("put-into").addEventListener("change", () => this._chosen());
    $("take-out").addEventListener("change", (event) => this._do(event.target.value, { discard: this._ids() }));
    $("remove-ticked").addEventListener("click", () => library.remove(this._ticked()));
    $("ticked").addEventListener("submit", (event) => {
      event.preventDefault();
      this._make();
    });
  }

  /** The documents in the order that was chosen. */
  sorted(documents) {
    return documents.toSorted(ORDERS[$("sort").value]);
  }

  /** The documents in groups: those of each collection, a document in the first of its own; then those in none. */
  groups(documents) {
    if (!this.collections.length) return [{ documents }];
    const homes = new Map(this.collections.map((collection) => [collection.name, { collection, documents: [] }]));
    const rest = { documents: [] };
    for (const document of documents) (homes.get(document.collections[0]) ?? rest).documents.push(document);
    return [...homes.values(), ...(rest.documents.length ? [{ ...rest, titled: true }] : [])];
  }

  /** Show what can be done with the ticked ones; nothing while none is. */
  show() {
    const ticked = this._ticked();
    const names = new Set(ticked.flatMap((document) => document.collections));
    $("ticked").hidden = !ticked.length;
    $("ticked-count").textContent = t("ticked", { n: ticked.length });
    options($("put-into"), t("put_into"), [...this.collections, { id: NEW, name: t("put_into.new") }]);
    options($("take-out"), t("take_out"), this.collections.filter(({ name }) => names.has(name)));
    $("take-out").hidden = !names.size;
    if (!ticked.length) $("new-name").hidden = true;
  }

  _ticked() {
    return this._library.documents.filter((document) => this._library.asked.has(document.id));
  }

  _ids() {
    return this._ticked().map((document) => document.id);
  }

  _chosen() {
    const id = $("put-into").value;
    $("new-name").hidden = id !== NEW;
    if (id === NEW) $("new-name").focus();
    else this._do(id, { add: this._ids() });
  }

  _do(id, change) {
    return id && this.change(() => api.fill(id, change));
  }

  async _make() {
    const name = $("new-name").value;
    if (await this.change(() => api.collect(name, this._ids()))) {
      $("new-name").value = "";
      $("new-name").hidden = true;
      say(t("collection.made", { name }));
    }
  }

  /** Change collections at the server, and show what came of it; whether it could be done. */
  async change(work) {
    $("shelf-problem").textContent = "";
    try {
      await work();
    } catch (problem) {
      $("shelf-problem").textContent = `${problem.message}.`;
      this.show();
      return false;
    }
    await this._library.refresh();
    return true;
  }
}

/** A choice that goes back to its first words once it was made. */
function options(select, words, collections) {
  select.replaceChildren(el("option", { value: "" }, words), ...collections.map(({ id, name }) => el("option", { value: id }, name)));
}

/** The head of a group: ticking it ticks all that is in the collection, also what stands under another one. */
export function groupRow(library, group) {
  const name = group.collection?.name;
  const inside = () => library.documents.filter((document) => (name ? document.collections.includes(name) : !document.collections.length));
  const tick = el("input", {
    type: "checkbox", "aria-label": name ? t("ask_only", { name }) : t("ask_only.rest"),
    on: { change: () => library.tickAll(inside(), tick.checked) },
  });
  const title = el("h2", { class: "label" });
  const edit = el("form", { class: "renaming", hidden: true, on: { submit: (event) => rename(event) } });
  const field = el("input", { type: "text", required: true, maxLength: 100, value: name ?? "", "aria-label": t("collection.new_name", { name }) });
  edit.append(field, el("button", { type: "submit", class: "plain" }, t("collection.rename")));
  const acts = name
    ? [button(t("collection.rename"), () => ((edit.hidden = !edit.hidden), field.select()), { class: "plain bin", "aria-label": t("collection.rename_this", { name }) }),
       iconButton("close", t("collection.delete", { name }), () => library.shelves.change(() => api.dissolve(group.collection.id)), { class: "icon bin" })]
    : [];
  const node = el("li", { class: "group row" }, el("div", { class: "head" }, tick, title, ...acts), edit);

  function rename(event) {
    event.preventDefault();
    library.shelves.change(() => api.rename(group.collection.id, field.value));
  }

  function update() {
    const documents = inside();
    const ticked = documents.filter((document) => library.asked.has(document.id)).length;
    title.textContent = `${name ?? t("collection.none")} (${documents.length})`;
    tick.checked = Boolean(ticked) && ticked === documents.length;
    tick.indeterminate = ticked > 0 && ticked < documents.length;
    tick.disabled = !documents.length;
  }
  return { node, update };
}
