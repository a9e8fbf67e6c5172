// The documents as a drawer, where there is no room for a column.

import { $, icon } from "./dom.js";

export function drawer() {
  const toggle = $("open-library");
  toggle.append(icon("menu"));
  $("close-library").append(icon("close"));

  function set(open, { back = false } = {}) {
    if (open) document.body.dataset.drawer = "open";
    else delete document.body.dataset.drawer;
    $("veil").hidden = !open;
    $("talk").inert = open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) $("close-library").focus();
    else if (back) toggle.focus();
  }
  toggle.addEventListener("click", () => set(true));
  $("close-library").addEventListener("click", () => set(false, { back: true }));
  $("veil").addEventListener("click", () => set(false, { back: true }));
  document.addEventListener("recto:leave-drawer", () => document.body.dataset.drawer && set(false));
  matchMedia("(min-width: 1280px)").addEventListener("change", () => set(false));
}
