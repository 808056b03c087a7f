// What was said can be said otherwise, answered otherwise, and gone on with; and nothing of what there was is lost.
import { expectAccessible } from '../world/axe.ts';
import { Chat, alert, awake, open } from '../world/pages.ts';
import { NO_NETWORK } from '../world/line.ts';
import { Parlance } from '../world/parlance.ts';
import { picture, tooWide } from '../world/picture.ts';
import { expect, newChat, test } from '../world/story.ts';

test('another answer stands in the place of the old one, which can be shown again', { tag: '@mongodb' }, async ({
  chat,
  page,
  upstream,
}) => {
  await chat.ask('Name a colour.');
  await upstream.answer('Red.');
  await chat.expectAnswer('Red.');
  await expect(chat.versions(chat.answer)).toHaveCount(0);

  await chat.action(chat.answer, 'Regenerate').click();
  const second = await upstream.next();
  expect(second.turns.map((turn) => turn.content).slice(-1)).toEqual(['Name a colour.']);
  await expect(chat.stop).toBeVisible();
  second.say('Green.');
  second.finish();
  await chat.expectAnswer('Green.');
  await chat.expectConversationOf('user: Name a colour.', 'assistant: Green.');
  await expect(chat.versions(chat.answer)).toHaveAccessibleName('Version 2 of 2');

  await chat.action(chat.answer, 'Earlier version').click();
  await chat.expectAnswer('Red.');
  await expect(chat.versions(chat.answer)).toHaveAccessibleName('Version 1 of 2');
  await expect(page.getByRole('status').filter({ hasText: 'Version 1 of 2' })).toHaveCount(1);
  await page.reload();
  await awake(page);
  await chat.expectAnswer('Red.');
  await chat.action(chat.answer, 'Later version').click();
  await chat.expectAnswer('Green.');

  // The next prompt follows what is shown, and the model hears no other.
  await chat.action(chat.answer, 'Earlier version').click();
  await chat.expectAnswer('Red.');
  await chat.ask('And another?');
  const third = await upstream.next();
  expect(third.turns.map((turn) => turn.content).slice(-3)).toEqual(['Name a colour.', 'Red.', 'And another?']);
  third.say('Blue.');
  third.finish();
  await chat.expectAnswer('Blue.');
  await chat.action(chat.answers.first(), 'Later version').click();
  await chat.expectConversationOf('user: Name a colour.', 'assistant: Green.');
  await chat.action(chat.answers.first(), 'Earlier version').click();
  await chat.expectConversationOf('user: Name a colour.', 'assistant: Red.', 'user: And another?', 'assistant: Blue.');
});

test('an edited prompt makes a branch of its own, and both can be shown, also later', { tag: '@mongodb' }, async ({
  chat,
  page,
  upstream,
}) => {
  await chat.ask('Who are you?');
  await upstream.answer('A kettle.');
  await chat.expectAnswer('A kettle.');
  await chat.ask('And what do you do?');
  await upstream.answer('I boil.');
  await chat.expectAnswer('I boil.');

  await chat.edit(chat.prompts.first(), 'Who are you not?');
  const other = await upstream.next();
  expect(other.turns.map((turn) => turn.content).slice(-1)).toEqual(['Who are you not?']);
  other.say('A teapot.');
  other.finish();
  await chat.expectAnswer('A teapot.');
  await chat.expectConversationOf('user: Who are you not?', 'assistant: A teapot.');
  await expect(chat.composer).toBeFocused();

  await page.reload();
  await awake(page);
  await chat.expectConversationOf('user: Who are you not?', 'assistant: A teapot.');
  await expect(chat.versions(chat.prompts.first())).toHaveAccessibleName('Version 2 of 2');
  await chat.action(chat.prompts.first(), 'Earlier version').click();
  await chat.expectConversationOf(
    'user: Who are you?',
    'assistant: A kettle.',
    'user: And what do you do?',
    'assistant: I boil.',
  );
  await page.reload();
  await awake(page);
  await expect(chat.messages).toHaveCount(4);
  await chat.action(chat.prompts.first(), 'Later version').click();
  await chat.expectConversationOf('user: Who are you not?', 'assistant: A teapot.');
});

