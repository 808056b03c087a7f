// 2,000 messages of 1 KB, the next answer coming at 200 tokens a second, and a processor four times as slow: the reader
// writes, scrolls and waits, and is never kept waiting.
//
// PERF_SECONDS says how long (300), PERF_PROMPTS how long the conversation is (1000), PERF_TOKENS how long each further
// answer is (250: some 1 KB, as the others are).
import { expectAtTheEnd, nodes, scrollBy, talkLong } from '../world/long.ts';
import { Chat, open } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { Person } from '../world/person.ts';
import { expect, test } from '../world/story.ts';
import { type Answer, Upstream } from '../world/upstream.ts';
import { figure, percentile } from './figures.ts';

const SECONDS = Number(process.env.PERF_SECONDS ?? 300);
const PROMPTS = Number(process.env.PERF_PROMPTS ?? 1000);
/** An answer is so long; then the next one is asked for. */
const TOKENS = Number(process.env.PERF_TOKENS ?? 250);
const KB = 'Markdown of *some* length, with `code` and [a link](https://example.org). '.repeat(20).slice(0, 1000);

const answers = (prompt: string) => (prompt.startsWith('Question') ? KB : null);

/** Says tokens at 200 a second: prose with lists and code, as models do. Resolves at the end of the answer. */
async function stream(answer: Answer, until: () => boolean): Promise<void> {
  const words = 'The **kettle** boils at `100` degrees, and its water *rises* in small bubbles. '.split(/(?<= )/);
  const start = Date.now();
  for (let said = 0; said < TOKENS && !until(); ) {
    const due = Math.min(TOKENS, Math.floor((Date.now() - start) / 5));
    for (; said < due; said += 1) {
      const at = said % 120;
      if (at === 0) answer.say('\n\n## A heading\n\n');
      else if (at % 40 === 0) answer.say('\n- ');
      else if (at === 100) answer.say('\n\n```rust\nfn main() {}\n```\n\n');
      else answer.say(words[said % words.length] ?? '');
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  answer.finish();
}

test('a long chat stays quick while an answer is written', async ({ page, context, watch }) => {
  const upstream = await Upstream.start(answers);
  const parlance = await Parlance.start({ openai: upstream.url }, { PARLANCE_MESSAGES_PER_MINUTE: '1000000' });
  watch.home(parlance.url);
  const person = await Person.signUp(parlance.url);
  await person.comesTo(context, parlance.url);
  const path = await talkLong(page, parlance.url, person, PROMPTS, KB.slice(0, 980));
  await open(page, parlance.url + path);
  await expectAtTheEnd(page);

  // Everything is read in, as by somebody who goes back to the beginning.
  const earlier = page.getByRole('button', { name: 'Show earlier messages' });
  while (await earlier.isVisible()) {
    await page.locator('.log').evaluate((log) => {
      log.scrollTop = 0;
    });
    await scrollBy(page, 0);
  }
  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await expectAtTheEnd(page);

  await page.evaluate(() => {
    const seen = { tasks: [] as { start: number; ms: number }[], delays: [] as number[], shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) seen.tasks.push({ start: startTime, ms: duration });
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as PerformanceEventTiming[]) {
        if (entry.name === 'keydown') seen.delays.push(entry.processingStart - entry.startTime);
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
        if (!entry.hadRecentInput) seen.shift += entry.value;
      }
    }).observe({ type: 'layout-shift' });
  });
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });

  // What is done for measuring is no task of the page's.
  const measuring: { from: number; to: number }[] = [];
  const now = () => page.evaluate(() => performance.now());
  const apart = async <T>(measure: () => Promise<T>) => {
    const from = await now();
    const measured = await measure();
    measuring.push({ from, to: await now() });
    return measured;
  };
  const memory = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const script = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
    const wasm = await page.evaluate(async () => {
      const script = performance.getEntriesByType('resource').find(({ name }) => /\/pkg\/[^/]+\.js$/.test(name));
      // The module that the page has already: it gives what it has.
      const { memory } = await (await import(script!.name)).default();
      return memory.buffer.byteLength as number;
    });
    return (script + wasm) / 2 ** 20;
  };

  const chat = new Chat(page);
  const start = Date.now();
  const over = () => Date.now() - start > SECONDS * 1000;
  let keys = 0;
  let most = 0;
  const heaps: number[] = [];
  for (let round = 1; !over(); round += 1) {
    await chat.ask(`Tell me more, ${round}`);
    const answer = await upstream.next();
    let ended = false;
    const said = stream(answer, over).then(() => {
      ended = true;
    });
    while (!ended) {
      // The next thought is written while the answer grows.
      await chat.composer.pressSequentially('and then ', { delay: 120 });
      keys += 9;
      most = Math.max(most, await apart(() => nodes(page)));
      if (round % 3 === 0) {
        // What was said before is looked at meanwhile.
        for (const way of [-700, -700, -700, 700, 700, 700]) await scrollBy(page, way);
      }
    }
    await said;
    await expect(chat.answer).toHaveAttribute('data-status', 'complete', { timeout: 60_000 });
    heaps.push(await apart(memory));
  }
  const seen = await page.evaluate(
    () => (window as unknown as { seen: { tasks: { start: number; ms: number }[]; delays: number[]; shift: number } }).seen,
  );
  const isOwn = (task: { start: number; ms: number }) =>
    !measuring.some(({ from, to }) => task.start < to && task.start + task.ms > from);
  const tasks = seen.tasks.filter(isOwn);
  const slow = tasks.map(({ ms }) => Math.round(ms)).sort((one, other) => other - one);
  console.log('tasks over 50 ms', slow.length, 'the longest', slow.slice(0, 20).join(' '));
  // What took less than a frame is not told.
  const delays = [...seen.delays, ...Array.from({ length: Math.max(0, keys - seen.delays.length) }, () => 0)];
  figure('long chat: input delay p95, ms', percentile(delays, 95), { most: 50 });
  figure('long chat: longest task, ms', Math.max(0, ...tasks.map(({ ms }) => ms)), { most: 100 });
  figure('long chat: nodes in the document', most, { most: 3000 });
  figure('long chat: layout shift', seen.shift, { most: 0.01 });
  const [first = 0, last = 0] = [heaps[0], heaps.at(-1)];
  console.log('heaps, MB', heaps.map((heap) => heap.toFixed(1)).join(' '));
  // What is said stays: so much the conversation itself grew, several times over.
  figure('long chat: memory gained, MB', last - first, { most: 3 + (heaps.length * TOKENS * 6 * 8) / 2 ** 20 });
  await parlance.remove();
  await upstream.stop();
});
