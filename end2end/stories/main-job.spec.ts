// The main job on real parts: the program with the model that a newcomer gets.
import { expectAccessible } from '../world/axe.ts';
import { picture, tooWide } from '../world/picture.ts';
import { modelPath } from '../world/setting.ts';
import { Doorway, Picker, awake, open } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { Person } from '../world/person.ts';
import { expect, test as base } from '../world/story.ts';

const test = base.extend({
  parlance: async ({}, use) => {
    const parlance = await Parlance.start({ gguf: modelPath }, { PARLANCE_MAX_TOKENS: '48' });
    await use(parlance);
    await parlance.remove();
  },
});

test('a stranger signs up, asks, watches a real answer grow, and finds it again', { tag: '@mongodb' }, async ({ page, parlance, watch }) => {
  // A busy machine makes the model slow: that is no failure.
  test.setTimeout(240_000);
  await open(page, parlance.url);
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.getByRole('link', { name: 'Create an account' }).click();
  const doorway = new Doorway(page);
  const email = Person.freshEmail();
  await doorway.signUp(email, 'a few words in a row');

  const picker = new Picker(page);
  await expect(picker.heading).toBeVisible();
  await awake(page);
  await expect(page.getByText('A small starter model answers here.')).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `the note about the starter model, ${colorScheme}`);
    await page.setViewportSize({ width: 320, height: 568 });
    await expect.poll(() => tooWide(page)).toEqual([]);
    await picture(page, `picker-first-320-${colorScheme}`);
    await page.setViewportSize({ width: 1440, height: 900 });
    await picture(page, `picker-first-1440-${colorScheme}`);
  }
  const chat = await picker.choose('Assistant');
  await record(page);
  await chat.ask('Tell me a long story about a kettle.');

  await expect(chat.stop).toBeVisible();
  await chat.expectConversation();
  // Its end is the model's: a long story seldom fits into 48 tokens. Where it is cut, that is said, and it could go on.
  await expect(chat.answer).toHaveAttribute('data-status', /^(complete|cut)$/, { timeout: 180_000 });
  const end = await chat.answer.getAttribute('data-status');
  const cuts = end === 'cut' ? 1 : 0;
  await expect(chat.answer.getByText('This answer reached its limit of length.')).toHaveCount(cuts);
  await expect(chat.action(chat.answer, 'Continue')).toHaveCount(cuts);
  const sizes: number[] = await page.evaluate('window.sizes');
  expect(new Set(sizes).size, `the bubble grew through ${sizes}`).toBeGreaterThanOrEqual(4);
  // It only grows, but for a mark that turns out to be markup: `**` is seen until it is closed, `1` until it is a list.
  sizes.forEach((size, index) => {
    const largest = Math.max(...sizes.slice(0, index + 1));
    expect(largest - size, `the bubble grew through ${sizes}`).toBeLessThanOrEqual(4);
  });

  const shown = await chat.text.innerText();
  expect(shown.trim()).not.toBe('');
  await page.reload();
  await awake(page);
  await expect(chat.prompts).toHaveText(/Tell me a long story about a kettle\./);
  expect(await chat.text.innerText()).toBe(shown);
  await chat.history.getByRole('link', { name: /Tell me a long story/ }).click();
  expect(await chat.text.innerText()).toBe(shown);

  const person = await Person.known(parlance.url, email);
  const stored = await person.stored(page.url());
  expect(stored.map(({ role, status }) => [role, status])).toEqual([
    ['user', 'complete'],
    ['assistant', end],
  ]);
  // Every address that the main job needs is the program's own.
  expect(new Set(watch.asked.map((address) => new URL(address).host))).toEqual(new Set([new URL(parlance.url).host]));
});

/** Notes every length that the last answer has while it grows. */
async function record(page: import('@playwright/test').Page): Promise<void> {
  await page.evaluate(() => {
    const sizes: number[] = [];
    Object.assign(window, { sizes });
    const look = () => {
      const answer = [...document.querySelectorAll('article[data-role="assistant"] .message__text')].at(-1);
      const size = answer?.textContent?.length ?? 0;
      if (size > 0 && size !== sizes.at(-1)) sizes.push(size);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}
