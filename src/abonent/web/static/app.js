// Small comforts; every page works without them.
const STATE = "state";
const store = (() => { try { return window.localStorage; } catch { return null; } })();

// Signing out, and any page of somebody who is not signed in, wipes what the offline page would show.
const wipe = () => store?.removeItem(STATE);
document.addEventListener("submit", (event) => { if (event.target.matches("[data-wipe]")) wipe(); });
if (document.body.matches("[data-signed-out]")) wipe();

const seen = document.querySelector("[data-offline]");
if (seen) store?.setItem(STATE, seen.dataset.offline);

const facts = document.querySelector("[data-state]");
if (facts) {
  const state = JSON.parse(store?.getItem(STATE) ?? "null");
  if (state) {
    for (const [name, value] of state.facts) {
      const row = document.createElement("div");
      row.append(Object.assign(document.createElement("dt"), { textContent: name }));
      row.append(Object.assign(document.createElement("dd"), { textContent: value }));
      facts.append(row);
    }
    document.querySelector("[data-state-at]").textContent = state.at;
    facts.hidden = false;
    document.querySelector("[data-state-known]").hidden = false;
  }
}

// The summary of errors takes the focus, so that it is read first.
document.querySelector("[data-focus]")?.focus();

// A list that hangs open closes at Escape and at a click elsewhere.
const open = () => document.querySelector("details[data-closes][open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !open()) return;
  const list = open();
  list.open = false;
  list.querySelector("summary").focus();
});
document.addEventListener("click", (event) => { if (open() && !open().contains(event.target)) open().open = false; });

// A form goes out once, however often its button is pressed; coming back, or a while later, it is ready again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
  setTimeout(() => delete event.target.dataset.sent, 5000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/sw.js").then(async () => {
    // The offline page speaks the language last used.
    const language = document.documentElement.lang;
    if (store?.getItem("language") === language) return;
    await (await caches.open("pages")).add(new Request("/offline/", { cache: "reload" }));
    store?.setItem("language", language);
  }).catch(() => {});
}
