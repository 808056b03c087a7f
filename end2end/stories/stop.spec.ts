// Stop stops: at once, for the model too, and what was shown is what is kept.
import { awake } from '../world/pages.ts';
import { expect, test } from '../world/story.ts';

test('an answer that is stopped in the middle is kept exactly as it was shown', { tag: '@mongodb' }, async ({ chat, page, upstream, person }) => {
  await chat.ask('Count slowly.');
  const answer = await upstream.next();
  answer.say('One. ', 'Two. ', 'Three');
  await expect(chat.text).toHaveText('One. Two. Three');
  await chat.stop.click();

  await answer.hungUp;
  await chat.expectAnswer('One. Two. Three', 'stopped');
  await expect(chat.answer).toContainText('You stopped this answer.');
  await page.reload();
  await awake(page);
  await chat.expectAnswer('One. Two. Three', 'stopped');
  expect((await person.stored(page.url())).at(-1)).toMatchObject({ message: 'One. Two. Three', status: 'stopped' });
});

test('an answer that has not begun can be stopped, and the next prompt is answered', { tag: '@mongodb' }, async ({ chat, upstream }) => {
  await chat.ask('Think about it.');
  const silent = await upstream.next();
  await expect(chat.answer).toHaveAttribute('data-status', 'generating');
  await chat.stop.click();
  await silent.hungUp;
  await chat.expectAnswer('', 'stopped');

  await chat.ask('And now?');
  await upstream.answer('Now ', 'I ', 'speak.');
  await chat.expectAnswer('Now I speak.');
});

test('an answer can be stopped after the page was loaded again', { tag: '@mongodb' }, async ({ chat, page, upstream }) => {
  await chat.ask('Go on and on.');
  const answer = await upstream.next();
  answer.say('On and ');
  await expect(chat.text).toHaveText('On and');
  await chat.expectConversation();
  await page.reload();
  await awake(page);
  await expect(chat.text).toHaveText('On and');
  await chat.stop.click();
  await answer.hungUp;
  await chat.expectAnswer('On and', 'stopped');
});
