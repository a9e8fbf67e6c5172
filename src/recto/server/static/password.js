// Asking for the password of an encrypted file, where the file stands.

import { el } from "./dom.js";

/** A form; `given` is called with the password. */
export function passwordForm(job, given) {
  const input = el("input", { type: "password", required: true, "aria-label": `Password of ${job.name}`, placeholder: "Password", autocomplete: "off" });
  const form = el("form", { class: "password" }, input, el("button", { type: "submit", class: "plain" }, "Open"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    given(input.value);
  });
  return form;
}
