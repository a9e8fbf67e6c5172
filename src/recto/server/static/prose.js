// A text that grows, with marks set into it by character: what stands already is never drawn again, so a chip under
// the pointer stays that chip while words come.

import { el } from "./dom.js";
import { length } from "./words.js";

export class Prose {
  constructor() {
    this.node = el("p", { class: "prose" });
    this.text = "";
  }

  append(text) {
    this.text += text;
    const last = this.node.lastChild;
    if (last?.nodeType === Node.TEXT_NODE) last.appendData(text);
    else this.node.append(text);
  }

  clear() {
    this.text = "";
    this.node.replaceChildren();
  }

  /** Set a mark after so many characters, after the marks that stand there. */
  mark(at, node) {
    const { before, after } = this._split(at);
    let next = before ? before.nextSibling : after;
    while (next?.dataset?.mark !== undefined) next = next.nextSibling;
    const parent = before?.parentNode ?? this.node;
    node.dataset.mark = "";
    parent.insertBefore(node, next);
  }

  /** Wrap the characters up to `at`, as many as the sentence has; null if they are not in one piece. */
  wrap(at, sentence, wrapper) {
    const begin = this._split(at - length(sentence)).after;
    const end = this._split(at).before;
    if (!begin || !end || begin.parentNode !== this.node || end.parentNode !== this.node) return null;
    begin.before(wrapper);
    for (let node = begin; node; ) {
      const next = node.nextSibling;
      wrapper.append(node);
      if (node === end) break;
      node = next;
    }
    return wrapper;
  }

  /** The text nodes on both sides of a character, cut apart there. */
  _split(at) {
    const walker = document.createTreeWalker(this.node, NodeFilter.SHOW_TEXT, (node) =>
      node.parentNode.closest("[data-mark]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    let rest = at;
    let before = null;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (rest === 0) return { before, after: node };
      const characters = Array.from(node.data);
      if (rest < characters.length) {
        const after = node.splitText(characters.slice(0, rest).join("").length);
        return { before: node, after };
      }
      rest -= characters.length;
      before = node;
    }
    return { before, after: null };
  }
}
