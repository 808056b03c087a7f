// What every story is given: a running program, a model under its control, a person, and a browser that is watched.
import { type BrowserContext, type Page, test as base } from '@playwright/test';
import { Line } from './line.ts';
import { Chat, open } from './pages.ts';
import { Parlance } from './parlance.ts';
import { Person } from './person.ts';
import { Upstream } from './upstream.ts';
import { Watch } from './watch.ts';

interface Worker {
  /** A model that says what the story wants. */
  upstream: Upstream;
  /** The program with that model, shared by the stories of a worker. */
  shared: Parlance;
}

interface Story {
  /** The program that this story's pages come from. A story that kills it brings its own. */
  parlance: Parlance;
  watch: Watch;
  /** A line to the program, for whoever comes by its address: see `Person.comesTo` and `newChat`. */
  line: Line;
  /** Somebody with an account. */
  person: Person;
  /** Another browser, of the same machine or of another one. */
  anotherBrowser: (options?: Parameters<import('@playwright/test').Browser['newContext']>[0]) => Promise<BrowserContext>;
  /** A new chat with the assistant: the page of a reader who is signed in. */
  chat: Chat;
}

export const test = base.extend<Story, Worker>({
  upstream: [
    async ({}, use) => {
      const upstream = await Upstream.start();
      await use(upstream);
      await upstream.stop();
    },
    { scope: 'worker' },
  ],
  shared: [
    async ({ upstream }, use) => {
      const parlance = await Parlance.start({ openai: upstream.url });
      await use(parlance);
      await parlance.remove();
    },
    { scope: 'worker' },
  ],
  parlance: async ({ shared }, use) => use(shared),
  watch: [
    async ({ parlance }, use) => {
      const watch = new Watch();
      watch.home(parlance.url);
      await use(watch);
      watch.expectPeace();
    },
    { auto: true },
  ],
  line: async ({ parlance, watch }, use) => {
    const line = await Line.to(parlance.port);
    watch.home(line.url);
    await use(line);
    line.remove();
  },
  context: async ({ context, watch }, use) => {
    watch.over(context);
    await use(context);
  },
  anotherBrowser: async ({ browser, watch }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, serviceWorkers: 'block', ...options });
      watch.over(context);
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
  person: async ({ parlance }, use) => use(await Person.signUp(parlance.url)),
  chat: async ({ page, context, parlance, person }, use) => {
    await person.comesTo(context);
    await use(await newChat(page, parlance.url, person));
  },
});

/** Opens a new chat with the assistant. */
export async function newChat(page: Page, url: string, person: Person): Promise<Chat> {
  await open(page, `${url}/new/${await person.chatbot('Assistant')}`);
  return new Chat(page);
}

export { expect } from '@playwright/test';
