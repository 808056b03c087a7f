// Long conversations: said over the socket as any client does, without a page; and what a page has in it of one.
import { type Page, expect } from '@playwright/test';
import type { Person } from './person.ts';

/** How the prompts of a long conversation begin, whatever is said in it. */
export const QUESTION = 'Question ';

/** Says as many prompts, each when the answer before it is there. Gives the path of the conversation. */
export async function talkLong(page: Page, url: string, person: Person, prompts: number, filler = ''): Promise<string> {
  const bot = await person.chatbot('Assistant');
  // From a page of the same origin: the socket asks where it comes from.
  await page.goto(url);
  const conversation = await page.evaluate(
    async ({ bot, jwt, prompts, question, filler }) => {
      const post = async (path: string, body: object) => {
        const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
        const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
        if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
        return answer.json();
      };
      const { session_id, conversation_id } = await post(`/chatbot/${bot}/session`, { new_conversation: true });
      const { ticket } = await post('/auth/ticket', { session_id });
      const socket = new WebSocket(`/ws/chat/${session_id}?token=${encodeURIComponent(ticket)}`);
      await new Promise<void>((resolve, reject) => {
        let said = 0;
        const say = () => {
          said += 1;
          const message = `${question}${said}. ${filler}`.trim();
          socket.send(JSON.stringify({ message_type: 'text', message }));
        };
        socket.onclose = (event) => reject(new Error(`the socket closed: ${event.code}`));
        socket.onmessage = ({ data }) => {
          const event = JSON.parse(data);
          if (event.type === 'error') reject(new Error(event.message));
          else if (event.type === 'session_info') say();
          else if (event.type === 'response_complete') said < prompts ? say() : resolve();
        };
      });
      socket.onclose = null;
      socket.close();
      return conversation_id as string;
    },
    { bot, jwt: person.jwt, prompts, question: QUESTION, filler },
  );
  return `/c/${conversation}`;
}

/** Everything in the document: elements, texts, comments. */
export async function nodes(page: Page): Promise<number> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
    let count = 1;
    while (walker.nextNode()) count += 1;
    return count;
  });
}

/** A message in view: its name in the document, and how far its top is below that of the view. */
export interface InView {
  id: string;
  text: string;
  top: number;
}

/** The messages that can be seen, from the top. */
export async function inView(page: Page): Promise<InView[]> {
  return page.locator('.log').evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    return [...log.querySelectorAll('article')]
      .map((article) => ({ article, place: article.getBoundingClientRect() }))
      .filter(({ place }) => place.bottom > top && place.top < bottom)
      .map(({ article, place }) => ({
        id: article.id,
        text: article.querySelector('.message__text')?.textContent ?? '',
        top: place.top - top,
      }));
  });
}

/** Scrolls by so many pixels and waits until what that asks for is drawn. */
export async function scrollBy(page: Page, pixels: number): Promise<void> {
  await page.locator('.log').evaluate(async (log, pixels) => {
    log.scrollTop += pixels;
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  }, pixels);
}

/** The numbers of the questions in these messages, in order. */
export function numbers(messages: InView[]): number[] {
  const number = ({ text }: InView) => Number(new RegExp(`^${QUESTION}(\\d+)\\.`).exec(text)?.[1] ?? 0);
  return messages.map(number).filter((number) => number > 0);
}

/** Waits until the page rests at the end of its conversation. */
export async function expectAtTheEnd(page: Page): Promise<void> {
  await expect
    .poll(() => page.locator('.log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight))
    .toBeLessThan(48);
}