test('a stopped answer goes on where it was, without a character twice or missing', { tag: '@mongodb' }, async ({
  chat,
  page,
  upstream,
  person,
}) => {
  await chat.ask('Count.');
  const first = await upstream.next();
  first.say('one ', 'two ', 'thr');
  await expect(chat.text).toHaveText('one two thr');
  await chat.stop.click();
  await first.hungUp;
  await chat.expectAnswer('one two thr', 'stopped');

  await chat.action(chat.answer, 'Continue').click();
  const second = await upstream.next();
  // The model is given what it had said.
  expect(second.turns).toContainEqual({ role: 'assistant', content: 'one two thr' });
  second.say('ee ', 'fo');
  await expect(chat.text).toHaveText('one two three fo');
  // It goes on for whoever comes in the middle, too.
  await chat.expectConversation();
  await page.reload();
  await awake(page);
  await expect(chat.text).toHaveText('one two three fo');
  await chat.stop.click();
  await second.hungUp;
  await chat.expectAnswer('one two three fo', 'stopped');

  await chat.action(chat.answer, 'Continue').click();
  const third = await upstream.next();
  third.say('ur', '.');
  third.finish();
  await chat.expectAnswer('one two three four.');
  await expect(chat.action(chat.answer, 'Continue')).toBeHidden();
  await expect(chat.versions(chat.answer)).toHaveCount(0);
  expect((await person.stored(page.url())).at(-1)).toMatchObject({ message: 'one two three four.', status: 'complete' });
});

test('the line is cut while an answer goes on: it is whole afterwards', { tag: '@mongodb' }, async ({
  page,
  context,
  line,
  person,
  upstream,
  watch,
}) => {
  watch.allow(...NO_NETWORK);
  await person.comesTo(context, line.url);
  const chat = await newChat(page, line.url, person);
  await chat.ask('Count.');
  const first = await upstream.next();
  first.say('w1 ', 'w2 ');
  await expect(chat.text).toHaveText('w1 w2');
  await chat.stop.click();
  await chat.expectAnswer('w1 w2', 'stopped');
  await chat.action(chat.answer, 'Continue').click();
  const second = await upstream.next();
  second.say('w3 ', 'w4 ');
  await expect(chat.text).toHaveText('w1 w2 w3 w4');
  line.cut();
  await chat.expectConnection(/waiting|opening/);
  second.say('w5 ', 'w6 ');
  line.mend();
  await expect(chat.text).toHaveText('w1 w2 w3 w4 w5 w6');
  second.say('w7');
  second.finish();
  await chat.expectAnswer('w1 w2 w3 w4 w5 w6 w7');
});

test('an edit written while the network is away is sent when it is back, once', { tag: '@mongodb' }, async ({
  page,
  context,
  line,
  person,
  upstream,
  watch,
}) => {
  watch.allow(...NO_NETWORK);
  await person.comesTo(context, line.url);
  const chat = await newChat(page, line.url, person);
  await chat.ask('First.');
  await upstream.answer('One.');
  await chat.expectAnswer('One.');
  line.cut();
  await chat.expectConnection(/waiting|opening/);
  await chat.edit(chat.prompts.first(), 'Second, from the tunnel.');
  await expect(chat.prompts).toHaveAttribute('data-status', 'sending');
  line.mend();
  await upstream.answer('Two.');
  await chat.expectConversationOf('user: Second, from the tunnel.', 'assistant: Two.');
  await expect(chat.versions(chat.prompts.first())).toHaveAccessibleName('Version 2 of 2');
});

test('two tabs agree on the branch, whoever chooses it', { tag: '@mongodb' }, async ({ chat, context, page, upstream }) => {
  await chat.ask('Name a colour.');
  await upstream.answer('Red.');
  await chat.expectAnswer('Red.');
  await chat.expectConversation();
  const secondPage = await context.newPage();
  await open(secondPage, page.url());
  const second = new Chat(secondPage);
  await second.expectConnection('open');

  await chat.action(chat.answer, 'Regenerate').click();
  const answer = await upstream.next();
  answer.say('Gre');
  for (const tab of [chat, second]) await expect(tab.text).toHaveText('Gre');
  answer.say('en.');
  answer.finish();
  for (const tab of [chat, second]) {
    await tab.expectConversationOf('user: Name a colour.', 'assistant: Green.');
    await expect(tab.versions(tab.answer)).toHaveAccessibleName('Version 2 of 2');
  }
  await second.action(second.answer, 'Earlier version').click();
  for (const tab of [chat, second]) await tab.expectAnswer('Red.');
  await second.edit(second.prompts.first(), 'Name a number.');
  await upstream.answer('Seven.');
  for (const tab of [chat, second]) await tab.expectConversationOf('user: Name a number.', 'assistant: Seven.');
});

