// What a machine can see of accessibility.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Page, expect } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  help: string;
  nodes: { html: string; failureSummary: string; target: string[] }[];
}

/** Every rule of WCAG 2.2 AA and of good practice that axe knows. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Colours are judged as they are, not as they are on their way.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations === 1).map((one) => one.finished)));
  await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    const found = (await axe.run()).violations;
    for (const violation of found) {
      if (violation.id !== 'heading-order') continue;
      // At which level an answer begins is the model's affair.
      violation.nodes = violation.nodes.filter(({ target }) => !document.querySelector(target[0])?.closest('.prose'));
    }
    return found.filter(({ nodes }) => nodes.length > 0);
  });
  const said = violations.map(({ id, help, nodes }) => ({
    rule: `${id}: ${help}`,
    where: nodes.map((node) => `${node.html}\n${node.failureSummary}`),
  }));
  expect(said, where).toEqual([]);
}
