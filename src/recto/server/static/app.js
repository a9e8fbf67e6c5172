// The page: its parts, and who tells whom.

import * as address from "./address.js";
import * as api from "./api.js";
import { Conversation } from "./conversation.js";
import { $, el } from "./dom.js";
import { drawer } from "./drawer.js";
import { keys } from "./keys.js";
import { Library } from "./library.js";
import { Machine } from "./machine.js";
import { Viewer } from "./viewer.js";
import { remedy } from "./words.js";

const BESIDE = matchMedia("(min-width: 1000px)"); // room for a page next to the answer

let closedByHand = false;

const library = new Library({
  open: (place) => show([place], 0, document.activeElement),
  changed: () => conversation.describe(),
});
const viewer = new Viewer({
  library,
  moved: (place, how) => {
    if (!place) closedByHand = true;
    address.moved(place, how);
  },
});
const conversation = new Conversation({ library, open: show });
const machine = new Machine({
  changed: (state) => (conversation.prepares = Boolean(state.writer && !state.writer.leaves_machine)),
});

/** Show a place. Without `from` nobody asked: the first quote opens by itself where there is room, until it is closed once. */
function show(places, index, from) {
  if (!from && (!BESIDE.matches || closedByHand)) return;
  if (from) {
    closedByHand = false;
    document.dispatchEvent(new CustomEvent("recto:leave-drawer"));
  }
  viewer.open(places, index, from);
}

async function begin() {
  const linked = location.pathname !== "/"; // as it was: who asks at once opens a page before all is read
  drawer();
  keys({ viewer, conversation });
  try {
    const state = await api.enter();
    library.begin(state);
    machine.show(state);
    await library.refresh();
    conversation.recall();
    await library.intake.resume();
    if (linked) await open();
  } catch (problem) {
    refuse(problem);
  }
  addEventListener("popstate", () => open());
  addEventListener("visibilitychange", () => document.hidden || library.refresh().catch(() => {}));
}

/** Show what the address names. */
async function open() {
  const place = await address.named();
  if (place) show([place], 0, $("question"));
  else viewer.close({ silent: true });
}

/** The server will have none of it. */
function refuse(problem) {
  $("welcome").hidden = false;
  $("welcome-title").textContent = problem.status === 401 ? "This server wants its token." : "recto does not answer.";
  $("welcome-text").textContent = [`${problem.message}.`, remedy(problem)].join(" ");
  $("welcome-acts").replaceChildren(el("button", { type: "button", class: "primary", on: { click: () => location.reload() } }, "Try again"));
  $("composer").inert = true;
}

begin();
