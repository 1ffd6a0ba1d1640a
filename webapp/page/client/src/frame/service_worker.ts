// Serves the shell of the page where the network is away: never an answer of the API, never an old page while there
// is a newer one.

// What browsers give a service worker; the page's own types know only windows.
interface Lasting extends Event {
  waitUntil(what: Promise<unknown>): void;
}
interface Asked extends Lasting {
  request: Request;
  respondWith(what: Promise<Response>): void;
}
interface Chosen extends Lasting {
  notification: Notification;
}
interface Worker {
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(): Promise<{ focus(): Promise<unknown> }[]>;
    openWindow(address: string): Promise<unknown>;
  };
  location: Location;
  addEventListener(name: "fetch", listener: (event: Asked) => void): void;
  addEventListener(name: "message", listener: (event: Lasting & { data: unknown }) => void): void;
  addEventListener(name: "notificationclick", listener: (event: Chosen) => void): void;
  addEventListener(name: "install" | "activate", listener: (event: Lasting) => void): void;
}
const worker = self as unknown as Worker;

const SHELL = "taskpool shell 1";
const LIMIT = 120;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) =>
  event.waitUntil(forget((name) => name !== SHELL).then(() => worker.clients.claim())),
);
worker.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(forget(() => true));
});
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    worker.clients.matchAll().then(([page]) => (page ? page.focus() : worker.clients.openWindow("/?tab=mine"))),
  );
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && address.pathname === "/") event.respondWith(newest(request));
  else if (isNamedByContent(address)) event.respondWith(kept(event));
});

/** A file whose address changes with what is in it. */
const isNamedByContent = (address: URL) =>
  address.pathname.startsWith("/static/built/") &&
  (address.searchParams.has("v") || /\/part-[^/]+$/.test(address.pathname));

// Of the network; what was kept only where there is none. All addresses of the page have one shell.
async function newest(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  try {
    const found = await fetch(request);
    if (found.ok && found.type === "basic") await cache.put("/", found.clone());
    // The way to sign in: who was here is here no more.
    if (found.type === "opaqueredirect") await forget(() => true);
    return found;
  } catch (error) {
    const before = await cache.match("/");
    if (before) return before;
    throw error;
  }
}

async function kept(event: Asked): Promise<Response> {
  const cache = await caches.open(SHELL);
  const before = await cache.match(event.request);
  if (before) return before;
  const found = await fetch(event.request);
  if (found.ok) {
    const copy = found.clone();
    event.waitUntil(cache.put(event.request, copy).then(() => thin(cache)));
  }
  return found;
}

// Every update brings new names; the oldest go.
async function thin(cache: Cache): Promise<void> {
  const names = await cache.keys();
  await Promise.all(names.slice(0, Math.max(0, names.length - LIMIT)).map((name) => cache.delete(name)));
}

async function forget(which: (name: string) => boolean): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter(which).map((name) => caches.delete(name)));
}
