// What a page looks like: pictures for people, and the one thing about layout that a machine can see.
import { join } from 'node:path';
import type { Page } from '@playwright/test';

const SCREENS = join(import.meta.dirname, '../artefacts/screens');

/** Takes a picture of what the reader sees. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}

/** What scrolls sideways, but for code and tables, which scroll in themselves. */
export async function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrolls = (element: Element) =>
      element === document.scrollingElement || ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
    return [...document.querySelectorAll('*')]
      .filter((element) => !element.matches('pre, .table, .ledger__scroll, textarea, input'))
      .filter((element) => scrolls(element) && element.scrollWidth > element.clientWidth)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}: ${element.scrollWidth} > ${element.clientWidth}`);
  });
}
