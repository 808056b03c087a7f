// Every part of the interface in every state looks as it did: pictures of /design beside those in `baselines/`.
//
// A change that is meant: `npx playwright test design.spec.ts --update-snapshots`, look at the new pictures, commit them.
// The pictures are of the fonts of the machine they were made on (Debian 12: Liberation, DejaVu; Chromium of Debian).
import { expectAccessible } from '../world/axe.ts';
import { tooWide } from '../world/picture.ts';
import { Parlance } from '../world/parlance.ts';
import { expect, test as base } from '../world/story.ts';

const test = base.extend({
  parlance: async ({ upstream }, use) => {
    const parlance = await Parlance.start({ openai: upstream.url }, { PARLANCE_DESIGN: 'true' });
    await use(parlance);
    await parlance.remove();
  },
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every part looks as it did, in the ${colorScheme}`, async ({ page, parlance }) => {
    await page.setViewportSize({ width: 900, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(`${parlance.url}/design`);
    await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
    await expect.poll(() => tooWide(page)).toEqual([]);
    const parts = await page.locator('[data-part]').evaluateAll((parts) => parts.map((part) => part.getAttribute('data-part') ?? ''));
    expect(parts.length).toBeGreaterThan(10);
    for (const part of parts) {
      await expect.soft(page.locator(`[data-part="${part}"]`)).toHaveScreenshot(`${part}-${colorScheme}.png`);
    }
  });
}

test('every part can be used by all, also with more contrast and with colours of one\'s own', async ({ page, parlance }) => {
  await page.goto(`${parlance.url}/design`);
  await expectAccessible(page, 'the parts by day');
  await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' });
  await expectAccessible(page, 'with more contrast');
  await page.emulateMedia({ forcedColors: 'active', contrast: null });
  // What is filled with colour only would not be seen: it has an edge then.
  for (const part of ['.button', '.composer__send', '.avatar', '.cite', '.message--user .message__text']) {
    const edge = await page.locator(part).first().evaluate((element) => {
      const { borderTopWidth, forcedColorAdjust } = getComputedStyle(element);
      return forcedColorAdjust === 'none' || borderTopWidth !== '0px';
    });
    expect(edge, part).toBe(true);
  }
});

base('nobody sees the page of parts who did not ask for it', async ({ page, parlance, watch }) => {
  watch.allow(/status of 404.*\/design/);
  const answer = await page.goto(`${parlance.url}/design`);
  expect(answer?.status()).toBe(404);
});
