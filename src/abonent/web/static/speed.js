// Measures latency, download and upload between this browser and our server; the server makes words of the result.
const form = document.querySelector("[data-speed]");
const result = document.querySelector("[data-result]");
const part = (name) => form.querySelector(`[data-${name}]`);
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const figures = new Intl.NumberFormat(form.dataset.language, { maximumFractionDigits: 1 });
const bar = form.querySelector("progress");
const PINGS = 12;
// The first moments of a direction, in which connections only gather speed, do not count.
const WARM_UP_MS = 1500;
// A piece is to take about so long: many are slow to ask for, one large one is late to show anything.
const PIECE_MS = 400;
const PIECE_FIRST = 64 * 1024;
const BUSY_PAUSE_MS = 300;

let ticket = "";
let stopping = new AbortController();
let moved = 0;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const say = (words, bad = false) => {
  part("status").textContent = words;
  part("status").classList.toggle("bad", bad);
};
const ask = (address, options = {}) => fetch(address, {
  ...options, cache: "no-store", signal: stopping.signal, headers: { "Speed-Ticket": ticket, ...options.headers },
});

// What a direction moved since it warmed up; a short one, that its limit ended before, counts from its begin.
class Meter {
  constructor(seconds) {
    this.begun = performance.now();
    this.until = this.begun + seconds * 1000;
    this.bytes = 0;
    this.warm = null;
  }
  add(bytes) {
    const now = performance.now();
    this.bytes += bytes;
    moved += bytes;
    this.last = now;
    if (!this.warm && now - this.begun >= WARM_UP_MS) this.warm = { at: now, bytes: this.bytes };
  }
  measured() {
    const since = this.warm && this.last - this.warm.at >= WARM_UP_MS ? this.warm : { at: this.begun, bytes: 0 };
    return { bytes: this.bytes - since.bytes, ms: Math.max(1, Math.round((this.last ?? this.begun) - since.at)) };
  }
  get over() { return performance.now() >= this.until; }
  get share() { return (performance.now() - this.begun) / (this.until - this.begun); }
}

const show = (meter, from, to) => {
  const { bytes, ms } = meter.measured();
  if (bytes) part("figure").textContent = figures.format((bytes * 8) / ms / 1000);
  bar.value = from + (to - from) * Math.min(1, meter.share);
  part("moved").textContent = figures.format(moved / 1e6);
};

const latency = async () => {
  const times = [];
  for (let i = 0; i < PINGS; i += 1) {
    const begun = performance.now();
    const answer = await ask("/speed/ping", { credentials: "omit" });
    if (!answer.ok) throw new Error("no answer");
    // The first one opens the connection.
    if (i) times.push(performance.now() - begun);
    bar.value = (10 * (i + 1)) / PINGS;
  }
  const steps = times.slice(1).map((time, i) => Math.abs(time - times[i]));
  const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
  return { latency: median, jitter: steps.reduce((sum, step) => sum + step, 0) / steps.length };
};

const next = (size, ms, most) => Math.round(Math.min(most, Math.max(PIECE_FIRST, (size * PIECE_MS) / Math.max(1, ms), size / 2)));

const downStream = async (stream, limits, meter, left) => {
  let size = PIECE_FIRST;
  let receipt = "";
  for (let number = 0; !meter.over && left.bytes >= PIECE_FIRST; number += 1) {
    size = Math.min(size, left.bytes);
    left.bytes -= size;
    const begun = performance.now();
    const answer = await ask(`/speed/down?stream=${stream}&number=${number}&bytes=${size}`, {
      credentials: "omit", headers: { "Speed-Receipt": receipt },
    });
    if (answer.status === 410) return;
    if (!answer.ok) throw new Error(`down: ${answer.status}`);
    const reader = answer.body.getReader();
    let end = new Uint8Array();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      meter.add(value.length);
      end = value.length >= limits.receipt ? value.slice(-limits.receipt)
        : new Uint8Array([...end, ...value]).slice(-limits.receipt);
      if (meter.over) return void reader.cancel();
    }
    receipt = hex(end);
    size = next(size, performance.now() - begun, limits.downPiece);
  }
};

