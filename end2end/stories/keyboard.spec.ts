// The whole main job without a mouse.
import { Chat, Picker, awake, open } from '../world/pages.ts';
import { Person } from '../world/person.ts';
import { expect, test } from '../world/story.ts';

test('sign up, pick, ask and stop by the keyboard alone', async ({ page, parlance, upstream, watch }) => {
  // At the end, when the socket learns that the sign-in is over.
  watch.allow(/status of 401.*\/auth\/refresh/);
  await open(page, `${parlance.url}/sign-up`);
  await tabTo(page, page.getByLabel('E-mail'));
  await page.keyboard.type(Person.freshEmail());
  await page.keyboard.press('Tab');
  await page.keyboard.type('a few words in a row');
  await page.keyboard.press('Enter');

  const picker = new Picker(page);
  await expect(picker.heading).toBeVisible();
  await awake(page);
  await tabTo(page, picker.card('Assistant'));
  await page.keyboard.press('Enter');
  const chat = new Chat(page);
  await expect(chat.heading).toHaveText('Assistant');
  await awake(page);

  await tabTo(page, chat.composer);
  await page.keyboard.type('The first line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('and the second');
  await expect(chat.composer).toHaveValue('The first line\nand the second');
  await expect(chat.prompts).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(chat.composer).toHaveValue('');
  await expect(chat.composer).toBeFocused();
  const answer = await upstream.next();
  expect(answer.prompt).toBe('The first line\nand the second');
  answer.say('A long ', 'answer ');
  await expect(chat.text).toHaveText('A long answer');

  await tabTo(page, chat.stop);
  await page.keyboard.press('Space');
  await answer.hungUp;
  await chat.expectAnswer('A long answer', 'stopped');
  // And on with the next prompt, without a search for the box.
  await expect(chat.composer).toBeFocused();

  // Out again.
  await tabTo(page, page.getByRole('button', { name: 'Sign out' }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/sign-in\?out=1$/);
});

test('Enter that accepts a word of an input method does not send', async ({ chat, upstream }) => {
  await chat.composer.fill('かん');
  await chat.composer.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true });
  await expect(chat.composer).toHaveValue('かん');
  await expect(chat.prompts).toHaveCount(0);
  await chat.composer.press('Enter');
  await upstream.answer('はい');
  await chat.expectAnswer('はい');
});

/** Presses Tab until this has the focus, and sees that the focus can be seen on the way. */
async function tabTo(page: import('@playwright/test').Page, target: import('@playwright/test').Locator): Promise<void> {
  await expect(target).toBeEnabled();
  for (let step = 0; step < 30; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`thirty times Tab did not lead to ${target}`);
}
