// The keyboard: everything can be done without a pointer, the frequent things with one key.

import { $, el, iconButton } from "./dom.js";
import { t } from "./messages.js";

const KEYS = [
  ["/", "write"],
  ["Enter", "ask"],
  ["↑", "last"],
  ["Esc", "escape"],
  ["n  p", "citations"],
  ["[  ]", "pages"],
  ["+  −", "zoom"],
  ["?", "keys"],
];

/** `viewer` and `conversation` do what keys ask. */
export function keys({ viewer, conversation }) {
  const sheet = $("keys-sheet");
  sheet.append(
    el("header", { class: "sheet-head" }, el("h2", { id: "keys-title" }, t("keys")), iconButton("close", t("close"), () => sheet.close())),
    el("dl", { class: "key-list" }, ...KEYS.flatMap(([key, what]) => [
      el("dt", {}, ...key.split("  ").map((one) => el("kbd", {}, one))), el("dd", {}, t(`keys.${what}`)),
    ])),
  );
  $("keys-open").addEventListener("click", () => sheet.showModal());
  const actions = {
    "/": () => $("question").focus(),
    "?": () => sheet.showModal(),
    n: () => viewer.opened && viewer.citeBy(1),
    p: () => viewer.opened && viewer.citeBy(-1),
    "[": () => viewer.opened && viewer.turnBy(-1),
    "]": () => viewer.opened && viewer.turnBy(1),
    "+": () => viewer.opened && viewer.zoomBy(1),
    "-": () => viewer.opened && viewer.zoomBy(-1),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      if (document.body.dataset.drawer) document.dispatchEvent(new CustomEvent("recto:leave-drawer"));
      else if (viewer.opened) viewer.close();
      else conversation.stop();
      return;
    }
    const typing = event.target.closest("input:not([type=checkbox]), textarea");
    const act = !typing && actions[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
}
