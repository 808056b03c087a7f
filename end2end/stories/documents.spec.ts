// Answers from documents: given, read, asked about, cited, and taken away again.
import { expectAccessible } from '../world/axe.ts';
import { WARRANTY, bot, kettle } from '../world/library.ts';
import { Chat, Documents, Picker, alert, awake, open } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { picture } from '../world/picture.ts';
import { embeddingPath, modelPath } from '../world/setting.ts';
import { Person } from '../world/person.ts';
import { expect, test } from '../world/story.ts';

const real = test.extend({
  parlance: async ({}, use) => {
    const parlance = await Parlance.start(
      { gguf: modelPath },
      { PARLANCE_EMBEDDING_PATH: embeddingPath, PARLANCE_MAX_TOKENS: '64' },
    );
    await use(parlance);
    await parlance.remove();
  },
});

real('a chatbot is made, given a PDF, asked, and shows the page on which its answer stands', async ({ page, context, parlance, person, browser }) => {
  // A busy machine makes the models slow: that is no failure.
  real.setTimeout(300_000);
  const pdf = await printed(browser, [
    '<h1>The Zephyr kettle</h1><p>The Zephyr is a kettle for two cups. It whistles when its water boils.</p>',
    `<h1>Warranty</h1><p>${WARRANTY} Letters reach its makers at Harbour Road 5.</p>`,
  ]);
  await person.comesTo(context);
  await open(page, parlance.url);
  await page.getByRole('link', { name: 'New chatbot' }).click();
  await awake(page);
  await page.getByLabel('Name').fill('Kettle');
  await page.getByLabel('Description').fill('Knows the Zephyr.');
  await page.getByLabel('Temperature').fill('0');
  await page.getByRole('button', { name: 'Create' }).click();

  await expect(page.getByRole('heading', { name: 'Documents' })).toBeVisible();
  await awake(page);
  const documents = new Documents(page);
  const seen = await told(page);
  await documents.give({ name: 'Zephyr.pdf', mimeType: 'application/pdf', buffer: pdf });
  await documents.expectReady('Zephyr.pdf', 120_000);
  await expect(documents.line('Zephyr.pdf')).toContainText('2 pages');
  expect(await seen()).toContain('Zephyr.pdf was sent');
  expect(await seen()).toContain('Zephyr.pdf: Ready');

  await page.getByRole('link', { name: 'Chat', exact: true }).click();
  const chat = new Chat(page);
  await awake(page);
  await chat.ask('How long does the warranty of the Zephyr kettle last?');
  await expect(chat.answer).toHaveAttribute('data-status', /^(complete|cut)$/, { timeout: 240_000 });
  await expect(chat.text).toContainText('27 months');
  await chat.sources.first().click();
  await expect(chat.panel.getByRole('heading', { name: 'Zephyr.pdf, page 2' })).toBeVisible();
  await expect(chat.panel.locator('mark').first()).toContainText('27 months');
  await expect(chat.panel.locator('mark').first()).toBeInViewport();
  await picture(page, 'real-cited-answer');
});

