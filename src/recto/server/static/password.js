// Asking for the password of an encrypted file, where the file stands.

import { el } from "./dom.js";
import { t } from "./messages.js";

/** A form; `given` is called with the password. */
export function passwordForm(job, given) {
  const input = el("input", { type: "password", required: true, "aria-label": t("password.of", { name: job.name }), placeholder: t("password"), autocomplete: "off" });
  const form = el("form", { class: "password" }, input, el("button", { type: "submit", class: "plain" }, t("open")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    given(input.value);
  });
  return form;
}
