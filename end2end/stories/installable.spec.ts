// The program can be installed like any other, and says so itself when its server is out of reach.
import { Chat, awake, open } from '../world/pages.ts';
import { expect, newChat, test } from '../world/story.ts';

test.use({ serviceWorkers: 'allow' });

test('it has what browsers ask for before they offer to install it', async ({ page, parlance }) => {
  await open(page, `${parlance.url}/sign-in`);
  const address = await page.locator('link[rel="manifest"]').getAttribute('href');
  const answer = await page.request.get(`${parlance.url}${address}`);
  expect(answer.headers()['content-type']).toContain('application/manifest+json');
  const manifest = (await answer.json()) as { icons: { src: string; sizes: string; type: string; purpose: string }[] };
  expect(manifest).toMatchObject({ name: 'Parlance', start_url: '/', display: 'standalone' });
  expect(manifest.icons.filter(({ purpose }) => purpose === 'maskable')).toHaveLength(1);
  for (const { src, sizes, type } of manifest.icons) {
    const icon = await page.request.get(`${parlance.url}${src}`);
    expect([icon.status(), icon.headers()['content-type']], src).toEqual([200, type]);
    if (type !== 'image/png') continue;
    // PNG says its size in bytes 16 to 24.
    const bytes = await icon.body();
    expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, src).toBe(sizes);
  }
  // What Chromium itself finds wrong with it.
  const devtools = await page.context().newCDPSession(page);
  const { errors } = (await devtools.send('Page.getAppManifest')) as { errors: { message: string }[] };
  expect(errors).toEqual([]);
});

test('without a network its own page says so, keeps no chat, and what was being written is still there after', async ({
  page,
  context,
  parlance,
  person,
  upstream,
  watch,
}) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED|Failed to fetch|net::ERR/);
  await person.comesTo(context);
  const chat: Chat = await newChat(page, parlance.url, person);
  await chat.ask('A secret of the kettle');
  await upstream.answer('It whistles.');
  await chat.expectAnswer('It whistles.');
  // It comes when the page has come to rest; from then on each page is in its hands.
  const worker = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state);
  await expect.poll(worker).toBe('activated');
  await page.reload();
  await awake(page);
  await chat.composer.fill('Not sent yet');
  await context.setOffline(true);
  await page.goto(page.url()).catch(() => {});
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You are offline');
  await expect(page.locator('link[rel="stylesheet"]')).toHaveCount(1);
  expect(await page.evaluate(() => document.styleSheets.length), 'it is drawn as it should be').toBe(1);
  const kept = await page.evaluate(async () => {
    const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const requests = await Promise.all(caches_.map((cache) => cache.keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(kept.map((path) => path.replace(/\.[0-9a-f]{16}/, '')).sort()).toEqual(['/offline', '/pkg/pages.css']);
  await context.setOffline(false);
  await page.getByRole('link', { name: 'Try again' }).click();
  await awake(page);
  await expect(chat.composer).toHaveValue('Not sent yet');
  await chat.expectAnswer('It whistles.');
});

test('the first load asks for nothing that is only for another time', async ({ page, parlance, watch }) => {
  await open(page, `${parlance.url}/sign-in`);
  const asked = watch.asked.map((url) => new URL(url).pathname);
  expect(asked).not.toContain('/offline');
  expect(asked).not.toContain('/service-worker.js');
  expect(asked.length).toBeLessThanOrEqual(8);
});