const upStream = async (stream, limits, meter, left) => {
  const bytes = new Uint8Array(limits.upPiece);
  // The browser gives 64 KiB of noise at a time, and sends a blob with less work than an array.
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  const noise = new Blob([bytes]);
  let size = PIECE_FIRST;
  while (!meter.over && left.bytes >= PIECE_FIRST) {
    size = Math.min(size, left.bytes);
    left.bytes -= size;
    const begun = performance.now();
    const answer = await ask("/speed/up", {
      method: "POST", body: noise.slice(0, size),
      headers: { "Content-Type": "application/octet-stream", "X-CSRFToken": token },
    });
    if (answer.status === 410) return;
    if (answer.status === 503) {
      left.bytes += size;
      await pause(BUSY_PAUSE_MS);
      continue;
    }
    if (!answer.ok) throw new Error(`up: ${answer.status}`);
    meter.add(size);
    size = next(size, performance.now() - begun, limits.upPiece);
  }
};

const direction = async (stream, streams, most, limits, from, to) => {
  const meter = new Meter(limits.seconds);
  const left = { bytes: most };
  const ticking = setInterval(() => show(meter, from, to), 200);
  try {
    await Promise.all(Array.from({ length: streams }, (_, number) => stream(number, limits, meter, left)));
  } finally {
    clearInterval(ticking);
  }
  show(meter, from, to);
  bar.value = to;
  const measured = meter.measured();
  if (!measured.bytes) throw new Error("nothing was moved");
  return measured;
};

const giveBack = () => {
  if (!ticket) return;
  fetch("/speed/stop/", {
    method: "POST", keepalive: true, body: new URLSearchParams({ ticket }), headers: { "X-CSRFToken": token },
  }).catch(() => {}); // The place is free by itself half a minute later.
  ticket = "";
};

const running = (runs) => {
  for (const one of form.querySelectorAll("[data-before]")) one.hidden = runs;
  part("live").hidden = !runs;
  part("stop").hidden = !runs;
  (runs ? part("stop") : form.querySelector("button[type=submit]")).focus();
};

const measure = async () => {
  stopping = new AbortController();
  moved = 0;
  const answer = await ask("/speed/start/", { method: "POST", body: new FormData(form) });
  const limits = await answer.json();
  if (!answer.ok) return void say(limits.problem, true);
  ticket = limits.ticket;
  part("figure").textContent = "–";
  part("moved").textContent = "0";
  bar.value = 0;
  running(true);
  say(form.dataset.latency);
  const times = await latency();
  say(form.dataset.down);
  const down = await direction(downStream, limits.downStreams, limits.downBytes, limits, 10, 55);
  say(form.dataset.up);
  const up = await direction(upStream, limits.upStreams, limits.upBytes, limits, 55, 100);
  say(form.dataset.ends);
  const values = {
    ticket, down_bytes: down.bytes, down_ms: down.ms, up_bytes: up.bytes, up_ms: up.ms,
    latency_us: Math.max(1, Math.round(times.latency * 1000)), jitter_us: Math.round(times.jitter * 1000),
  };
  for (const [name, value] of Object.entries(values)) result.elements[name].value = value;
  ticket = "";
  result.submit();
};

let measuring = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (measuring) return;
  measuring = true;
  try {
    await measure();
  } catch {
    const stopped = stopping.signal.aborted;
    stopping.abort();
    giveBack();
    running(false);
    say(stopped ? form.dataset.stopped : form.dataset.lost, !stopped);
  } finally {
    measuring = false;
  }
});
part("stop").addEventListener("click", () => stopping.abort());
window.addEventListener("pagehide", () => { if (ticket) { stopping.abort(); giveBack(); } });
window.addEventListener("pageshow", (event) => { if (event.persisted) { running(false); say(""); } });

form.hidden = false;
document.querySelector("[data-needs-script]").hidden = true;