test('an answer is copied as it was written', async ({ chat, context, page, upstream }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await chat.ask('Write something.');
  const source = '# Tea\n\n- **hot**\n- `wet`';
  await upstream.answer(...source);
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
  await chat.action(chat.answer, 'Copy').click();
  await expect(page.getByRole('status').filter({ hasText: /^Copied$/ })).toHaveCount(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(source);
});

test('one prompt can be written ahead, and taken back', async ({ chat, page, upstream, person }) => {
  await chat.ask('First.');
  const answer = await upstream.next();
  answer.say('One');
  await expect(chat.text).toHaveText('One');
  await chat.ask('Ahead.');
  await expect(chat.prompts.last()).toHaveAttribute('data-status', 'queued');
  await expect(chat.stop).toBeVisible();
  await chat.action(chat.prompts.last(), 'Edit').click();
  await expect(chat.composer).toHaveValue('Ahead.');
  await expect(chat.prompts).toHaveCount(1);
  await chat.ask('Ahead, and better.');
  answer.say('.');
  answer.finish();
  await upstream.answer('Two.');
  await chat.expectConversationOf('user: First.', 'assistant: One.', 'user: Ahead, and better.', 'assistant: Two.');
  expect((await person.stored(page.url())).map((message) => message.message)).toEqual([
    'First.',
    'One.',
    'Ahead, and better.',
    'Two.',
  ]);
});

test('what was typed over a prompt is not lost when another branch is shown meanwhile', async ({
  chat,
  context,
  page,
  upstream,
}) => {
  await chat.ask('Root.');
  await upstream.answer('Yes?');
  await chat.expectAnswer('Yes?');
  await chat.ask('Leaf.');
  await upstream.answer('Green.');
  await chat.expectAnswer('Green.');
  await chat.action(chat.prompts.last(), 'Edit').click();
  await chat.editor.fill('A long thought');
  await chat.expectConversation();
  const secondPage = await context.newPage();
  await open(secondPage, page.url());
  const second = new Chat(secondPage);
  await second.edit(second.prompts.first(), 'Another root.');
  await upstream.answer('Well?');
  await second.expectAnswer('Well?');
  await chat.expectConversationOf('user: Another root.', 'assistant: Well?');
  await expect(chat.composer).toHaveValue('A long thought');
});

test('by the keyboard alone: copy, regenerate, switch, edit and leave it', async ({ chat, page, upstream }) => {
  await chat.ask('Name a colour.');
  await upstream.answer('Red.');
  await chat.expectAnswer('Red.');
  // From the box backwards, over the last answer's row.
  await expect(chat.composer).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(chat.action(chat.answer, 'Regenerate')).toBeFocused();
  await page.keyboard.press('Enter');
  await upstream.answer('Green.');
  await chat.expectAnswer('Green.');
  await expect(chat.action(chat.answer, 'Regenerate')).toBeFocused();

  await page.keyboard.press('Tab');
  await expect(chat.action(chat.answer, 'Earlier version')).toBeFocused();
  await page.keyboard.press('Space');
  await chat.expectAnswer('Red.');
  await expect(chat.action(chat.answer, 'Earlier version')).toBeFocused();
  // There is none before: nothing happens, and the focus stays.
  await page.keyboard.press('Space');
  await chat.expectAnswer('Red.');
  await expect(chat.action(chat.answer, 'Earlier version')).toBeFocused();

  for (const name of ['Regenerate', 'Copy', 'Bad answer', 'Good answer', 'When']) {
    await page.keyboard.press('Shift+Tab');
    await expect(chat.action(chat.answer, name)).toBeFocused();
  }
  await page.keyboard.press('Shift+Tab');
  await expect(chat.action(chat.prompts.first(), 'Edit')).toBeFocused();
  await expect(chat.prompts.first().locator('.actions__row')).toHaveCSS('opacity', '1');
  await page.keyboard.press('Enter');
  await expect(chat.editor).toBeFocused();
  await expect(chat.editor).toHaveValue('Name a colour.');
  await page.keyboard.type(' Or two.');
  await page.keyboard.press('Escape');
  await expect(chat.editor).toHaveCount(0);
  await expect(chat.action(chat.prompts.first(), 'Edit')).toBeFocused();
  await expect(chat.composer).toHaveValue('');
  await page.keyboard.press('Enter');
  await expect(chat.editor).toHaveValue('Name a colour.');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('Name a number.');
  await page.keyboard.press('Enter');
  await upstream.answer('Seven.');
  await chat.expectConversationOf('user: Name a number.', 'assistant: Seven.');
});

test('nothing moves when the row of a message appears', async ({ chat, page, upstream }) => {
  await chat.ask('First.');
  await upstream.answer('One.');
  await chat.expectAnswer('One.');
  await chat.ask('Second.');
  await upstream.answer('Two.');
  await chat.expectAnswer('Two.');
  const places = () => chat.messages.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  const before = await places();
  const row = chat.answers.first().locator('.actions__row');
  await expect(row).toHaveCSS('opacity', '0');
  await chat.answers.first().hover();
  await expect(row).toHaveCSS('opacity', '1');
  expect(await places()).toEqual(before);
  const { width, height } = (await chat.action(chat.answers.first(), 'Copy').boundingBox())!;
  expect([width, height]).toEqual([44, 44]);
});

test('with fingers every row is seen', async ({ chat, page, parlance, person, upstream, anotherBrowser }) => {
  await chat.ask('First.');
  await upstream.answer('One.');
  await chat.expectAnswer('One.');
  await chat.ask('Second.');
  await upstream.answer('Two.');
  await chat.expectAnswer('Two.');
  const phone = await anotherBrowser({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await person.comesTo(phone, parlance.url);
  const there = new Chat(await phone.newPage());
  await open(there.page, page.url());
  for (const message of await there.messages.all()) {
    await expect(message.locator('.actions__row')).toHaveCSS('opacity', '1');
  }
  await there.action(there.answer, 'Regenerate').tap();
  await upstream.answer('Three.');
  await there.expectAnswer('Three.');
});

test('on a narrow page every state of a message fits and is accessible', async ({ chat, page, upstream }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  await chat.ask('Name a colour.');
  await upstream.answer('Red.');
  await chat.expectAnswer('Red.');
  await chat.action(chat.answer, 'Regenerate').click();
  const answer = await upstream.next();
  answer.say('Gre');
  await expect(chat.text).toHaveText('Gre');
  await expectAccessible(page, 'while another answer comes');
  await chat.stop.click();
  await chat.expectAnswer('Gre', 'stopped');
  await expect(chat.action(chat.answer, 'Continue')).toBeVisible();
  await expectAccessible(page, 'an answer that can go on');
  await expect.poll(() => tooWide(page)).toEqual([]);
  await chat.action(chat.prompts.first(), 'Edit').click();
  await expectAccessible(page, 'an edit');
  await expect.poll(() => tooWide(page)).toEqual([]);
});

test('a prompt that got no answer can be tried again', async ({ chat, page, upstream }) => {
  await chat.ask('May I?');
  (await upstream.next()).refuse(401, 'Incorrect API key provided');
  await expect(alert(page)).toBeVisible();
  await page.reload();
  await awake(page);
  await picture(page, 'chat-unanswered-1200');
  await page.getByRole('button', { name: 'Try again' }).click();
  await upstream.answer('You may.');
  await chat.expectAnswer('You may.');
  await chat.expectConversationOf('user: May I?', 'assistant: You may.');
});

test.describe('at three prompts at once', () => {
  test.use({
    parlance: async ({ upstream }, use) => {
      const limits = { PARLANCE_MESSAGE_BURST: '3', PARLANCE_MESSAGES_PER_MINUTE: '1' };
      const parlance = await Parlance.start({ openai: upstream.url }, limits);
      await use(parlance);
      await parlance.remove();
    },
  });

  test('who is about to be held back is told before', async ({ chat, page, upstream }) => {
    await chat.ask('The first.');
    await upstream.answer('Yes.');
    await expect(page.getByText('2 more messages, then a short pause.')).toBeVisible();
    await chat.expectAnswer('Yes.');
    await chat.ask('The second.');
    await upstream.answer('Yes.');
    await expect(page.getByText('1 more message, then a short pause.')).toBeVisible();
  });

  test('an edit that is refused keeps what was typed, and what it was to replace', async ({ chat, page, upstream }) => {
    for (const prompt of ['The first.', 'The second.', 'The third.']) {
      await chat.ask(prompt);
      await upstream.answer('Yes.');
      await expect(chat.answers).toHaveCount(['The first.', 'The second.', 'The third.'].indexOf(prompt) + 1);
      await chat.expectAnswer('Yes.');
    }
    await chat.edit(chat.prompts.first(), 'Too soon.');
    const refused = chat.prompts.last();
    await expect(refused).toHaveAttribute('data-status', 'unsent');
    await expect(refused.getByRole('alert')).toContainText('Not sent.');
    await expect(chat.messages).toHaveCount(7);
    await picture(page, 'chat-unsent-1200');
    await chat.action(refused, 'Edit').click();
    await expect(chat.editor).toHaveValue('Too soon.');
    await expect(chat.editor).toBeFocused();
  });
});
