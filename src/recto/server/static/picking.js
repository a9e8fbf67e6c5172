// From what a person drops or chooses to a list of files, and what is refused before a byte is sent.

import { Problem } from "./api.js";
import { t } from "./messages.js";
import { size } from "./words.js";

const MARK = "%PDF-";
const HEAD = 1024; // bytes in which the mark must stand
const PICKER = document.getElementById("files");

/** The files of a drop, folders walked. The entries have to be taken at once: a drop is emptied when its event ends. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return { files: [...transfer.files], other: 0 };
  const found = { files: [], other: 0 };
  for (const entry of entries) await walk(entry, found, entry.isFile);
  return found;
}

async function walk(entry, found, named) {
  if (entry.isFile) {
    if (!named && !isReadable(entry.name)) found.other += 1;
    else found.files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return;
    for (const child of batch) await walk(child, found, false);
  }
}

/** The files of a chosen folder. */
export function chosen(list) {
  const files = [...list];
  const readable = files.filter((file) => isReadable(file.name));
  return { files: readable, other: files.length - readable.length };
}

/** Whether a name has one of the endings that the page's own file picker takes. */
const isReadable = (name) => PICKER.accept.split(",").some((ending) => name.toLowerCase().endsWith(ending));

/** Why a file cannot be added, null if it may be. */
export async function refusal(file, megabytes) {
  if (!file.size) return new Problem(0, "empty", t("refused.empty"));
  if (megabytes && file.size > megabytes * 1e6) {
    return new Problem(0, "too_large", t("refused.too_large", { size: size(file.size), limit: megabytes }));
  }
  try {
    if (!file.name.toLowerCase().endsWith(".pdf")) return isReadable(file.name) ? null : new Problem(0, "not_a_pdf", t("refused.kind"));
    const head = new TextDecoder("latin1").decode(await file.slice(0, HEAD).arrayBuffer());
    return head.includes(MARK) || /[\x00-\x08\x80-\xff]/.test(head) ? null : new Problem(0, "not_a_pdf", t("refused.no_pdf"));
  } catch {
    return new Problem(0, "unreadable", t("refused.unreadable"), t("refused.unreadable.do"));
  }
}
