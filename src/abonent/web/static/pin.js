// The app's PIN. It never leaves this device: stretched and mixed with a key that no script can read, it makes the key
// that answers the server's question. A wrong PIN makes another key; only the server can tell, and it counts.
const ROUNDS = 600_000;
const DIGITS = /^\d{4}$/;

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const raw = (text) => new TextEncoder().encode(text);
const signing = (key) => crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const keys = async (mode) => {
  const opening = indexedDB.open("app", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  return (await done(opening)).transaction("keys", mode).objectStore("keys");
};

// What this device has of its own: a salt, and a key that can be used but not taken out.
const device = async () => done((await keys("readonly")).get("device"));
const newDevice = async () => {
  const made = {
    key: await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
    salt: crypto.getRandomValues(new Uint8Array(32)),
    rounds: ROUNDS,
  };
  await done((await keys("readwrite")).put(made, "device"));
  return made;
};

const opened = async (own, pin) => {
  const typed = await crypto.subtle.importKey("raw", raw(pin), "PBKDF2", false, ["deriveBits"]);
  const stretch = { name: "PBKDF2", hash: "SHA-256", salt: own.salt, iterations: own.rounds };
  return crypto.subtle.sign("HMAC", own.key, await crypto.subtle.deriveBits(stretch, typed, 256));
};

// Equal digits, a run up or down, a pair twice, the middle of the keypad, a year.
const simple = (pin) => {
  const steps = [1, 2, 3].map((index) => (10 + Number(pin[index]) - Number(pin[index - 1])) % 10);
  const run = steps.every((step) => step === steps[0]) && [0, 1, 9].includes(steps[0]);
  return run || pin.slice(0, 2) === pin.slice(2) || ["2580", "0852"].includes(pin) || /^(19|20)/.test(pin);
};

const form = document.querySelector("[data-pin]");
const pin = form.querySelector("#pin");
const again = form.querySelector("#again");
const say = (words) => {
  const problem = form.querySelector("[data-problem]");
  problem.hidden = !words;
  problem.querySelector("span").textContent = words;
  pin.setAttribute("aria-invalid", String(Boolean(words)));
  if (words) pin.focus();
};

document.querySelector("[data-needs-script]").hidden = true;
form.hidden = false;
pin.focus();

const make = async () => {
  if (simple(pin.value)) return say(form.dataset.simple);
  if (pin.value !== again.value) return say(form.dataset.different);
  form.elements.key.value = hex(await opened((await device()) ?? (await newDevice()), pin.value));
  return form.submit();
};

const enter = async () => {
  const own = await device();
  if (!own) return say(form.dataset.lost);
  const key = await signing(await opened(own, pin.value));
  form.elements.answer.value = hex(await crypto.subtle.sign("HMAC", key, raw(form.dataset.question)));
  return form.submit();
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (form.dataset.busy) return;
  if (!DIGITS.test(pin.value)) return say(form.dataset.short);
  form.dataset.busy = "1";
  say("");
  try {
    await (form.dataset.pin === "make" ? make() : enter());
  } catch {
    say(form.dataset.lost);
  } finally {
    delete form.dataset.busy;
  }
});
