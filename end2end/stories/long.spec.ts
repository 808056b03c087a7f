// A long conversation: only what is looked at is in the document, and nobody notices.
import type { BrowserContext, Page } from '@playwright/test';
import { expectAtTheEnd, inView, nodes, numbers, scrollBy, talkLong } from '../world/long.ts';
import { Chat, open } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { Person } from '../world/person.ts';
import { expect, test as base } from '../world/story.ts';
import { Upstream } from '../world/upstream.ts';

/** More than a page of history, several times over. */
const PROMPTS = 150;

/** An answer to each question, of another length each; what waits is left to the story. */
const answers = (prompt: string) =>
  prompt.startsWith('Wait')
    ? null
    : `${prompt.replace('Question', 'Answer')} ${'It goes on and on. '.repeat((Number(/\d+/.exec(prompt)?.[0]) * 7) % 23)}`;

interface Long {
  /** What answers in them. */
  model: Upstream;
  /** Opens the page of a conversation of so many prompts and their answers. */
  openLong: (prompts: number) => Promise<Chat>;
}

const test = base.extend<Long>({
  model: async ({}, use) => {
    const upstream = await Upstream.start(answers);
    await use(upstream);
    await upstream.stop();
  },
  openLong: async ({ page, context, watch, model }, use) => {
    const parlance = await Parlance.start({ openai: model.url }, { PARLANCE_MESSAGES_PER_MINUTE: '100000' });
    watch.home(parlance.url);
    await use((prompts) => begin(page, context, parlance, prompts));
    // It would look for its server.
    await page.close();
    await parlance.remove();
  },
});

async function begin(page: Page, context: BrowserContext, parlance: Parlance, prompts: number): Promise<Chat> {
  const person = await Person.signUp(parlance.url);
  await person.comesTo(context, parlance.url);
  const path = await talkLong(page, parlance.url, person, prompts);
  await open(page, parlance.url + path);
  await expectAtTheEnd(page);
  return new Chat(page);
}

test('a conversation of three hundred messages is read from its end to its beginning, in order, with few of them in the document', async ({
  page,
  model,
  openLong,
}) => {
  test.setTimeout(180_000);
  const chat = await openLong(PROMPTS);

  // All the way up: each question is seen once it is its turn, and what is seen stays where it is while others are read in.
  const seen = new Set(numbers(await inView(page)));
  let most = 0;
  const beginning = page.getByRole('article').first().getByText('Question 1.', { exact: true });
  for (let step = 0; step < 2000 && !seen.has(1); step += 1) {
    const before = await inView(page);
    await scrollBy(page, -300);
    const after = await inView(page);
    const here = numbers(after);
    expect(here, 'in order').toEqual([...here].sort((one, other) => one - other));
    for (const number of here) seen.add(number);
    for (const message of after) {
      const was = before.find(({ id }) => id === message.id);
      // At the very top there is less to scroll than was asked for.
      if (was) expect(message.top - was.top, `${message.text} moved`).toBeLessThanOrEqual(302);
    }
    most = Math.max(most, await nodes(page));
  }
  await expect(beginning).toBeVisible();
  expect([...seen].sort((one, other) => one - other)).toEqual(Array.from({ length: PROMPTS }, (_, at) => at + 1));
  expect(most, 'nodes in the document').toBeLessThanOrEqual(3000);
  await expect(page.getByRole('button', { name: 'Show earlier messages' })).toBeHidden();

  // And back by one press.
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expectAtTheEnd(page);
  await expect.poll(async () => numbers(await inView(page)).at(-1)).toBe(PROMPTS);
  expect(await nodes(page)).toBeLessThanOrEqual(3000);

  // What is new is at the end, and is looked at.
  await chat.ask('Wait for it');
  const answer = await model.next();
  answer.say('Here it is.');
  await expect(chat.text).toHaveText('Here it is.');
  await expectAtTheEnd(page);
  answer.finish();
  await chat.expectAnswer('Here it is.');
});

test('older messages are read in above what is looked at, which stays where it is', async ({ page, openLong }) => {
  await openLong(60);

  // Held back, so that it is seen what their coming does.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route('**/conversation/*/message?*', async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest('**/conversation/*/message?*');
  await page.locator('.log').evaluate((log) => {
    log.scrollTop = 120;
  });
  await asked;
  await scrollBy(page, 0);
  const before = (await inView(page)).find(({ top }) => top >= 0)!;
  const height = await page.locator('.log').evaluate((log) => log.scrollHeight);
  letGo();
  await expect.poll(() => page.locator('.log').evaluate((log) => log.scrollHeight)).toBeGreaterThan(height);
  await scrollBy(page, 0);
  const after = (await inView(page)).find(({ id }) => id === before.id);
  expect(after?.text).toBe(before.text);
  expect(Math.abs(after!.top - before.top)).toBeLessThanOrEqual(2);
});

test('what has the focus is not taken away, however far one scrolls, nor is what is being written', async ({
  page,
  openLong,
}) => {
  const chat = await openLong(80);
  const prompt = page.getByRole('article').filter({ hasText: 'Question 78.' }).first();
  await chat.action(prompt, 'Edit').click();
  await chat.editor.fill('half a thought');
  const far = async () => {
    for (let step = 0; step < 40; step += 1) await scrollBy(page, -600);
  };
  await far();
  await expect(chat.editor, 'it is there').toHaveValue('half a thought');
  await expect(chat.editor, 'and has the focus').toBeFocused();
  expect(await inView(page)).not.toHaveLength(0);
  const middle = page.getByRole('article').filter({ hasText: 'Question 77.' });
  await expect(middle, 'its neighbour is not').toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-act=edit]:focus')).toHaveCount(1);
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expectAtTheEnd(page);
  await expect(prompt).toBeVisible();
  await expect(page.getByRole('article').filter({ hasText: 'Question 77.' }).first()).toBeVisible();
});
