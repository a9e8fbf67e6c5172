// Saving an answer as a file: in which form, and the download.

import * as api from "./api.js";
import { el, say } from "./dom.js";
import { t } from "./messages.js";

const FORMS = ["pdf", "md", "txt", "csv", "bib", "json"];

/** A choice of forms. `taken` gives what is saved, `failed` is told why it could not be. */
export function saving(taken, failed) {
  const choice = el("select", { class: "plain saving", "aria-label": t("save.label") },
    el("option", { value: "" }, t("save")),
    ...FORMS.map((value) => el("option", { value }, t(`save.${value}`))),
  );
  choice.addEventListener("change", async () => {
    const form = choice.value;
    choice.value = "";
    choice.disabled = true;
    try {
      download(await api.exported({ form, ...taken() }), `answer.${form}`);
      say(t("saved"));
    } catch (problem) {
      failed(problem);
    } finally {
      choice.disabled = false;
    }
  });
  return choice;
}

function download(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name, class: "hidden" });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(link.href);
}
