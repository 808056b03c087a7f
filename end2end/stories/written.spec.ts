// How answers are set: code with its inks, formulas as formulas; the same while it is fresh and when it is read again.
import { expectAccessible } from '../world/axe.ts';
import { awake } from '../world/pages.ts';
import { picture, tooWide } from '../world/picture.ts';
import { expect, test } from '../world/story.ts';

const SIZES = [
  { width: 360, height: 1400 },
  { width: 768, height: 1400 },
  { width: 1440, height: 1400 },
];

const CODE = `Boil it like this:

\`\`\`rust
/// Falls by about one degree every 300 metres, which is a rule of thumb and makes for a very long line of code.
fn boiling_point(altitude: f64) -> Option<f64> {
    let falls = altitude / 300.0; // metres
    println!("it boils at {}", 100.0 - falls);
    Some(100.0 - falls)
}
\`\`\`

\`\`\`html
<p class="kettle">It <b>boils</b> &amp; sings.</p>
\`\`\`

\`\`\`
no language at all
\`\`\`

- [x] a lid
- [ ] a cup

It is so.[^1]

[^1]: At sea level.`;

const FORMULAS = `The energy is $E = mc^2$, but $5 or $10 is a price.

$$
\\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a} < x
$$

So \\(a_1 * b_1\\), and

\\[
\\sum_{n=1}^{\\infty} \\frac{1}{n^2} = \\frac{\\pi^2}{6}
\\]

| in a | table |
|---|---|
| $\\sqrt{2}$ | $\\nosuchthing{x}$ |`;

test('code has its inks when it is whole, the same when it is read again, and can be copied and wrapped', async ({
  chat,
  page,
  context,
  upstream,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await chat.ask('How?');
  const answer = await upstream.next();
  answer.say(...(CODE.match(/[\s\S]{1,9}/g) ?? []));
  await expect(chat.text).toContainText('At sea level');
  await expect(chat.text.locator('[class^="ink-"]'), 'while it is written').toHaveCount(0);
  const plain = await chat.text.innerText();
  answer.finish();
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
  const code = chat.text.locator('.code').first();
  const read = async () => {
    await expect(code.locator('.ink-k').first()).toHaveText('fn');
    await expect(code.locator('.ink-f').first()).toHaveText('boiling_point');
    await expect(code.locator('.ink-c').last()).toHaveText('// metres');
    await expect(code.locator('.ink-s').first()).toHaveText('"it boils at ');
    await expect(code.locator('.ink-l').first()).toHaveText('{}');
    await expect(code.locator('.ink-n').first()).toHaveText('300.0');
    await expect(chat.text.locator('.code').nth(1).locator('.ink-t').first()).toHaveText('p');
    await expect(chat.text.locator('.code').nth(2).locator('[class^="ink-"]')).toHaveCount(0);
    expect(await chat.text.innerText(), 'not a letter is lost or moved').toBe(plain);
    return chat.text.innerHTML();
  };
  const fresh = await read();
  await page.reload();
  await awake(page);
  const again = await read();
  expect(again.replaceAll(/<!--.*?-->/g, ''), 'the server sets it as the browser does').toBe(fresh.replaceAll(/<!--.*?-->/g, ''));

  await code.getByRole('button', { name: 'Copy code' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(`${CODE.split('```rust\n')[1].split('```')[0]}`);
  const pre = code.locator('pre');
  const scrolls = () => pre.evaluate((element) => element.scrollWidth > element.clientWidth);
  expect(await scrolls()).toBe(true);
  const wrap = code.getByRole('button', { name: 'Wrap lines' });
  await wrap.click();
  expect(await scrolls()).toBe(false);
  await expect(wrap).toHaveAttribute('aria-pressed', 'true');
  await wrap.click();
  expect(await scrolls()).toBe(true);

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const name = `code-${size.width}-${colorScheme}`;
      await expect.poll(() => tooWide(page), name).toEqual([]);
      await picture(page, name);
      await expectAccessible(page, name);
    }
  }
});

test('formulas are MathML when they are whole, and what is none is text', async ({ chat, page, upstream }) => {
  await chat.ask('Show me formulas.');
  const answer = await upstream.next();
  answer.say(...(FORMULAS.match(/[\s\S]{1,9}/g) ?? []));
  await expect(chat.text).toContainText('nosuchthing');
  await expect(chat.text.locator('math'), 'while it is written').toHaveCount(0);
  await expect(chat.text).toContainText('$E = mc^2$');
  answer.finish();
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
  const read = async () => {
    await expect(chat.text.locator('math')).toHaveCount(5);
    await expect(chat.text.locator('math[display="block"]')).toHaveCount(2);
    await expect(chat.text.locator('mfrac').first()).toBeVisible();
    const namespaces = await chat.text.locator('math, math *').evaluateAll((all) => [...new Set(all.map((one) => one.namespaceURI))]);
    expect(namespaces).toEqual(['http://www.w3.org/1998/Math/MathML']);
    // Drawn, not only there: a fraction is higher than a line.
    const height = await chat.text.locator('math[display="block"]').first().evaluate((math) => math.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(36);
    await expect(chat.text).toContainText('but $5 or $10 is a price.');
    await expect(chat.text.locator('code.tex')).toHaveText('$\\nosuchthing{x}$');
  };
  await read();
  await page.reload();
  await awake(page);
  await read();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const name = `formulas-${size.width}-${colorScheme}`;
      await expect.poll(() => tooWide(page), name).toEqual([]);
      await picture(page, name);
      await expectAccessible(page, name);
    }
  }
});
