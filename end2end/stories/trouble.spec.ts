// What goes wrong with a prompt or its answer is said where it went wrong, and nothing that was written is lost.
import { alert, awake, open } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { expect, test } from '../world/story.ts';

test('a model that breaks off: what it had said is kept, and the reader is told', async ({ chat, page, upstream }) => {
  await chat.ask('Break off, please.');
  const answer = await upstream.next();
  answer.say('So far ', 'and');
  await expect(chat.text).toHaveText('So far and');
  answer.breakOff();
  await chat.expectAnswer('So far and', 'failed');
  await expect(alert(page)).toBeVisible();
  await expect(chat.answer).toContainText('The model failed here.');
  await chat.ask('Again.');
  await upstream.answer('Gladly.');
  await chat.expectAnswer('Gladly.');
  await expect(alert(page)).toHaveCount(0);
});

test('a model that refuses: the reader is told why, and the next prompt is answered', async ({ chat, page, upstream }) => {
  await chat.ask('May I?');
  (await upstream.next()).refuse(401, 'Incorrect API key provided');
  await expect(alert(page)).toBeVisible();
  await expect(chat.prompts.locator('.message__text')).toHaveText('May I?');
  await expect(chat.send).toBeVisible();
  await chat.ask('And now?');
  await upstream.answer('Now you may.');
  await chat.expectAnswer('Now you may.');
  await page.reload();
  await awake(page);
  await expect(chat.prompts).toHaveCount(2);
});

test('a prompt that is too long is not sent, and says by how much', async ({ chat, page }) => {
  await chat.composer.fill('😀'.repeat(32_001));
  await expect(page.getByText('Characters too many: 1')).toBeVisible();
  await expect(chat.send).toBeDisabled();
  await chat.composer.press('Enter');
  await expect(chat.prompts).toHaveCount(0);
  await chat.composer.press('Backspace');
  await expect(page.getByText('Characters left: 0')).toBeVisible();
  await expect(chat.send).toBeEnabled();
});

test.describe('at one prompt a minute', () => {
  test.use({
    parlance: async ({ upstream }, use) => {
      const limits = { PARLANCE_MESSAGE_BURST: '1', PARLANCE_MESSAGES_PER_MINUTE: '1' };
      const parlance = await Parlance.start({ openai: upstream.url }, limits);
      await use(parlance);
      await parlance.remove();
    },
  });

  test('a prompt too many is marked as not sent, stays so wherever one goes, and can be taken back', async ({
    chat,
    page,
    parlance,
    upstream,
  }) => {
    await chat.ask('The first.');
    await upstream.answer('Yes.');
    await chat.expectAnswer('Yes.');
    await chat.ask('The second, too soon.');
    await expect(chat.prompts.last()).toHaveAttribute('data-status', 'unsent');
    await expect(chat.prompts.last().getByRole('alert')).toContainText('Not sent.');
    await expect(chat.prompts.last().getByRole('button', { name: 'Send again' })).toBeVisible();
    const why = await chat.prompts.last().getByRole('alert').innerText();
    const address = page.url();
    for (const elsewhere of [address, parlance.url]) {
      await open(page, elsewhere);
      await open(page, address);
      await expect(chat.prompts.last()).toHaveAttribute('data-status', 'unsent');
      await expect(chat.prompts.last().locator('.message__text')).toHaveText('The second, too soon.');
      await expect(chat.prompts.last().getByRole('alert')).toHaveText(why);
    }
    await chat.prompts.last().getByRole('button', { name: 'Edit' }).click();
    await expect(chat.composer).toHaveValue('The second, too soon.');
    await expect(chat.composer).toBeFocused();
    await expect(chat.prompts).toHaveCount(1);
    await page.reload();
    await awake(page);
    await expect(chat.messages).toHaveCount(2);
  });
});
