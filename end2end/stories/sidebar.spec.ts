// The conversations at the side: by day, searched in, pinned, renamed, deleted and brought back; a drawer on a phone.
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from '../world/axe.ts';
import { type Chat, awake, drawn, open } from '../world/pages.ts';
import type { Person } from '../world/person.ts';
import { picture, tooWide } from '../world/picture.ts';
import { expect, newChat, test } from '../world/story.ts';

const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/** The line of a conversation: its link, its button and what may stand in their place. */
function line(page: Page, title: string | RegExp): Locator {
  return page.locator('.history__item').filter({ hasText: title });
}

async function options(page: Page, title: string, name: string): Promise<void> {
  await page.getByRole('button', { name: `Options for ${title}` }).click();
  await line(page, title).getByRole('button', { name, exact: true }).click();
}

/** Gives a conversation another title, from another place. */
async function retitled(person: Person, id: string, title: string): Promise<void> {
  await person.send('PATCH', `/conversation/${id}`, { title });
}

const titles = (page: Page) => page.locator('.history__title');

test.describe('with three conversations', () => {
  let chat: Chat;

  test.beforeEach(async ({ page, context, parlance, person, upstream }) => {
    await person.comesTo(context);
    for (const [prompt, answer] of [
      ['How does a kettle boil?', 'With heat from below.'],
      ['What is a teapot?', 'A vessel for brewing leaves.'],
      ['Why is porcelain thin?', 'It is fired hot, and strong: a thin wall holds.'],
    ]) {
      chat = await newChat(page, parlance.url, person);
      await chat.ask(prompt);
      await upstream.answer(answer);
      await chat.expectAnswer(answer);
    }
    await expect(titles(page)).toHaveText(['Why is porcelain thin?', 'What is a teapot?', 'How does a kettle boil?']);
  });

  test('they stand under their day, can be pinned and let go, and stay so', async ({ page }) => {
    await expect(chat.history.getByRole('heading')).toHaveText(['Today']);
    await options(page, 'How does a kettle boil?', 'Pin');
    await expect(chat.history.getByRole('heading')).toHaveText(['Pinned', 'Today']);
    await expect(titles(page).first()).toHaveText('How does a kettle boil?');
    // Where one was, one goes on.
    await expect(page.getByRole('button', { name: 'Options for How does a kettle boil?' })).toBeFocused();
    await page.reload();
    await awake(page);
    await expect(titles(page)).toHaveText(['How does a kettle boil?', 'Why is porcelain thin?', 'What is a teapot?']);
    await expectAccessible(page, 'a pinned conversation');
    await options(page, 'How does a kettle boil?', 'Unpin');
    await expect(chat.history.getByRole('heading')).toHaveText(['Today']);
    await page.reload();
    await awake(page);
    await expect(titles(page).last()).toHaveText('How does a kettle boil?');
  });

  test('one is renamed in its place by the keyboard, and Escape leaves it as it was', async ({ page }) => {
    await options(page, 'Why is porcelain thin?', 'Rename');
    const field = page.getByRole('textbox', { name: /New title/ });
    await expect(field).toBeFocused();
    await expect(field).toHaveValue('Why is porcelain thin?');
    await expectAccessible(page, 'a title being written');
    await page.keyboard.type('No');
    await page.keyboard.press('Escape');
    await expect(titles(page).first()).toHaveText('Why is porcelain thin?');
    await expect(page.getByRole('button', { name: 'Options for Why is porcelain thin?' })).toBeFocused();
    await options(page, 'Why is porcelain thin?', 'Rename');
    await page.keyboard.type('Porcelain <b>&amp;</b>');
    await page.keyboard.press('Enter');
    await expect(titles(page).first()).toHaveText('Porcelain <b>&amp;</b>');
    await page.reload();
    await awake(page);
    await expect(titles(page).first()).toHaveText('Porcelain <b>&amp;</b>');
    await expect(page).toHaveTitle('Porcelain <b>&amp;</b> · Parlance');
  });

  test('a title that is being written is not taken away by what is heard meanwhile, and that is shown afterwards', async ({
    page,
    person,
    upstream,
  }) => {
    const teapot = (await person.conversations()).find(({ title }) => title === 'What is a teapot?')!;
    // The list is asked for before the title is begun, and comes while it is written.
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/conversation', async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest('**/conversation');
    await chat.ask('And why white?');
    await upstream.answer('Kaolin.');
    await chat.expectAnswer('Kaolin.');
    await asked;
    await retitled(person, teapot.id, 'A pot for tea');
    await options(page, 'What is a teapot?', 'Rename');
    const field = page.getByRole('textbox', { name: /New title/ });
    await expect(field).toBeFocused();
    await page.keyboard.type('Half a ti');
    const read = page.waitForResponse('**/conversation');
    letGo();
    await (await read).finished();
    await drawn(page);
    await page.keyboard.type('tle');
    await expect(field).toHaveValue('Half a title');
    await page.keyboard.press('Escape');
    await expect(line(page, 'A pot for tea')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Options for A pot for tea' })).toBeFocused();
  });

  test('a deletion waits for a title that is being written, which would lose its place', async ({ page, person }) => {
    await page.clock.install();
    await options(page, 'What is a teapot?', 'Delete');
    await options(page, 'How does a kettle boil?', 'Rename');
    const field = page.getByRole('textbox', { name: /New title/ });
    await expect(field).toBeFocused();
    await page.keyboard.type('Boiling');
    await page.clock.fastForward(8_000);
    await drawn(page);
    await expect(field).toHaveValue('Boiling');
    await page.keyboard.press('Enter');
    await expect(line(page, 'Boiling')).toBeVisible();
    await page.clock.fastForward(8_000);
    await expect(line(page, 'Deleted')).toHaveCount(0);
    await expect.poll(async () => (await person.conversations()).map(({ title }) => title)).toEqual(['Why is porcelain thin?', 'Boiling']);
  });

  test('what has the focus in the list has it still when the list was read again', async ({ page, person, upstream }) => {
    const teapot = (await person.conversations()).find(({ title }) => title === 'What is a teapot?')!;
    for (const [title, place] of [
      ['A pot for tea', '.history__line'],
      ['A pot', '.history__menu'],
    ]) {
      await chat.ask('And why white?');
      const answer = await upstream.next();
      const focused = page.locator(`[data-line="${teapot.id}"] ${place}`);
      await focused.focus();
      await retitled(person, teapot.id, title);
      answer.say(title);
      answer.finish();
      await expect(focused.locator('xpath=ancestor-or-self::*[@data-line]')).toContainText(title);
      await expect(focused).toBeFocused();
      await chat.expectAnswer(title);
    }
  });

  test('what an input method does with its keys is not done to a title', async ({ page }) => {
    await options(page, 'What is a teapot?', 'Rename');
    const field = page.getByRole('textbox', { name: /New title/ });
    await expect(field).toBeFocused();
    await page.keyboard.type('きゅうす');
    await field.dispatchEvent('keydown', { key: 'Escape', isComposing: true });
    // As Safari says it, which has ended the composition by then.
    await field.dispatchEvent('keydown', { key: 'Enter', keyCode: 229 });
    await drawn(page);
    await expect(field).toHaveValue('きゅうす');
    await page.keyboard.press('Enter');
    await expect(line(page, 'きゅうす')).toBeVisible();
  });

  test('a deletion can be undone; not undone, it is one: also when the page is left at once', async ({ page, person }) => {
    const address = page.url();
    await options(page, 'What is a teapot?', 'Delete');
    await expect(line(page, 'Deleted')).toBeVisible();
    await expectAccessible(page, 'a deletion that can be undone');
    await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(titles(page)).toHaveText(['Why is porcelain thin?', 'What is a teapot?', 'How does a kettle boil?']);
    await page.reload();
    await awake(page);
    await expect(titles(page)).toHaveCount(3);

    await options(page, 'What is a teapot?', 'Delete');
    await page.goto('about:blank');
    await expect.poll(async () => (await person.conversations()).map(({ title }) => title)).toEqual([
      'Why is porcelain thin?',
      'How does a kettle boil?',
    ]);

    await open(page, address);
    await options(page, 'Why is porcelain thin?', 'Delete');
    // The one on the page: when it is gone, there is a choice again.
    await expect(page.getByRole('heading', { name: 'Who would you like to talk with?' })).toBeVisible();
    await expect(titles(page)).toHaveText(['How does a kettle boil?']);
  });

  test('what was said is searched as one types, and the address says so', async ({ page, context, parlance, person }) => {
    const field = page.getByRole('searchbox', { name: 'Search your conversations' });
    await field.fill('brew');
    await expect(titles(page)).toHaveText(['What is a teapot?']);
    await expect(line(page, 'teapot').locator('mark')).toHaveText('brewing');
    await expect(page.getByText('1 conversation found')).toBeVisible();
    await expect(page).toHaveURL(/\?q=brew$/);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page, `a search, ${colorScheme}`);
      await page.setViewportSize(SIZES[2]);
      await picture(page, `search-1440-${colorScheme}`);
    }
    await page.reload();
    await awake(page);
    await expect(field).toHaveValue('brew');
    await expect(titles(page)).toHaveText(['What is a teapot?']);
    // There and back: the search is still there.
    await line(page, 'teapot').getByRole('link').click();
    await expect(page).toHaveTitle('What is a teapot? · Parlance');
    await awake(page);
    await expect(titles(page)).toHaveCount(3);
    await page.goBack();
    await expect(titles(page)).toHaveText(['What is a teapot?']);
    await page.goForward();
    await expect(page).toHaveTitle('What is a teapot? · Parlance');

    await field.fill('nobody said this');
    await expect(page.getByText('Nothing was found for “nobody said this”.')).toBeVisible();
    await field.fill('');
    await expect(titles(page)).toHaveCount(3);
    await expect(page).not.toHaveURL(/\?/);

    // Without scripts it is a form.
    const plain = await context.browser()!.newContext({ javaScriptEnabled: false });
    await person.comesTo(plain);
    const reader = await plain.newPage();
    await reader.goto(parlance.url);
    await reader.getByRole('searchbox').fill('thin');
    await reader.keyboard.press('Enter');
    await expect(titles(reader)).toHaveText(['Why is porcelain thin?']);
    await plain.close();
  });

  test('on a phone they are in a drawer, which keeps the focus, and behind which nothing is reached', async ({ page }) => {
    await page.setViewportSize(SIZES[0]);
    const button = page.getByRole('button', { name: 'Conversations' });
    await expect(button).toHaveAttribute('aria-expanded', 'false');
    await button.click();
    await expect(chat.history).toBeVisible();
    await expect(page.getByRole('button', { name: 'Close' })).toBeFocused();
    await expect(page.locator('.topbar__menu')).toHaveAttribute('aria-expanded', 'true');
    for (let step = 0; step < 25; step += 1) {
      await page.keyboard.press('Tab');
      const outside = await page.evaluate(() => document.activeElement?.closest('main') !== null);
      expect(outside, `after ${step + 1} times Tab`).toBe(false);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect.poll(() => tooWide(page)).toEqual([]);
      await picture(page, `drawer-360-${colorScheme}`);
      await expectAccessible(page, `the drawer, ${colorScheme}`);
    }
    await page.getByRole('button', { name: 'Options for What is a teapot?' }).click();
    await expect.poll(() => tooWide(page)).toEqual([]);
    await picture(page, 'drawer-360-options');
    // Escape closes what was opened last.
    await page.keyboard.press('Escape');
    await expect(line(page, 'teapot').getByRole('button', { name: 'Delete' })).toHaveCount(0);
    await expect(chat.history).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(chat.history).toBeHidden();
    await expect(button).toBeFocused();
    await expect(button).toHaveAttribute('aria-expanded', 'false');
    await chat.composer.click();
    await expect(chat.composer).toBeFocused();
    // A phone that is turned has a wide screen: nothing stays out of reach.
    await button.click();
    await page.setViewportSize(SIZES[2]);
    await chat.composer.click();
    await expect(chat.composer).toBeFocused();
    await expect(chat.history).toBeVisible();
  });

  test('every size and both lights', async ({ page }) => {
    await options(page, 'How does a kettle boil?', 'Pin');
    await page.getByRole('button', { name: 'Options for What is a teapot?' }).click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        await expect.poll(() => tooWide(page)).toEqual([]);
        await picture(page, `sidebar-${size.width}-${colorScheme}`);
      }
    }
  });
});

test('an answer that is written elsewhere is seen in the list, and so is that it has come', async ({
  chat,
  page,
  parlance,
  person,
  upstream,
}) => {
  await chat.ask('Take your time.');
  const answer = await upstream.next();
  answer.say('I do');
  await expect(chat.text).toHaveText('I do');
  await open(page, `${parlance.url}/new/${await person.chatbot('Assistant')}`);
  const one = line(page, 'Take your time.');
  await expect(one).toHaveAttribute('data-mark', 'running');
  await expect(one.getByRole('link')).toHaveAccessibleName(/an answer is being written/);
  await picture(page, 'sidebar-running');
  answer.finish();
  await expect(one).toHaveAttribute('data-mark', 'unread');
  await expect(one.getByRole('link')).toHaveAccessibleName(/new answer/);
  await expectAccessible(page, 'an answer that was not seen');
  await picture(page, 'sidebar-unread');
  await one.getByRole('link').click();
  await chat.expectAnswer('I do');
  await awake(page);
  await expect(one).not.toHaveAttribute('data-mark', /./);
});