test('a citation opens its source beside the chat by the keyboard, and Escape gives the focus back', async ({ page, context, parlance, person, upstream }) => {
  await person.comesTo(context);
  const { id } = await kettle(person);
  await open(page, `${parlance.url}/new/${id}`);
  const chat = new Chat(page);
  await chat.ask('How long does the warranty of the Zephyr kettle last?');
  const answer = await upstream.next();
  // What it reads is shown before its first word, and moves nothing when that comes.
  await expect(chat.answer.getByText(/^Reading: .*Zephyr manual\.md/)).toBeVisible();
  expect(answer.turns[0].content).toContain(WARRANTY);
  answer.say('It lasts 27 months [1]', ', not [99] or `[1]`.');
  answer.finish();
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
  await expect(chat.sources.first()).toContainText('Zephyr manual.md');

  // Now, and as it was stored.
  for (const size of [{ width: 1440, height: 900 }, { width: 360, height: 740 }]) {
    await page.setViewportSize(size);
    await page.reload();
    await awake(page);
    await expect(chat.text).toHaveText('It lasts 27 months 1, not [99] or [1].');
    await expect(chat.mark(1)).toHaveCount(1);
    await chat.mark(1).focus();
    await page.keyboard.press('Enter');
    await expect(chat.panel.locator('mark')).toHaveText(WARRANTY);
    await expect(chat.panel.locator('mark')).toBeInViewport();
    await expect(chat.panel).toHaveAccessibleName('Zephyr manual.md');
    await expect(chat.panel.getByRole('listitem')).toHaveText(['Descale it once a month, with vinegar.', 'Never put it into water.']);
    await expect(chat.panel.getByRole('cell', { name: 'yes' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(chat.panel).toBeHidden();
    await expect(chat.mark(1)).toBeFocused();
  }
});

test('without scripts a source is a page of its own', async ({ page, context, parlance, person, upstream, anotherBrowser }) => {
  await person.comesTo(context);
  const { id } = await kettle(person);
  await open(page, `${parlance.url}/new/${id}`);
  const chat = new Chat(page);
  await chat.ask('How long does the warranty of the Zephyr kettle last?');
  await upstream.answer('It lasts 27 months [1].');
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');

  const plain = await anotherBrowser({ javaScriptEnabled: false });
  await person.comesTo(plain);
  const still = await plain.newPage();
  await still.goto(page.url());
  await new Chat(still).sources.first().click();
  await expect(still.getByRole('heading', { name: 'Zephyr manual.md' })).toBeVisible();
  await expect(still.locator('mark')).toHaveText(WARRANTY);
  await expect(still.locator('mark')).toBeInViewport();
});

test('a file that cannot be used says why, is not in the way of others, and goes when that is meant', async ({ page, context, parlance, person }) => {
  await person.comesTo(context);
  const { id } = await bot(person);
  await open(page, `${parlance.url}/bot/${id}/documents`);
  const documents = new Documents(page);
  await expect(page.getByText('No documents yet.')).toBeVisible();
  await documents.give(
    { name: 'broken.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\nthis is no document') },
    { name: 'manual.md', mimeType: 'text/markdown', buffer: Buffer.from(WARRANTY) },
  );
  await documents.expectReady('manual.md');
  await expect(documents.line('broken.pdf')).toHaveAttribute('data-state', 'failed');
  await expect(documents.line('broken.pdf')).toContainText(/Cannot be used\. \S+ \S+/);
  await expectAccessible(page, 'documents, one of which failed');

  // The same file again is not a second document.
  await documents.give({ name: 'again.md', mimeType: 'text/markdown', buffer: Buffer.from(WARRANTY) });
  await expect(alert(page)).toHaveText('again.md is here already: nothing was added.');
  await expect(documents.lines).toHaveCount(2);

  // What was uploaded comes back as it was.
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    documents.line('manual.md').getByRole('link', { name: 'Download manual.md' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('manual.md');

  const button = documents.line('broken.pdf').getByRole('button', { name: 'Delete broken.pdf' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(documents.question).toContainText('Delete broken.pdf?');
  await page.keyboard.press('Escape');
  await expect(documents.question).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await documents.question.getByRole('button', { name: 'Delete' }).click();
  await expect(documents.line('broken.pdf')).toHaveCount(0);
  await page.reload();
  await expect(documents.lines).toHaveCount(1);

  await awake(page);
  await documents.line('manual.md').getByRole('button', { name: 'Read manual.md again' }).click();
  await documents.expectReady('manual.md');
});

test('files can be dropped onto the page', async ({ page, context, parlance, person }) => {
  await person.comesTo(context);
  const { id } = await bot(person);
  await open(page, `${parlance.url}/bot/${id}/documents`);
  const files = await page.evaluateHandle((text) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([text], 'dropped.txt', { type: 'text/plain' }));
    return dropped;
  }, WARRANTY);
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: files });
  await new Documents(page).expectReady('dropped.txt');
});

test('a chatbot that answers from its documents only is told when there is nothing in them', async ({ page, context, parlance, person, upstream }) => {
  await person.comesTo(context);
  const { id } = await kettle(person, { documents_only: true });
  await open(page, `${parlance.url}/new/${id}`);
  const chat = new Chat(page);
  await chat.ask('Who painted sunflowers in Arles?');
  const answer = await upstream.next();
  expect(answer.turns[0].content).toContain('Do not answer from what you know.');
  answer.say('The documents do not say.');
  answer.finish();
  await chat.expectAnswer('The documents do not say.');
  await expect(chat.sources).toHaveCount(0);
});

test('who may only talk with a chatbot sees its sources, and nothing to change it with', async ({ page, context, parlance, person, upstream, watch }) => {
  watch.allow(/status of 404.*\/bot\//);
  const owner = await Person.signUp(parlance.url);
  const { id, name } = await kettle(owner, { name: `Kettle ${Date.now()}`, visibility: 'everyone' });
  await person.comesTo(context);
  await open(page, parlance.url);
  const picker = new Picker(page);
  await expect(page.getByRole('link', { name: `Change ${name}` })).toHaveCount(0);
  const chat = await picker.choose(name);
  await expect(page.getByRole('link', { name: 'Documents and settings' })).toHaveCount(0);
  await chat.ask('How long does the warranty of the Zephyr kettle last?');
  await upstream.answer('It lasts 27 months [1].');
  await chat.mark(1).click();
  await expect(chat.panel.locator('mark')).toHaveText(WARRANTY);
  for (const tab of ['settings', 'documents', 'playground']) {
    const answer = await page.goto(`${parlance.url}/bot/${id}/${tab}`);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { name: 'There is nothing here for you' })).toBeVisible();
  }
});

test('a chatbot is changed in its form, whatever is written into it, and deleted when that is meant', async ({ page, context, parlance, person }) => {
  await person.comesTo(context);
  const { id } = await bot(person);
  const hostile = '\n</textarea><script>window.harmed = 1</script>&amp; "quoted"';
  await open(page, `${parlance.url}/bot/${id}/settings`);
  await expect(page.getByLabel('Name')).toHaveValue('Kettle');
  await page.getByLabel('Name').fill('Teapot');
  await expect(page.locator('.bot-form .card__name')).toHaveText('Teapot');
  await page.getByLabel('Instructions').fill(hostile);
  await page.getByRole('radio', { name: 'rose' }).check();
  await page.getByRole('radio', { name: /Everyone here/ }).check();
  await page.getByRole('checkbox', { name: /documents only/ }).check();
  await page.getByLabel('Temperature').fill('0.7');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();

  await page.reload();
  await awake(page);
  await expect(page.getByLabel('Name')).toHaveValue('Teapot');
  await expect(page.getByLabel('Instructions')).toHaveValue(hostile);
  await expect(page.getByRole('radio', { name: 'rose' })).toBeChecked();
  await expect(page.getByRole('radio', { name: /Everyone here/ })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: /documents only/ })).toBeChecked();
  await expect(page.getByLabel('Temperature')).toHaveValue('0.7');
  expect(await page.evaluate('window.harmed')).toBeUndefined();

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(new Picker(page).heading).toBeVisible();
  await expect(new Picker(page).card('Teapot')).toHaveCount(0);
});

