// One reader in two places: tabs share a chat, devices take turns, and nobody is thrown out without a word.
import { Chat, alert, awake, open } from '../world/pages.ts';
import { expect, newChat, test } from '../world/story.ts';

test('who begins to write elsewhere is told so here, and can come back', { tag: '@mongodb' }, async ({
  chat,
  page,
  upstream,
  parlance,
  person,
  anotherBrowser,
}) => {
  await chat.ask('Hello from the desk.');
  await upstream.answer('Hello, desk.');
  await chat.expectAnswer('Hello, desk.');

  const phone = await anotherBrowser();
  await person.comesTo(phone);
  const there = await newChat(await phone.newPage(), parlance.url, person);
  // Only looking is no reason to disturb anybody.
  await chat.expectConnection('open');
  await there.composer.pressSequentially('Hello from ');

  await chat.expectConnection('replaced');
  await expect(alert(page)).toHaveText(/This chat is open elsewhere\./);
  await there.composer.pressSequentially('the phone.');
  await there.composer.press('Enter');
  await upstream.answer('Hello, phone.');
  await there.expectAnswer('Hello, phone.');
  // The other place has the session still: nobody here took it back.
  await chat.expectConnection('replaced');
  await there.expectConnection('open');

  await page.getByRole('button', { name: 'Use here' }).click();
  await chat.expectConnection('open');
  await there.expectConnection('replaced');
  await chat.ask('Back at the desk.');
  await upstream.answer('Welcome back.');
  await chat.expectAnswer('Welcome back.');
  await expect(chat.answers).toHaveCount(2);
});

test('two tabs on one conversation see the same answer grow', { tag: '@mongodb' }, async ({ chat, context, page, upstream }) => {
  await chat.ask('Say it to both of us.');
  const answer = await upstream.next();
  answer.say('You ');
  await expect(chat.text).toHaveText('You');
  await chat.expectConversation();

  const secondPage = await context.newPage();
  await open(secondPage, page.url());
  const second = new Chat(secondPage);
  await expect(second.text).toHaveText('You');
  answer.say('both ');
  for (const tab of [chat, second]) await expect(tab.text).toHaveText('You both');
  answer.say('hear ', 'me.');
  answer.finish();
  for (const tab of [chat, second]) {
    await tab.expectAnswer('You both hear me.');
    await tab.expectConnection('open');
  }

  // What is asked in one is seen in the other.
  await second.ask('And now from here.');
  await upstream.answer('From there.');
  for (const tab of [chat, second]) {
    await expect(tab.prompts.last()).toHaveText(/And now from here\./);
    await tab.expectAnswer('From there.');
    await expect(tab.messages).toHaveCount(4);
  }
});

test('the conversation goes on where it was left, on another device', { tag: '@mongodb' }, async ({
  chat,
  page,
  upstream,
  person,
  anotherBrowser,
}) => {
  await chat.ask('Remember the number seven.');
  await upstream.answer('Seven it is.');
  await chat.expectAnswer('Seven it is.');
  const phone = await anotherBrowser();
  await person.comesTo(phone);
  const phonePage = await phone.newPage();
  await open(phonePage, page.url());
  const there = new Chat(phonePage);
  await there.expectAnswer('Seven it is.');
  await there.ask('Which number?');
  const answer = await upstream.next();
  expect(answer.turns.map((turn) => turn.content).slice(-3)).toEqual([
    'Remember the number seven.',
    'Seven it is.',
    'Which number?',
  ]);
  answer.say('Seven.');
  answer.finish();
  await there.expectAnswer('Seven.');
  // The desk, which is in the same conversation, has followed.
  await chat.expectAnswer('Seven.');
  // In front: see the note in accounts.spec.ts.
  await page.bringToFront();
  await page.reload();
  await awake(page);
  await expect(chat.messages).toHaveCount(4);
});
