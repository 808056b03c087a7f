// From the list to what was looked for: at its message, on its branch; and the list of one chatbot alone.
import type { Page } from '@playwright/test';
import { expectAccessible } from '../world/axe.ts';
import { bot } from '../world/library.ts';
import { talkLong } from '../world/long.ts';
import { Chat, awake, drawn, open } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { Person } from '../world/person.ts';
import { picture } from '../world/picture.ts';
import { expect, newChat, test } from '../world/story.ts';
import { Upstream } from '../world/upstream.ts';

test('a message that was found is looked at, where it stands, also on another branch', async ({ chat, page, context, person, upstream }) => {
  for (const number of [1, 2, 3]) {
    await chat.ask(`Prompt number ${number}.`);
    await upstream.answer(`${'Words about nothing. '.repeat(60)}\n\nAnswer ${number}.`);
    await expect(chat.answer).toHaveAttribute('data-status', 'complete');
    await expect(chat.text).toContainText(`Answer ${number}.`);
  }
  await chat.edit(chat.prompts.nth(1), 'The zephyr blows.');
  await upstream.answer('It does.');
  await chat.expectAnswer('It does.');
  await chat.expectConversation();

  // On the branch that is shown.
  await page.getByRole('searchbox').fill('number 1');
  await page.locator('.history__line:has(.history__snippet)').first().click();
  await expect(page).toHaveURL(/\/c\/[0-9a-f-]{36}\?message=[0-9a-f-]{36}$/);
  await awake(page);
  const found = page.locator('article[data-found]');
  await expect(found).toContainText('Prompt number 1.');
  await expect(found).toBeInViewport();
  await expect(found).toBeFocused();
  await expectAccessible(page, 'a message that was found');
  await picture(page, 'found');
  expect((await person.stored(page.url())).at(-1)?.message).toBe('It does.');

  // On the other one, which is chosen then.
  await page.getByRole('searchbox').fill('number 3');
  await page.locator('.history__line:has(.history__snippet)').first().click();
  await awake(page);
  await expect(found).toContainText('Prompt number 3.');
  await expect(found).toBeInViewport();
  await expect.poll(async () => (await person.stored(page.url())).at(-1)?.message).toContain('Answer 3.');
  await expect(chat.text).toContainText('Answer 3.');
  await chat.ask('And on this branch?');
  await upstream.answer('Yes.');
  await chat.expectAnswer('Yes.');

  // Without scripts it is there to be read.
  const plain = await context.browser()!.newContext({ javaScriptEnabled: false });
  await person.comesTo(plain);
  const reader = await plain.newPage();
  await reader.goto(page.url());
  await expect(reader.locator('article[data-found]')).toContainText('Prompt number 3.');
  await plain.close();
});

test('a message that was found far up in a long conversation has the focus and keeps it', async ({ page, context, watch }) => {
  const model = await Upstream.start((prompt) => `${prompt.replace('Question', 'Answer')} ${'Words about nothing. '.repeat(40)}`);
  const parlance = await Parlance.start({ openai: model.url }, { PARLANCE_MESSAGES_PER_MINUTE: '100000' });
  watch.home(parlance.url);
  const person = await Person.signUp(parlance.url);
  await person.comesTo(context, parlance.url);
  const path = await talkLong(page, parlance.url, person, 30);
  const { messages } = await person.send<{ messages: { id: string; message: string }[] }>('GET', path.replace('/c/', '/conversation/'));
  expect(messages).toHaveLength(60);
  const looked = messages.find(({ message }) => message.startsWith('Question 9.'))!;
  await open(page, `${parlance.url}${path}?message=${looked.id}`);
  const found = page.locator('article[data-found]');
  const message = (number: number) => page.getByRole('article').filter({ hasText: `Question ${number}.` });
  await expect(message(20), 'what is far from it is not in the document').toHaveCount(0);
  await drawn(page);
  await expect(found).toContainText('Question 9.');
  await expect(found).toBeInViewport();
  await expect(found).toBeFocused();
  await expect(message(10)).toHaveCount(1);
  // It would look for its server.
  await page.close();
  await parlance.remove();
  await model.stop();
});

