// A chatbot with documents, made over REST: for stories that begin when they are there.
import { expect } from '@playwright/test';
import type { Person } from './person.ts';

/** What the stories' documents say, and nothing else in the world does. */
export const WARRANTY = 'The warranty of the Zephyr kettle lasts 27 months.';

const MANUAL = `# The Zephyr kettle

The Zephyr is a kettle for two cups. It whistles when its water boils.

## Care

- Descale it once a month, with vinegar.
- Never put it into water.

## Warranty

${WARRANTY} It begins on the day on which the kettle was bought, and covers everything but the whistle.

| Part | Covered |
|---|---|
| Element | yes |
| Whistle | no |

## Addresses

Letters reach the makers of the Zephyr at Harbour Road 5.
`;

const PRICES = `# Prices

The Zephyr costs 39 euros. A tin of tea costs 4.
`;

export interface Bot {
  id: string;
  name: string;
}

/** A chatbot of this person. */
export async function bot(person: Person, settings: Record<string, unknown> = {}): Promise<Bot> {
  return person.send<Bot>('POST', '/chatbot', { name: 'Kettle', description: 'Knows the Zephyr.', colour: 'amber', ...settings });
}

/** A chatbot that knows the kettle's manual, and what it costs. */
export async function kettle(person: Person, settings: Record<string, unknown> = {}): Promise<Bot> {
  const made = await bot(person, settings);
  await person.upload(made.id, { 'Zephyr manual.md': MANUAL, 'Prices.md': PRICES });
  await ready(person, made.id, 2);
  return made;
}

/** Waits until so many documents of a chatbot are at their end. */
export async function ready(person: Person, id: string, count: number): Promise<void> {
  await expect
    .poll(async () => {
      const documents = await person.send<{ status: string }[]>('GET', `/chatbot/${id}/document`);
      return documents.filter(({ status }) => status === 'ready' || status === 'failed').length;
    }, { timeout: 60_000 })
    .toBe(count);
}
