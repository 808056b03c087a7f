// Lighthouse on the pages that people see first, as a phone on a slow network would have them.
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';
import { talkLong } from '../world/long.ts';
import { Parlance } from '../world/parlance.ts';
import { Person } from '../world/person.ts';
import { chromiumPath, chromiumSwitches } from '../world/setting.ts';
import { expect, test } from '../world/story.ts';
import { Upstream } from '../world/upstream.ts';
import { figure } from './figures.ts';

const ANSWER = `A kettle boils when its water reaches **100 °C** at sea level.

| height | degrees |
|---|---|
| 0 m | 100 |
| 3,000 m | 90 |

\`\`\`rust
fn boils(degrees: f64) -> bool { degrees >= 100.0 }
\`\`\`
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('the first pages are quick and good', async ({ watch }) => {
  const upstream = await Upstream.start(ANSWER);
  const parlance = await Parlance.start({ openai: upstream.url }, { PARLANCE_MESSAGES_PER_MINUTE: '100000' });
  watch.home(parlance.url);
  const port = await freePort();
  const profile = await mkdtemp(join(tmpdir(), 'parlance-perf-'));
  // Lighthouse opens pages of its own, in the browser's first context.
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    args: [...chromiumSwitches, `--remote-debugging-port=${port}`],
  });
  const judge = async (name: string, url: string) => {
    const judged = await lighthouse(url, {
      port,
      logLevel: 'error',
      output: 'json',
      onlyCategories: ['performance', 'accessibility', 'best-practices'],
    });
    const { categories, audits, finalDisplayedUrl } = judged!.lhr;
    expect(finalDisplayedUrl, 'it is the page that was meant').toBe(url);
    const score = (category: string) => Math.round((categories[category]?.score ?? 0) * 100);
    figure(`${name}: performance`, score('performance'), { least: 95 });
    figure(`${name}: accessibility`, score('accessibility'), { least: 100 });
    figure(`${name}: best practices`, score('best-practices'), { least: 100 });
    figure(`${name}: largest contentful paint, ms`, audits['largest-contentful-paint']?.numericValue ?? Infinity, { most: 1500 });
    for (const metric of ['first-contentful-paint', 'speed-index', 'total-blocking-time', 'cumulative-layout-shift', 'interactive']) {
      console.log(`    ${metric}: ${audits[metric]?.displayValue}`);
    }
    const requests = (audits['network-requests']?.details as { items?: { url: string; transferSize: number }[] } | undefined)?.items ?? [];
    for (const { url, transferSize } of requests) console.log(`    ${url} ${transferSize}`);
    figure(`${name}: requests`, requests.length, { most: 8 });
    figure(`${name}: KB over the network`, requests.reduce((sum, { transferSize }) => sum + transferSize, 0) / 1024, { most: 205 });
    const wanting = Object.values(audits).filter(
      ({ score, scoreDisplayMode }) => score !== null && score < 1 && ['binary', 'metricSavings', 'numeric'].includes(scoreDisplayMode),
    );
    for (const { id, displayValue = '' } of wanting) console.log(`    not perfect: ${id} ${displayValue}`);
  };

  await judge('sign-in', `${parlance.url}/sign-in`);
  const person = await Person.signUp(parlance.url);
  await person.comesTo(browser, parlance.url);
  await judge('picker', `${parlance.url}/`);
  const page = await browser.newPage();
  const path = await talkLong(page, parlance.url, person, 10);
  await page.close();
  await judge('chat', parlance.url + path);
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  await parlance.remove();
  await upstream.stop();
});