test('older conversations that come late are not put into the list of another chatbot', async ({ page, context, parlance, person, upstream }) => {
  await person.comesTo(context);
  const { kettle } = await talkWithTwo(page, parlance.url, person, upstream);

  // As if there were more of them than one page.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(/\/conversation\?chatbot_id=/, async (route) => {
    const url = new URL(route.request().url());
    if (url.searchParams.has('cursor')) await held;
    url.searchParams.delete('cursor');
    const response = await route.fetch({ url: url.href });
    await route.fulfill({ response, json: { ...(await response.json()), next_cursor: 'behind' } });
  });
  const titles = page.locator('.history__title');
  const choice = page.getByRole('combobox', { name: 'Only with this chatbot' });
  await choice.selectOption(kettle.id);
  await expect(titles).toHaveText(['Do you whistle?']);
  const asked = page.waitForRequest(/cursor=behind/);
  await page.getByRole('button', { name: 'Show older' }).click();
  await asked;
  await choice.selectOption(await person.chatbot('Assistant'));
  await expect(titles).toHaveText(['Who are you?']);
  const came = page.waitForResponse(/cursor=behind/);
  letGo();
  await (await came).finished();
  await drawn(page);
  await expect(titles).toHaveText(['Who are you?']);
});

test('the list of one chatbot alone, which stays so from page to page', async ({ page, context, parlance, person, upstream }) => {
  await person.comesTo(context);
  const { kettle, other } = await talkWithTwo(page, parlance.url, person, upstream);
  const titles = page.locator('.history__title');
  await expect(titles).toHaveText(['Do you whistle?', 'Who are you?']);

  const choice = page.getByRole('combobox', { name: 'Only with this chatbot' });
  await choice.selectOption(kettle.id);
  await expect(titles).toHaveText(['Do you whistle?']);
  await expect(page).toHaveURL(new RegExp(`\\?bot=${kettle.id}$`));
  await expectAccessible(page, 'the list of one chatbot');
  await page.getByRole('searchbox').fill('assistant');
  await expect(page.getByText('Nothing was found for “assistant”.')).toBeVisible();
  await page.getByRole('searchbox').fill('');
  await expect(titles).toHaveText(['Do you whistle?']);
  await titles.first().click();
  await awake(page);
  await expect(choice).toHaveValue(kettle.id);
  await expect(titles).toHaveText(['Do you whistle?']);
  await other.ask('Loudly?');
  await upstream.answer('Very.');
  await other.expectAnswer('Very.');
  await expect(titles, 'also when it is read again').toHaveText(['Do you whistle?']);
  await choice.selectOption('All chatbots');
  await expect(titles).toHaveCount(2);

  // Without scripts it is a form.
  const plain = await context.browser()!.newContext({ javaScriptEnabled: false });
  await person.comesTo(plain);
  const reader = await plain.newPage();
  await reader.goto(parlance.url);
  await reader.getByRole('combobox').selectOption(kettle.id);
  await reader.getByRole('button', { name: 'Show' }).click();
  await expect(reader.locator('.history__title')).toHaveText(['Do you whistle?']);
  await plain.close();
});

/** A talk with the assistant, and one with a kettle, where the page is then. */
async function talkWithTwo(page: Page, url: string, person: Person, upstream: Upstream) {
  const kettle = await bot(person);
  const chat = await newChat(page, url, person);
  await chat.ask('Who are you?');
  await upstream.answer('An assistant.');
  await chat.expectAnswer('An assistant.');
  await open(page, `${url}/new/${kettle.id}`);
  const other = new Chat(page);
  await other.ask('Do you whistle?');
  await upstream.answer('I whistle.');
  await other.expectAnswer('I whistle.');
  return { kettle, other };
}
