// One prompt written ahead: it waits for the answer's end, also when the page is loaded again, and can be let go.
import { expectAccessible } from '../world/axe.ts';
import { awake } from '../world/pages.ts';
import { picture } from '../world/picture.ts';
import { expect, test } from '../world/story.ts';

test('a prompt written ahead survives a reload, and is sent once, when the answer is at its end', async ({ chat, page, upstream, person }) => {
  await chat.ask('First.');
  const answer = await upstream.next();
  answer.say('One');
  await expect(chat.text).toHaveText('One');
  await chat.ask('Ahead.');
  await expect(chat.prompts.last()).toHaveAttribute('data-status', 'queued');
  await expectAccessible(page, 'a prompt written ahead');
  await picture(page, 'ahead');
  await page.reload();
  await awake(page);
  await expect(chat.prompts.last()).toHaveAttribute('data-status', 'queued');
  await expect(chat.prompts.last()).toContainText('Ahead.');
  await page.reload();
  await awake(page);
  await expect(chat.prompts).toHaveCount(2);
  answer.say('.');
  answer.finish();
  await upstream.answer('Two.');
  await chat.expectConversationOf('user: First.', 'assistant: One.', 'user: Ahead.', 'assistant: Two.');
  expect((await person.stored(page.url())).map(({ message }) => message)).toEqual(['First.', 'One.', 'Ahead.', 'Two.']);
  await page.reload();
  await awake(page);
  await expect(chat.prompts).toHaveCount(2);
});

test('it is written otherwise, removed, or sent by Stop', async ({ chat, page, upstream }) => {
  await chat.ask('First.');
  const answer = await upstream.next();
  answer.say('One');
  await expect(chat.text).toHaveText('One');
  await chat.ask('Never mind.');
  await page.reload();
  await awake(page);
  await chat.action(chat.prompts.last(), 'Remove').click();
  await expect(chat.prompts).toHaveCount(1);
  await expect(chat.composer).toBeFocused();
  await page.reload();
  await awake(page);
  await expect(chat.prompts, 'it is gone for good').toHaveCount(1);
  await expect(chat.text).toHaveText('One');

  await chat.ask('Second.');
  await chat.action(chat.prompts.last(), 'Edit').click();
  await expect(chat.composer).toHaveValue('Second.');
  await chat.ask('Second, and better.');
  await expect(chat.prompts.last()).toHaveAttribute('data-status', 'queued');
  await chat.stop.click();
  await answer.hungUp;
  await upstream.answer('Two.');
  await chat.expectConversationOf('user: First.', 'assistant: One', 'user: Second, and better.', 'assistant: Two.');
});
