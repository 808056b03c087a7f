// The service worker of build @BUILD@: what a reader sees without a network, and nothing else. No chat, no answer of the API
// and no page that is somebody's is ever kept here.
const NAME = 'parlance-@BUILD@';
const OFFLINE = '/offline';
const KEPT = [OFFLINE, '/pkg/@BUILD@.css'];

addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(KEPT))
      .then(() => skipWaiting()),
  );
});

// What earlier builds kept is of no use to this one.
addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)))),
  );
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate') {
    const answer = fetch(request);
    event.respondWith(answer.catch(async () => (await caches.match(OFFLINE)) ?? Response.error()));
    // The page for bad times speaks the language that was chosen.
    if (searchParams.has('language')) {
      const again = async () => (await caches.open(NAME)).add(OFFLINE);
      event.waitUntil(answer.then(again).catch(() => {}));
    }
  } else if (pathname === KEPT[1]) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});
