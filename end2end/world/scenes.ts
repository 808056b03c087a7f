// Every page in every state that is worth looking at, reached as a reader reaches it.
import type { BrowserContext, Page } from '@playwright/test';
import { bot, kettle, ready } from './library.ts';
import { Chat, Documents, Doorway, alert, awake, open } from './pages.ts';
import type { Parlance } from './parlance.ts';
import type { Person } from './person.ts';
import { expect, newChat } from './story.ts';
import type { Answer, Upstream } from './upstream.ts';

/** An answer with everything that an answer may have in it. */
export const RICH = `A kettle boils when its water reaches **100 °C** at sea level; on a mountain it boils earlier.

## Why that is

1. Pressure holds the water together.
2. Less pressure, *less* heat needed.

- A lid helps
- So does \`patience\`

> Water boils when its vapour pressure equals the pressure around it.

\`\`\`python
def boiling_point(altitude_m: float) -> float:
    """Falls by about one degree every 300 metres, which is a rule of thumb and a very long line of code."""
    return 100 - altitude_m / 300
\`\`\`

| Place | Altitude | Boils at |
|---|---|---|
| Amsterdam | 0 m | 100 °C |
| La Paz | 3,640 m | 88 °C |

More at [an encyclopedia](https://example.org/kettle).`;

interface Given {
  page: Page;
  parlance: Parlance;
  person: Person;
  upstream: Upstream;
  anotherBrowser: () => Promise<BrowserContext>;
}

/** What has to be let go after a scene. */
type Leave = () => Promise<void>;

interface Scene {
  name: string;
  signedIn: boolean;
  enter(given: Given): Promise<Leave | void>;
}

async function finished(answer: Answer, chat: Chat): Promise<void> {
  answer.finish();
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
}

async function kettleChat(page: Page, parlance: Parlance, person: Person): Promise<Chat> {
  const { id } = await kettle(person);
  await open(page, `${parlance.url}/new/${id}`);
  return new Chat(page);
}

async function citedAnswer(page: Page, parlance: Parlance, person: Person, upstream: Upstream): Promise<Chat> {
  const chat = await kettleChat(page, parlance, person);
  await chat.ask('How long does the warranty of the Zephyr kettle last, and what does it cost?');
  await upstream.answer('The warranty lasts **27 months** [1], from the day on which it was bought. ', 'It costs 39 euros [2].');
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
  await expect(chat.sources.first()).toBeVisible();
  return chat;
}

