// Before the page is awake, and where scripts are off, it can be read all the same.
import { Chat, Picker, awake } from '../world/pages.ts';
import { expect, newChat, test } from '../world/story.ts';

test('without scripts: chatbots, conversations and messages can be read', async ({
  chat,
  page,
  parlance,
  person,
  upstream,
  anotherBrowser,
}) => {
  await chat.ask('Will this be readable?');
  await upstream.answer('Always, **even** so.');
  await chat.expectAnswer('Always, even so.');

  const plain = await anotherBrowser({ javaScriptEnabled: false });
  await person.comesTo(plain);
  const paper = await plain.newPage();
  await paper.goto(parlance.url);
  await expect(new Picker(paper).card('Parlance guide')).toBeVisible();
  const there = new Chat(paper);
  await there.history.getByRole('link', { name: 'Will this be readable?' }).click();
  await expect(paper).toHaveURL(page.url());
  await there.expectAnswer('Always, even so.');
  await expect(there.text.locator('strong')).toHaveText('even');
});

test('what is typed before the page is awake is still there after, and can be sent', async ({
  page,
  context,
  parlance,
  person,
  upstream,
}) => {
  await person.comesTo(context);
  // The wasm comes late, as on a bad line.
  let arrive = () => {};
  const late = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await late;
    await route.continue();
  });
  await page.goto(`${parlance.url}/new/${await person.chatbot('Assistant')}`, { waitUntil: 'commit' });
  const chat = new Chat(page);
  await chat.composer.pressSequentially('I type fast');
  arrive();
  await awake(page);
  await expect(chat.composer).toHaveValue('I type fast');
  await chat.composer.press('Enter');
  await upstream.answer('I see.');
  await chat.expectAnswer('I see.');
});

test('what was left unsent is not lost to what is typed before the page is awake', async ({ page, context, parlance, person }) => {
  await person.comesTo(context);
  const chat = await newChat(page, parlance.url, person);
  await chat.composer.fill('half a thought');
  let arrive = () => {};
  const late = new Promise<void>((resolve) => (arrive = resolve));
  await page.route(/\.wasm$/, async (route) => {
    await late;
    await route.continue();
  });
  await page.goto(page.url(), { waitUntil: 'commit' });
  await chat.composer.pressSequentially('I type fast');
  arrive();
  await awake(page);
  await expect(chat.composer).toHaveValue('half a thought\n\nI type fast');
  await expect(chat.composer).toBeFocused();
  await page.keyboard.type('.');
  await expect(chat.composer).toHaveValue('half a thought\n\nI type fast.');
});

test('wasm that does not arrive is asked for again, and the page wakes', async ({ page, context, parlance, person, upstream, watch }) => {
  watch.allow(/Failed to load resource/);
  await person.comesTo(context);
  let asked = 0;
  await page.route(/\.wasm$/, async (route) => {
    asked += 1;
    if (asked === 1) await route.abort('connectionreset');
    else if (asked === 2) await route.fulfill({ status: 502, body: 'Bad gateway' });
    else await route.continue();
  });
  await page.goto(`${parlance.url}/new/${await person.chatbot('Assistant')}`);
  await awake(page);
  expect(asked).toBe(3);
  const chat = new Chat(page);
  await chat.ask('Are you there?');
  await upstream.answer('At last.');
  await chat.expectAnswer('At last.');
});
