// The network goes, the server goes: the answer does not.
import { alert, awake } from '../world/pages.ts';
import { NO_NETWORK } from '../world/line.ts';
import { Parlance } from '../world/parlance.ts';
import { Person } from '../world/person.ts';
import { expect, newChat, test } from '../world/story.ts';

/** Words that cannot be told apart when one is missing or comes twice, unless they are numbered. */
function words(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `w${from + index} `);
}

test('the line is cut in mid-answer: the page says so, comes back, and has every word once', { tag: '@mongodb' }, async ({
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
  await chat.ask('Count to sixty.');
  const answer = await upstream.next();
  answer.say(...words(1, 20));
  await expect(chat.text).toHaveText(answer.said.trim());

  line.cut();
  await chat.expectConnection(/waiting|opening/);
  await expect(page.getByText('Connection lost. Trying again…')).toBeVisible();
  answer.say(...words(21, 40));
  line.mend();
  await chat.expectConnection('open');
  await expect(chat.text).toHaveText(answer.said.trim());
  answer.say(...words(41, 60));
  answer.finish();

  await chat.expectAnswer(answer.said.trim());
  expect((await person.stored(page.url())).at(-1)!.message).toBe(answer.said);
});

test('the line falls silent while the answer ends: back on the network, the page notices and reads the end', { tag: '@mongodb' }, async ({
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
  await chat.ask('Count to twenty.');
  const answer = await upstream.next();
  answer.say(...words(1, 10));
  await expect(chat.text).toHaveText(answer.said.trim());

  line.silence();
  await context.setOffline(true);
  answer.say(...words(11, 20));
  answer.finish();
  line.mend();
  await context.setOffline(false);
  await chat.expectAnswer(answer.said.trim());
});

test('a prompt written while the network is away is sent when it is back, once', { tag: '@mongodb' }, async ({
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
  await chat.ask('Second, from the tunnel.');
  await expect(chat.prompts.last()).toHaveAttribute('data-status', 'sending');
  line.mend();
  await upstream.answer('Two.');
  await chat.expectAnswer('Two.');
  expect((await person.stored(page.url())).map((message) => message.message)).toEqual([
    'First.',
    'One.',
    'Second, from the tunnel.',
    'Two.',
  ]);
});

test('a session that ended while the network was away is nothing to be told: the next prompt has another', async ({
  page,
  context,
  parlance,
  line,
  person,
  upstream,
  watch,
}) => {
  watch.allow(...NO_NETWORK, /status of 404.*\/auth\/ticket/);
  await person.comesTo(context, line.url);
  const chat = await newChat(page, line.url, person);
  const opened = page.waitForResponse('**/chatbot/*/session');
  await chat.ask('First.');
  await upstream.answer('One.');
  await chat.expectAnswer('One.');
  const { session_id } = await (await opened).json();

  line.cut();
  await chat.expectConnection(/waiting|opening/);
  const headers = { authorization: `Bearer ${person.jwt}` };
  const ended = await fetch(`${parlance.url}/chatbot/session/${session_id}`, { method: 'DELETE', headers });
  expect(ended.status).toBe(204);
  line.mend();
  await chat.expectConnection('idle');
  await expect(alert(page)).toHaveCount(0);
  await chat.ask('Second.');
  await upstream.answer('Two.');
  await chat.expectAnswer('Two.');
  await expect(alert(page)).toHaveCount(0);
});

test('an answer whose end was missed, and that cannot be read at first, is read a little later', async ({
  chat,
  page,
  person,
  upstream,
  watch,
}) => {
  watch.allow(/status of 503/);
  await chat.ask('Take your time.');
  const answer = await upstream.next();
  answer.say('So far');
  await expect(chat.text).toHaveText('So far');
  await chat.expectConversation();

  // The page is loaded in mid-answer, and its socket opens only when that is at its end.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/auth/ticket', async (route) => {
    await held;
    await route.continue();
  });
  let refused = 0;
  await page.route('**/conversation/*', async (route) => {
    if ((await page.locator('main').getAttribute('data-connection')) === 'open') refused += 1;
    await route.fulfill({ status: 503, body: 'The database is away' });
  });
  await page.reload();
  await awake(page);
  await expect(chat.answer).toHaveAttribute('data-status', 'generating');
  answer.say(' and to the end.');
  answer.finish();
  await expect.poll(async () => (await person.stored(page.url())).at(-1)?.status).toBe('complete');
  letGo();
  await chat.expectConnection('open');
  await expect.poll(() => refused).toBeGreaterThan(0);
  await page.unroute('**/conversation/*');
  await chat.expectAnswer('So far and to the end.');
  await expect(chat.send).toBeVisible();
});

test('nobody is there to see the end: it is stored all the same', { tag: '@mongodb' }, async ({ chat, page, person, upstream }) => {
  await chat.ask('Write to the empty room.');
  const answer = await upstream.next();
  answer.say('Is ');
  await expect(chat.text).toHaveText('Is');
  await chat.expectConversation();
  const address = page.url();
  await page.goto('about:blank');
  answer.say('anybody ', 'here?');
  answer.finish();
  await expect
    .poll(async () => (await person.stored(address)).at(-1))
    .toMatchObject({ message: 'Is anybody here?', status: 'complete' });
  await page.goto(address);
  await awake(page);
  await chat.expectAnswer('Is anybody here?');
});

test('the user leaves before the first word: the answer is written and found', { tag: '@mongodb' }, async ({ chat, page, person, upstream }) => {
  await chat.ask('I will not wait.');
  const answer = await upstream.next();
  await chat.expectConversation();
  const address = page.url();
  await page.goto('about:blank');
  answer.say('You ', 'came back.');
  answer.finish();
  await expect.poll(async () => (await person.stored(address)).at(-1)?.status).toBe('complete');
  await page.goto(address);
  await awake(page);
  await chat.expectAnswer('You came back.');
});

test.describe('with a program of its own', () => {
  test.use({
    parlance: async ({ upstream }, use) => {
      const parlance = await Parlance.start({ openai: upstream.url });
      await use(parlance);
      await parlance.remove();
    },
  });
  test.beforeEach(({ watch }) => watch.allow(...NO_NETWORK, /status of 503/));

  test('kill -9 in mid-answer: the page comes back by itself and shows what was kept, marked', { tag: '@mongodb' }, async ({
    chat,
    page,
    parlance,
    person,
    upstream,
  }) => {
    await chat.ask('Count, and be cut off.');
    const answer = await upstream.next();
    const talk = answer.talk();
    await expect(chat.text).toContainText('w100 ');
    const died = Date.now();
    await parlance.kill();
    talk.stop();
    await chat.expectConnection(/waiting|opening/);
    await parlance.startAgain();
    await chat.expectConnection('open');
    await expect(chat.answer).toHaveAttribute('data-status', 'interrupted');
    await expect(chat.answer).toContainText('This answer was interrupted.');

    const kept = (await person.stored(page.url())).at(-1)!;
    expect(kept.status).toBe('interrupted');
    // An exact prefix, and not much shorter than what was said: a quarter of a second is promised, a busy machine is
    // given a second.
    expect(answer.said.startsWith(kept.message)).toBe(true);
    expect(kept.message.length).toBeGreaterThanOrEqual(talk.saidAt(died - 1000).length);
    await expect(chat.text).toHaveText(kept.message.trim());

    await chat.ask('Are you well?');
    await upstream.answer('Quite well.');
    await chat.expectAnswer('Quite well.');
    await page.reload();
    await awake(page);
    await expect(chat.messages).toHaveCount(4);
    await expect(chat.answers.first()).toHaveAttribute('data-status', 'interrupted');
    await expect(chat.answers.first().locator('.message__text')).toHaveText(kept.message.trim());
  });

  test('an orderly restart in mid-answer: the answer is finished first, and the page finds it', { tag: '@mongodb' }, async ({
    chat,
    page,
    parlance,
    person,
    upstream,
  }) => {
    await chat.ask('Finish your sentence.');
    const answer = await upstream.next();
    answer.say(...words(1, 5));
    await expect(chat.text).toHaveText(answer.said.trim());
    const stopped = parlance.stop();
    await chat.expectConnection(/waiting|opening/);
    answer.say(...words(6, 12));
    answer.finish();
    await stopped;
    await parlance.startAgain();
    await chat.expectConnection('open');
    await chat.expectAnswer(answer.said.trim());
    expect((await person.stored(page.url())).at(-1)!.message).toBe(answer.said);
  });
});