export const scenes: Scene[] = [
  {
    name: 'sign-in',
    signedIn: false,
    enter: ({ page, parlance }) => open(page, `${parlance.url}/sign-in`),
  },
  {
    name: 'sign-in-refused',
    signedIn: false,
    async enter({ page, parlance, person }) {
      await open(page, `${parlance.url}/sign-in`);
      const doorway = new Doorway(page);
      await doorway.signIn(person.email, 'not the words');
      await expect(doorway.problem).toBeVisible();
    },
  },
  {
    name: 'sign-up',
    signedIn: false,
    enter: ({ page, parlance }) => open(page, `${parlance.url}/sign-up`),
  },
  {
    name: 'picker',
    signedIn: true,
    enter: ({ page, parlance }) => open(page, parlance.url),
  },
  {
    name: 'chat-empty',
    signedIn: true,
    async enter({ page, parlance, person }) {
      await newChat(page, parlance.url, person);
    },
  },
  {
    name: 'chat-streaming',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('When does a kettle boil?');
      const answer = await upstream.next();
      answer.say('A kettle boils when its water reaches **100 °C** at sea level; on a moun');
      await expect(chat.text).toContainText('on a moun');
      return () => finished(answer, chat);
    },
  },
  {
    name: 'chat-waiting',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('When does a kettle boil?');
      const answer = await upstream.next();
      await expect(chat.answer).toHaveAttribute('data-status', 'generating');
      return () => finished(answer, chat);
    },
  },
  {
    name: 'chat-history',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('When does a kettle boil? Tell me all there is to know, with a program, a table and a quotation.');
      await upstream.answer(...RICH.split(/(?<= )/));
      await expect(chat.answer).toHaveAttribute('data-status', 'complete');
      await chat.ask('Thanks!');
      await upstream.answer('You are welcome. Ask about teapots next.');
      await chat.expectAnswer('You are welcome. Ask about teapots next.');
      await page.reload();
      await awake(page);
    },
  },
  {
    name: 'chat-stopped',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('Stop in the middle.');
      const answer = await upstream.next();
      answer.say('This is the mid');
      await expect(chat.text).toHaveText('This is the mid');
      await chat.stop.click();
      await chat.expectAnswer('This is the mid', 'stopped');
    },
  },
  {
    name: 'chat-versions',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('When does a kettle boil?');
      await upstream.answer('At 100 °C.');
      await chat.expectAnswer('At 100 °C.');
      await chat.edit(chat.prompts.last(), 'When does a kettle boil on a mountain, and why does it boil earlier there?');
      await upstream.answer('Earlier: ', 'there is less air above it.');
      await chat.expectAnswer('Earlier: there is less air above it.');
      await chat.action(chat.answer, 'Regenerate').click();
      await upstream.answer('Below 100 °C, ', 'since less air presses on the water.');
      await chat.expectAnswer('Below 100 °C, since less air presses on the water.');
      await expect(chat.versions(chat.answer)).toHaveAccessibleName('Version 2 of 2');
      await page.reload();
      await awake(page);
    },
  },
  {
    name: 'chat-editing',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('When does a kettle boil?');
      await upstream.answer('At 100 °C.');
      await chat.expectAnswer('At 100 °C.');
      await chat.action(chat.prompts.last(), 'Edit').click();
      await chat.editor.fill('When does a kettle boil\non a mountain?');
    },
  },
  {
    name: 'chat-queued',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('When does a kettle boil?');
      const answer = await upstream.next();
      answer.say('At 100 °C, ');
      await expect(chat.text).toHaveText('At 100 °C,');
      await chat.ask('And a teapot?');
      await expect(chat.prompts.last()).toHaveAttribute('data-status', 'queued');
      return async () => {
        answer.finish();
        await upstream.answer('Never.');
        await chat.expectAnswer('Never.');
      };
    },
  },
  {
    name: 'chat-error',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('Fail in the middle.');
      const answer = await upstream.next();
      answer.say('This went well until');
      await expect(chat.text).toHaveText('This went well until');
      answer.breakOff();
      await expect(chat.answer).toHaveAttribute('data-status', 'failed');
      await expect(alert(page)).toBeVisible();
    },
  },
  {
    name: 'chat-elsewhere',
    signedIn: true,
    async enter({ page, parlance, person, upstream, anotherBrowser }) {
      const chat = await newChat(page, parlance.url, person);
      await chat.ask('Who is here?');
      await upstream.answer('You are.');
      await chat.expectAnswer('You are.');
      const other = await anotherBrowser();
      await person.comesTo(other);
      const there = await newChat(await other.newPage(), parlance.url, person);
      await there.composer.pressSequentially('I am');
      await chat.expectConnection('replaced');
    },
  },
  {
    name: 'chat-reading',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await kettleChat(page, parlance, person);
      await chat.ask('How long does the warranty of the Zephyr kettle last, and what does it cost?');
      const answer = await upstream.next();
      await expect(chat.answer.getByText(/^Reading: /)).toBeVisible();
      return () => finished(answer, chat);
    },
  },
  {
    name: 'chat-cited',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      await citedAnswer(page, parlance, person, upstream);
    },
  },
  {
    name: 'chat-source',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await citedAnswer(page, parlance, person, upstream);
      await chat.mark(1).click();
      await expect(chat.panel.locator('mark')).toBeVisible();
    },
  },
  {
    name: 'document',
    signedIn: true,
    async enter({ page, parlance, person, upstream }) {
      const chat = await citedAnswer(page, parlance, person, upstream);
      await open(page, `${parlance.url}${await chat.sources.first().getAttribute('href')}`);
      await expect(page.locator('mark')).toBeVisible();
    },
  },
  {
    name: 'bot-new',
    signedIn: true,
    enter: ({ page, parlance }) => open(page, `${parlance.url}/bot/new`),
  },
  {
    name: 'bot-settings',
    signedIn: true,
    async enter({ page, parlance, person }) {
      const { id } = await bot(person, { system_prompt: 'You know kettles.\n\nBe brief.', temperature: 0.7 });
      await open(page, `${parlance.url}/bot/${id}/settings`);
    },
  },
  {
    name: 'documents-none',
    signedIn: true,
    async enter({ page, parlance, person }) {
      const { id } = await bot(person);
      await open(page, `${parlance.url}/bot/${id}/documents`);
    },
  },
  {
    name: 'documents',
    signedIn: true,
    async enter({ page, parlance, person }) {
      const { id } = await kettle(person);
      await person.upload(id, { 'A file with quite a long name which nobody can read.pdf': '%PDF-1.7 and no more' });
      await ready(person, id, 3);
      // One on its way, which never arrives.
      await page.route('**/document', (route) => (route.request().method() === 'POST' ? undefined : route.continue()));
      await open(page, `${parlance.url}/bot/${id}/documents`);
      const documents = new Documents(page);
      await documents.give({ name: 'Tea.txt', mimeType: 'text/plain', buffer: Buffer.from('Tea.') });
      await expect(documents.line('Tea.txt')).toHaveAttribute('data-state', 'busy');
    },
  },
  {
    name: 'documents-question',
    signedIn: true,
    async enter({ page, parlance, person }) {
      const { id } = await kettle(person);
      await open(page, `${parlance.url}/bot/${id}/documents`);
      await page.getByRole('button', { name: 'Delete Prices.md' }).click();
      await expect(new Documents(page).question).toBeVisible();
    },
  },
  {
    name: 'playground',
    signedIn: true,
    async enter({ page, parlance, person }) {
      const { id } = await kettle(person);
      await open(page, `${parlance.url}/bot/${id}/playground?ask=How+long+does+the+warranty+last%3F`);
      await expect(page.getByText(/^The best/)).toBeVisible();
    },
  },
  {
    name: 'picker-mine',
    signedIn: true,
    async enter({ page, parlance, person }) {
      await bot(person);
      await open(page, parlance.url);
    },
  },
  {
    name: 'account',
    signedIn: true,
    async enter({ page, parlance, person, anotherBrowser }) {
      await person.comesTo(await anotherBrowser());
      await open(page, `${parlance.url}/account?done=look`);
    },
  },
  {
    name: 'account-refused',
    signedIn: true,
    async enter({ page, parlance }) {
      await open(page, `${parlance.url}/account`);
      await page.getByLabel('Your password now').fill('not the words');
      await page.getByLabel('The new one').fill('other words in a row');
      await page.getByRole('button', { name: 'Change password' }).click();
      await expect(page.getByText('This is not your password.')).toBeVisible();
      await awake(page);
    },
  },
  {
    name: 'account-delete',
    signedIn: true,
    enter: ({ page, parlance }) => open(page, `${parlance.url}/account/delete`),
  },
  {
    name: 'nothing-here',
    signedIn: true,
    enter: ({ page, parlance }) => open(page, `${parlance.url}/no/such/place`),
  },
];
