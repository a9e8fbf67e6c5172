// The page's words in the language that it was sent in: a file for each language, in messages/.

export const language = document.documentElement.lang;

const words = JSON.parse(document.getElementById("messages").textContent);

const names = new Intl.DisplayNames(language, { type: "language" });

/** What a language is called, by its code of ISO 639-1. */
export const languageName = (code) => names.of(code);

/** Whether there is a message of this name. */
export const has = (name) => Object.hasOwn(words, name);

/** A message with its values; one that counts has a form for one thing and a form for several, chosen by `n`. */
export function t(name, values = {}) {
  const text = Array.isArray(words[name]) ? words[name][values.n === 1 ? 0 : 1] : words[name];
  return text.replace(/\{(\w+)\}/g, (_, key) => (key === "n" ? values.n.toLocaleString(language) : values[key]));
}
