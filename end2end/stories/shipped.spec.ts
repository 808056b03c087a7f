// What is shipped is one program: every story starts it in a folder with nothing in it but the data. Here is what that
// means for browsers.
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from '../world/story.ts';

test('the program alone serves the whole page, and browsers may keep its files for ever', async ({
  chat,
  page,
  parlance,
  upstream,
  watch,
}) => {
  await chat.ask('Are you all here?');
  await upstream.answer('All of me.');
  await chat.expectAnswer('All of me.');

  const files = watch.asked.filter((url) => url.includes('/pkg/'));
  const endings = files.map((url) => /\/pkg\/parlance\.[0-9a-f]{16}\.(js|wasm|css)$/.exec(url)?.[1] ?? url);
  expect([...new Set(endings)].sort()).toEqual(['css', 'js', 'wasm']);
  for (const url of new Set(files)) {
    const answer = await page.request.get(url, { headers: { 'accept-encoding': 'br' } });
    const { 'cache-control': caching, 'content-encoding': encoding } = answer.headers();
    expect([answer.status(), caching, encoding], url).toEqual([200, 'public, max-age=31536000, immutable', 'br']);
  }

  const icon = await page.request.get(`${parlance.url}/favicon.svg`);
  const { 'cache-control': caching, etag } = icon.headers();
  expect(caching).toBe('no-cache');
  const again = await page.request.get(`${parlance.url}/favicon.svg`, { headers: { 'if-none-match': etag ?? '' } });
  expect(again.status()).toBe(304);
});

test('a chat costs the network at most 200 KB: page, script, wasm and looks', async ({ chat, page, upstream, watch }) => {
  const html = await page.request.get(page.url());
  await chat.ask('How heavy are you?');
  await upstream.answer('Not very.');
  await chat.expectAnswer('Not very.');

  let bytes = brotliCompressSync(await html.body()).length;
  const files = new Set(watch.asked.filter((url) => url.includes('/pkg/')));
  expect(files.size).toBe(3);
  for (const url of files) {
    const answer = await page.request.get(url, { headers: { 'accept-encoding': 'br' } });
    const { 'content-encoding': encoding, 'content-length': length } = answer.headers();
    expect(encoding, url).toBe('br');
    bytes += Number(length);
  }
  // As `xtask/src/front/budget.rs` has it. What has no length is no number, and no number is at most that.
  expect(bytes).toBeLessThanOrEqual(200 * 1024);
});