test('the playground shows what was found and how well it fits, and leads to the place', async ({ page, context, parlance, person }) => {
  await person.comesTo(context);
  const { id } = await kettle(person);
  await open(page, `${parlance.url}/bot/${id}/playground`);
  await page.getByRole('searchbox', { name: 'Question' }).fill('How long does the warranty last?');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/ask=How/);
  await expect(page.getByText(/^The best \d+ of \d+ passages, in \S+ ms\.$/)).toBeVisible();
  const best = page.getByRole('main').getByRole('listitem').filter({ hasText: WARRANTY }).first();
  await expect(best).toContainText('Words');
  await best.getByRole('link').click();
  await expect(page.locator('mark').first()).toBeVisible();
  await expect(page.locator('#cited')).toBeInViewport();
});

/** A PDF, one page for each text, made by Chromium's print. */
async function printed(browser: import('@playwright/test').Browser, pages: string[]): Promise<Buffer> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.setContent(pages.map((text) => `<section>${text}</section>`).join('<p style="break-before: page"></p>'));
  const pdf = await page.pdf({ format: 'A5' });
  await context.close();
  return pdf;
}

/** Listens to what is told politely; gives all of it so far. */
async function told(page: import('@playwright/test').Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const listen = () => {
      for (const status of document.querySelectorAll('[role="status"]')) {
        const text = status.textContent?.trim();
        if (text && text !== said.at(-1)) said.push(text);
      }
    };
    new MutationObserver(listen).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate('window.said') as Promise<string[]>;
}
