// What one can begin with: written by who makes a chatbot, offered to who meets it.
import { expectAccessible } from '../world/axe.ts';
import { bot } from '../world/library.ts';
import { Chat, awake, open } from '../world/pages.ts';
import { picture } from '../world/picture.ts';
import { expect, test } from '../world/story.ts';

const STARTERS = ['How long does it boil?', 'Tell me about “whistles” & steam.', 'Why is my tea cold?'];

test('starters are written in the form, and one of them begins a chat', async ({ page, context, parlance, person, upstream }) => {
  await person.comesTo(context);
  const kettle = await bot(person);
  await open(page, `${parlance.url}/bot/${kettle.id}/settings`);
  await page.getByLabel('To begin with').fill(`${STARTERS[0]}\n\n  ${STARTERS[1]}\n${STARTERS[2]}`);
  await expect(page.locator('.bot-form__starters .starter'), 'seen while they are written').toHaveText(STARTERS);
  await picture(page, 'bot-form-starters');
  await expectAccessible(page, 'the form with starters');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('To begin with')).toHaveValue(STARTERS.join('\n'));

  await open(page, `${parlance.url}/new/${kettle.id}`);
  const chat = new Chat(page);
  await expect(page.locator('.intro .starter')).toHaveText(STARTERS);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `a chat that offers starters, ${colorScheme}`);
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await picture(page, `starters-${width}-${colorScheme}`);
    }
  }
  await page.getByRole('button', { name: STARTERS[1] }).click();
  const answer = await upstream.next();
  expect(answer.prompt).toBe(STARTERS[1]);
  answer.say('They whistle.');
  answer.finish();
  await chat.expectConversationOf(`user: ${STARTERS[1]}`, 'assistant: They whistle.');
  await expect(page.locator('.intro')).toBeHidden();
  await expect(chat.composer).toBeFocused();
});

test('a starter on the page of the chatbots stands in the box and is not sent by itself', async ({ page, context, parlance, person, upstream }) => {
  await person.comesTo(context);
  await bot(person, { name: 'Teapot', starters: STARTERS });
  await open(page, parlance.url);
  const offered = page.getByRole('list', { name: 'Begin with Teapot' });
  await expect(offered.getByRole('link')).toHaveText(STARTERS.slice(0, 2));
  await picture(page, 'picker-starters');
  await expectAccessible(page, 'the chatbots with their starters');
  await offered.getByRole('link', { name: STARTERS[1] }).click();
  const chat = new Chat(page);
  await awake(page);
  await expect(chat.composer).toHaveValue(STARTERS[1]);
  await expect(chat.composer).toBeFocused();
  await expect(chat.messages).toHaveCount(0);
  // Loaded again, or chosen again: it stands there once.
  await page.reload();
  await awake(page);
  await expect(chat.composer).toHaveValue(STARTERS[1]);
  await expect(page).toHaveURL(/\/new\/[0-9a-f-]{36}$/);
  await open(page, parlance.url);
  await offered.getByRole('link', { name: STARTERS[1] }).click();
  await awake(page);
  await expect(chat.composer).toBeFocused();
  await expect(chat.composer).toHaveValue(STARTERS[1]);
  await page.keyboard.press('Enter');
  await upstream.answer('So.');
  await chat.expectConversationOf(`user: ${STARTERS[1]}`, 'assistant: So.');
});
