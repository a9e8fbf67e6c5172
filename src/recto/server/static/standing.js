// How the library stands as a whole: what it takes on the disk, what waits for its vectors, and what went wrong.

import * as api from "./api.js";
import { $ } from "./dom.js";
import { t } from "./messages.js";
import { size } from "./words.js";

const LOOK_MS = 4000; // while passages wait for their vectors

/** `changed` is called when less waits than before; `filtered` when other documents are to be listed. */
export class Standing {
  constructor({ changed, filtered }) {
    this._changed = changed;
    this._filtered = filtered;
    this._only = false; // only documents with problems are listed
    this._timer = 0;
    $("troubled").addEventListener("click", () => {
      this._only = !this._only;
      $("troubled").setAttribute("aria-pressed", this._only);
      this._filtered();
    });
  }

  show(whole) {
    clearTimeout(this._timer);
    const { documents, bytes, unencoded_passages: waiting, troubled } = whole;
    $("standing").hidden = !documents;
    $("standing-words").textContent = [
      t("standing.disk", { size: size(bytes) }),
      waiting && `${t("unencoded", { n: waiting })}.`,
    ].filter(Boolean).join(" ");
    $("troubled").hidden = !troubled;
    $("troubled").textContent = t("standing.troubled", { n: troubled });
    if (!troubled && this._only) $("troubled").click();
    if (waiting) this._timer = setTimeout(() => this._look(waiting), LOOK_MS);
  }

  /** Whether a document is to be listed. */
  lets(document) {
    return !this._only || Boolean(document.problems?.length);
  }

  async _look(waiting) {
    const whole = document.hidden ? null : await api.totals().catch(() => null);
    if (whole && whole.unencoded_passages !== waiting) this._changed();
    else this._timer = setTimeout(() => this._look(waiting), LOOK_MS);
  }
}
