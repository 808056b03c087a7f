// The box: what is not sent is kept, keys do what the list says, and near the limit it counts.
import { expectAccessible } from '../world/axe.ts';
import { awake, open } from '../world/pages.ts';
import { picture } from '../world/picture.ts';
import { expect, newChat, test } from '../world/story.ts';

test('what was not sent is there again, in each conversation its own', async ({ chat, page, parlance, person, upstream, watch }) => {
  // A session that is replaced while its socket is being opened: the page is told so, and the browser says it, too.
  watch.allow(/status of 404.*\/auth\/ticket/);
  await chat.ask('First.');
  await upstream.answer('One.');
  await chat.expectAnswer('One.');
  await chat.expectConversation();
  const first = page.url();
  await chat.composer.fill('half a thought\nof two lines');
  const other = await newChat(page, parlance.url, person);
  await expect(other.composer).toHaveValue('');
  await other.composer.fill('another thought');
  await open(page, first);
  await expect(chat.composer).toHaveValue('half a thought\nof two lines');
  await expect(chat.send).toBeEnabled();
  await chat.composer.press('Enter');
  await upstream.answer('Two.');
  await chat.expectAnswer('Two.');
  await page.reload();
  await awake(page);
  await expect(chat.composer, 'it was sent').toHaveValue('');
  const again = await newChat(page, parlance.url, person);
  await expect(again.composer).toHaveValue('another thought');
  // What one leaves behind, the next one does not find.
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in\?out=1$/);
  await expect.poll(() => page.evaluate(() => localStorage.length)).toBe(0);
});

test('keys lead to the box, to the search and to the list of keys', async ({ chat, page }) => {
  await page.getByRole('log').focus();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `the list of keys, ${colorScheme}`);
    await picture(page, `shortcuts-${colorScheme}`);
  }
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await page.getByRole('log').focus();
  await page.keyboard.press('/');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('what? / and');
  await expect(chat.composer).toHaveValue('what? / and');
  await expect(list).toBeHidden();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.setViewportSize({ width: 360, height: 740 });
  await chat.composer.focus();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('searchbox'), 'in the drawer').toBeFocused();
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1200, height: 800 });
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await expect(list).toBeVisible();
  await list.getByRole('button', { name: 'Close' }).click();
  await expect(list).toBeHidden();
});

test('Escape in the box stops the answer; when a message was stored is said to who asks', async ({ chat, page, upstream }) => {
  await chat.ask('Talk.');
  const answer = await upstream.next();
  answer.say('On and on');
  await expect(chat.text).toHaveText('On and on');
  await chat.composer.press('Escape');
  await answer.hungUp;
  await chat.expectAnswer('On and on', 'stopped');
  const when = chat.action(chat.answer, 'When');
  await when.click();
  const said = await when.getAttribute('data-when');
  expect(said).toContain(`${new Date().getFullYear()}`);
  await when.click();
  await expect(when).not.toHaveAttribute('data-when', /./);
  await page.reload();
  await awake(page);
  await chat.action(chat.prompts.last(), 'When').click();
  await expect(chat.action(chat.prompts.last(), 'When')).toHaveAttribute('data-when', /\d/);
});

test('an Escape with which an input method drops a word stops no answer and closes no editor', async ({ chat, upstream }) => {
  const dropped = { key: 'Escape', isComposing: true };
  await chat.ask('Talk.');
  const answer = await upstream.next();
  answer.say('On');
  await expect(chat.text).toHaveText('On');
  await chat.composer.dispatchEvent('keydown', dropped);
  answer.say(' and on');
  await expect(chat.text).toHaveText('On and on');
  answer.finish();
  await chat.expectAnswer('On and on');
  await chat.action(chat.prompts.last(), 'Edit').click();
  await chat.editor.fill('Talk to');
  await chat.editor.dispatchEvent('keydown', dropped);
  await expect(chat.editor).toHaveValue('Talk to');
  await chat.editor.press('Escape');
  await expect(chat.editor).toHaveCount(0);
});

test('near the limit the characters are counted', async ({ chat }) => {
  await chat.composer.fill('x'.repeat(27_999));
  await expect(chat.page.getByText(/Characters/)).toHaveCount(0);
  await chat.composer.fill('x'.repeat(31_990));
  await expect(chat.page.getByText('Characters left: 10')).toBeVisible();
  await chat.composer.fill('x'.repeat(32_001));
  await expect(chat.page.getByText('Characters too many: 1')).toBeVisible();
  await expect(chat.send).toBeDisabled();
});
