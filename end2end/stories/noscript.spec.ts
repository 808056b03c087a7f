// Without scripts, or before they have come: the browser's own forms do the main job.
import { bot } from '../world/library.ts';
import { Chat, Documents, Doorway, Picker, alert } from '../world/pages.ts';
import { Person } from '../world/person.ts';
import { picture } from '../world/picture.ts';
import { expect, test } from '../world/story.ts';

const PLAIN = { javaScriptEnabled: false };

// Browsers fetch what a page says it will need, also where they will not run it.
test.beforeEach(({ watch }) => watch.allow(/was preloaded using link preload/, /status of 400.*\/new\//));

test('without scripts: sign up, ask, and read the answer, which comes by loading again', async ({
  parlance,
  upstream,
  anotherBrowser,
}) => {
  const page = await (await anotherBrowser(PLAIN)).newPage();
  await page.goto(`${parlance.url}/sign-up`);
  const email = Person.freshEmail();
  await new Doorway(page).signUp(email, 'a few words in a row');
  await expect(page.getByText(email)).toBeVisible();
  await new Picker(page).card('Assistant').click();

  const chat = new Chat(page);
  await chat.composer.fill('Does it work\nwithout?');
  await chat.send.click();
  await chat.expectConversation();
  const answer = await upstream.next();
  expect(answer.prompt).toBe('Does it work\nwithout?');
  // The answer's place may be there by now, or not.
  await expect(chat.prompts).toHaveCount(1);
  const again = page.getByRole('link', { name: 'look again' });
  await expect(again).toBeVisible();
  answer.say('It does');
  // What there is so far, and by itself: nobody presses anything.
  await chat.expectSoFar('It does');
  answer.say(' **so**, ');
  await chat.expectSoFar('It does so,');
  await expect(chat.text.locator('strong')).toHaveText('so');
  await expect(chat.answers.filter({ visible: true })).toHaveCount(1);
  await picture(page, 'noscript-running');
  await again.click();
  answer.say('to be sure.');
  answer.finish();
  await chat.expectAnswer('It does so, to be sure.');
  await expect(again).toHaveCount(0);
  await picture(page, 'noscript-answered');

  await chat.composer.fill('And again?');
  await chat.send.click();
  await upstream.answer('And again.');
  await chat.expectAnswer('And again.');
  await expect(chat.prompts).toHaveCount(2);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto(parlance.url);
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('without scripts: an answer is stopped, and what cannot be sent is kept', async ({
  parlance,
  person,
  upstream,
  anotherBrowser,
}) => {
  const plain = await anotherBrowser(PLAIN);
  await person.comesTo(plain);
  const page = await plain.newPage();
  await page.goto(`${parlance.url}/new/${await person.chatbot('Assistant')}`);
  const chat = new Chat(page);
  await chat.send.click();
  await expect(alert(page)).toHaveText('Please write something first.');
  await page.getByLabel('Your message').fill('Now I do');
  await page.getByRole('button', { name: 'Send again' }).click();
  await chat.expectConversation();
  const answer = await upstream.next();
  answer.say('Once ', 'upon ');
  await chat.expectSoFar('Once upon');
  await chat.stop.click();
  await answer.hungUp;
  await chat.expectAnswer('Once upon', 'stopped');
});

test('without scripts: a chatbot is given files, and one of them is deleted', async ({
  parlance,
  person,
  anotherBrowser,
  watch,
}) => {
  watch.allow(/status of 400.*\/documents/);
  const plain = await anotherBrowser(PLAIN);
  await person.comesTo(plain);
  const page = await plain.newPage();
  const { id } = await bot(person);
  await page.goto(`${parlance.url}/bot/${id}/documents`);
  const documents = new Documents(page);
  const file = (name: string, text: string) => ({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) });
  await documents.give(file('One.md', 'The first kettle sings.'), file('Two.md', 'The second one whistles.'));
  const send = page.getByRole('button', { name: 'Send', exact: true });
  await send.click();
  await expect(page.getByRole('status').filter({ hasText: 'The files were sent' })).toBeVisible();
  const lines = documents.lines.filter({ visible: true });
  await expect(lines).toHaveCount(2);
  await expect(async () => {
    await page.reload();
    for (const name of ['One.md', 'Two.md']) {
      await expect(documents.line(name)).toHaveAttribute('data-state', 'ready', { timeout: 100 });
    }
  }).toPass();
  await picture(page, 'noscript-documents');

  await documents.give(file('Empty.md', ''));
  await send.click();
  await expect(alert(page)).toContainText('Empty.md is empty');
  await documents.line('One.md').locator('summary').click();
  await page.getByRole('button', { name: 'Delete One.md' }).click();
  await expect(lines).toHaveCount(1);
  await expect(documents.line('Two.md')).toBeVisible();
});

test('without scripts: a wrong password is said, and the address is kept', async ({
  parlance,
  person,
  anotherBrowser,
  watch,
}) => {
  watch.allow(/status of 401.*\/sign-in/);
  const page = await (await anotherBrowser(PLAIN)).newPage();
  await page.goto(`${parlance.url}/sign-in`);
  const doorway = new Doorway(page);
  await doorway.signIn(person.email, 'not the words');
  await expect(doorway.problem).toHaveText(/password/i);
  await expect(doorway.email).toHaveValue(person.email);
  await doorway.signIn(person.email, person.password);
  await expect(new Picker(page).heading).toBeVisible();
});

test('what is sent before the page is awake is sent by the browser itself', async ({
  page,
  context,
  parlance,
  person,
  upstream,
}) => {
  await person.comesTo(context);
  // The wasm never comes.
  await page.route(/\.wasm$/, () => {});
  await page.goto(`${parlance.url}/new/${await person.chatbot('Assistant')}`, { waitUntil: 'commit' });
  const chat = new Chat(page);
  await chat.composer.fill('Too early?');
  await chat.send.click();
  await upstream.answer('Not at all.');
  await chat.expectConversation();
  await expect
    .poll(async () => (await person.stored(page.url())).map(({ message }) => message))
    .toEqual(['Too early?', 'Not at all.']);
});
