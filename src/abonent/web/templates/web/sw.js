// Keeps the look and the offline page; never keeps a page that speaks of a person.
const KEPT = {{ kept | tojson }};
const LOOK = "look-{{ version }}";
const PAGES = "pages";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    await (await caches.open(LOOK)).addAll(KEPT);
    await (await caches.open(PAGES)).add(new Request("/offline/", { cache: "reload" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== LOOK && name !== PAGES) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("/offline/")));
  } else if (KEPT.includes(new URL(request.url).pathname + new URL(request.url).search)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
