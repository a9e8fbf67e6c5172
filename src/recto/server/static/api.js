// The server, as functions. Who one is (a visitor, a token) is kept in memory: storage may be denied in a frame.

import { events } from "./sse.js";
import * as memory from "./memory.js";
import { t } from "./messages.js";

let visitor = "";
let token = "";

/** Something the server refused, or could not be asked. */
export class Problem extends Error {
  constructor(status, kind, message, hint = "", retryS = null) {
    super(message);
    Object.assign(this, { status, kind, hint, retryS });
  }
}

/** Take the token out of the address, and begin a session or go on with the one before a reload. */
export async function enter() {
  const given = /(?:^|&)token=([^&]+)/.exec(location.hash.slice(1))?.[1];
  if (given) {
    know(decodeURIComponent(given));
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  token ||= memory.get("token") ?? "";
  visitor = memory.get("visitor") ?? "";
  if (visitor) {
    try {
      return await json("/api/state");
    } catch (problem) {
      if (problem.kind !== "session") throw problem;
    }
  }
  await again();
  return json("/api/state");
}

/** Show this token from now on. */
export function know(given) {
  token = given;
  memory.set("token", given);
}

/** Whether a token is shown. */
export const known = () => Boolean(token);

/** Begin a new session. */
async function again() {
  visitor = "";
  visitor = (await json("/api/visitors", { method: "POST" })).visitor;
  memory.set("visitor", visitor);
}

const headers = (more = {}) => ({
  ...(visitor && { "X-Recto-Visitor": visitor }),
  ...(token && { Authorization: `Bearer ${token}` }),
  ...more,
});

export async function call(path, { method = "GET", body, signal, password, keepalive } = {}) {
  const more = { ...(body && { "Content-Type": "application/json" }), ...(password && secret(password)) };
  let response;
  try {
    response = await fetch(path, {
      method, signal, keepalive, headers: headers(more), body: body && JSON.stringify(body), credentials: "same-origin",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw offline();
  }
  if (!response.ok) throw problem(response.status, await response.text(), response.headers.get("Retry-After"));
  return response;
}

export const offline = () => new Problem(0, "offline", t("offline"));

function problem(status, text, retry) {
  try {
    const { title, detail, hint } = JSON.parse(text);
    return new Problem(status, title, detail, hint, retry && Number(retry));
  } catch {
    return new Problem(status, "http", t("answered_with", { status }));
  }
}

/** Headers hold no text but ASCII. */
const secret = (password) => ({ "X-Pdf-Password": encodeURIComponent(password) });

export async function json(path, options) {
  return (await call(path, options)).json();
}

export const documents = () => json("/api/documents");
export const collections = () => json("/api/collections");
export const collect = (name, documents) => call("/api/collections", { method: "POST", body: { name, documents } });
const shelf = (id) => `/api/collections/${encodeURIComponent(id)}`;
export const fill = (id, change) => call(`${shelf(id)}/documents`, { method: "POST", body: change });
export const rename = (id, name) => call(shelf(id), { method: "PATCH", body: { name } });
export const dissolve = (id) => call(shelf(id), { method: "DELETE" });
export const document_ = (id) => json(`/api/documents/${encodeURIComponent(id)}`);
export const totals = () => json("/api/totals");
export const removals = () => json("/api/removals");
export const removeAll = (documents, successor = "") => json("/api/removals", { method: "POST", body: { documents, successor } });
export const undo = (id) => json(`/api/removals/${encodeURIComponent(id)}`, { method: "DELETE" });
export const finish = (id) => call(`/api/removals/${encodeURIComponent(id)}/finish`, { method: "POST" });
export const reread = (id, hidden, password) => json(`/api/documents/${encodeURIComponent(id)}/reread?hidden=${hidden}`, { method: "POST", password });
export const uploads = () => json("/api/uploads");
export const forget = (id) => call(`/api/uploads/${encodeURIComponent(id)}`, { method: "DELETE" });
export const folders = () => json("/api/folders");
const folder = (id, act = "") => `/api/folders/${encodeURIComponent(id)}${act}`;
export const startFolder = (id) => call(folder(id, "/start"), { method: "POST" });
export const stopFolder = (id) => call(folder(id, "/stop"), { method: "POST" });
export const decideFolder = (id, deletes) => call(folder(id), { method: "PUT", body: { deletes } });
export const forgetFolder = (id) => call(folder(id), { method: "DELETE" });
export const examples = () => json("/api/examples");
export const state = () => json("/api/state");
export const models = () => json("/api/models");
export const choose = (name) => call("/api/models/writing", { method: "PUT", body: { name } });
export const prepare = (body) => call("/api/prepare", { method: "POST", body });
export const stop = (ask) => call(`/api/ask/${encodeURIComponent(ask)}/stop`, { method: "POST" });

const place = (doc, number) => `/api/documents/${encodeURIComponent(doc)}/pages/${number}`;
export const page = (doc, number) => json(place(doc, number));
export const boxes = (doc, number, start, end) => json(`${place(doc, number)}/boxes?start=${start}&end=${end}`);

/** A page's picture as a blob: an <img> could not send who asks. */
export async function picture(doc, number, width, password, signal) {
  return (await call(`${place(doc, number)}/picture?width=${width}`, { password, signal })).blob();
}

/** An answer as a file. */
export async function exported(body, password) {
  return (await call("/api/export", { method: "POST", body, password })).blob();
}

export async function* stream(path, options) {
  const response = await call(path, options);
  try {
    yield* events(response);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "offline", t("connection_lost"));
  }
}

export const ask = (body, signal) => stream("/api/ask", { method: "POST", body, signal });
export const pull = (name, signal) => stream("/api/models/pull", { method: "POST", body: { name }, signal });
export const uploading = (signal) => stream("/api/uploads/events", { signal });

/** Send a file, telling how many bytes have gone; XMLHttpRequest because fetch does not say. */
export function upload(file, name, password, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/documents?name=${encodeURIComponent(name)}`);
    const all = headers({ "Content-Type": "application/pdf", ...(password && secret(password)) });
    for (const [header, value] of Object.entries(all)) request.setRequestHeader(header, value);
    request.upload.onprogress = (event) => progress(event.loaded, event.total);
    request.onerror = () => reject(offline());
    request.onload = () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText));
      else reject(problem(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    };
    request.send(file);
  });
}
