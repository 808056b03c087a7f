// The interface speaks Arabic, from the right, and Japanese, as it speaks English: whole, on each page, and also where the
// browser draws. What people and models say is left as it is.
import type { Page } from '@playwright/test';
import { expectAccessible } from '../world/axe.ts';
import { kettle } from '../world/library.ts';
import { awake, open } from '../world/pages.ts';
import { picture, tooWide } from '../world/picture.ts';
import { expect, test } from '../world/story.ts';

const LANGUAGES = [
  { tag: 'ar', locale: 'ar-EG', direction: 'rtl', signIn: 'تسجيل الدخول', stop: 'إيقاف', found: 'عُثر على محادثتين' },
  { tag: 'ja', locale: 'ja-JP', direction: 'ltr', signIn: 'サインイン', stop: '停止', found: '2件の会話が見つかりました' },
] as const;

/** Names that are the same in every language, and what is called by the people here. */
const NAMES =
  /Parlance guide|When does a kettle boil\?|And a kettle on a mountain\?|At \*\*100[\s\S]*|Parlance|gpt-5-mini|\bnode\b|Chrom\w+|HeadlessChrome|Linux|JSON|ZIP|PARLANCE_\w+|PDF|Word|Excel|PowerPoint|Markdown|CSV|GGUF|OpenAI|KB|MB|Enter|Escape|Assistant|Guide|Kettle|Zephyr|Prices|manual|\.md|reader-[\d-]+@example\.org|[\w-]*test[\w-]*/g;

/** English that a reader of another language would meet: what is seen and what is heard, but for what somebody wrote. */
async function english(page: Page): Promise<string[]> {
  const said = await page.evaluate(() => {
    const elsewhere = 'script, style, noscript, code, option, kbd, .brand, .languages, .avatar, [dir="auto"], textarea, input[value]';
    const words: string[] = [document.title];
    for (const element of document.body.querySelectorAll('*')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'data-word', 'data-then']) {
        const value = element.getAttribute(name);
        if (value && !element.closest('.account__email')) words.push(value);
      }
      if (element.closest(elsewhere)) continue;
      for (const node of element.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) words.push(node.textContent ?? '');
      }
    }
    return words;
  });
  return said.filter((words) => /[A-Za-z]{2}/.test(words.replaceAll(NAMES, '')));
}

async function expectWhole(page: Page, name: string): Promise<void> {
  expect(await english(page), name).toEqual([]);
  for (const size of [
    { width: 360, height: 740 },
    { width: 1440, height: 900 },
  ]) {
    await page.setViewportSize(size);
    await expect.poll(() => tooWide(page), name).toEqual([]);
    await picture(page, `${name}-${size.width}`);
  }
  await expectAccessible(page, name);
}

for (const { tag, locale, direction, signIn, stop, found } of LANGUAGES) {
  test.describe(tag, () => {
    test.use({ locale });

    test(`${tag}: a browser that asks for it gets it, in every word and from the right side`, async ({ page, parlance, person, watch }) => {
      watch.allow(/status of 401.*\/sign-in/, /status of 409.*\/sign-up/);
      await open(page, `${parlance.url}/sign-in`);
      const root = page.locator('html');
      await expect(root).toHaveAttribute('lang', tag);
      await expect(root).toHaveAttribute('dir', direction);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(signIn);
      await page.locator('input[name="email"]').fill('nobody@example.org');
      await page.locator('input[name="password"]').fill('wrong words here');
      await page.locator('.form button[type="submit"]').click();
      await expect(page.locator('.field__wrong')).not.toBeEmpty();
      await expectWhole(page, `${tag}-sign-in`);
      await open(page, `${parlance.url}/sign-up`);
      await page.locator('input[name="email"]').fill(person.email);
      await page.locator('input[name="password"]').fill('other words in a row');
      await page.locator('.form button[type="submit"]').click();
      await expect(page.locator('.field__wrong')).not.toBeEmpty();
      await expectWhole(page, `${tag}-sign-up`);
    });

    test(`${tag}: a chat is in it while it is written, and so is the list beside it`, async ({
      page,
      context,
      parlance,
      person,
      upstream,
    }) => {
      await person.comesTo(context);
      for (const prompt of ['When does a kettle boil?', 'And a kettle on a mountain?']) {
        await open(page, `${parlance.url}/new/${await person.chatbot('Assistant')}`);
        await page.locator('.composer__field').fill(prompt);
        await page.locator('.composer__field').press('Enter');
        const answer = await upstream.next();
        answer.say('At **100 °C**:\n\n```sh\nboil --water\n```\n');
        await expect(page.locator('.composer__send')).toHaveAccessibleName(stop);
        await expect(page.locator('.code')).toBeVisible();
        answer.finish();
        await expect(page.locator('article[data-role="assistant"]').last()).toHaveAttribute('data-status', 'complete');
      }
      await expectWhole(page, `${tag}-chat`);
      // Code is written from the left everywhere.
      await expect(page.locator('.code code')).toHaveCSS('direction', 'ltr');
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.locator('.search__field').fill('kettle');
      await expect(page.locator('.history__said')).toHaveText(found);
      await page.locator('.history__menu').first().click();
      await expectWhole(page, `${tag}-found`);
      await page.reload();
      await awake(page);
      await expectWhole(page, `${tag}-read-again`);
    });

    test(`${tag}: chatbots, their settings, their documents and their playground are in it`, async ({
      page,
      context,
      parlance,
      person,
      watch,
    }) => {
      watch.allow(/status of 404.*\/no\/such\/place/);
      await person.comesTo(context);
      const { id } = await kettle(person);
      for (const path of [
        '/',
        '/account',
        '/bot/new',
        `/bot/${id}/settings`,
        `/bot/${id}/documents`,
        `/bot/${id}/playground?ask=How+long+does+the+warranty+last%3F`,
        '/no/such/place',
        '/offline',
      ]) {
        await page.goto(`${parlance.url}${path}`);
        if (path !== '/offline') await awake(page);
        await expectWhole(page, `${tag}${path.replace(/\?.*/, '').replace(id, 'kettle').replaceAll('/', '-')}`);
      }
    });
  });
}

test('whoever chooses a language keeps it, whatever the browser asks for', async ({ page, context, parlance, person }) => {
  await open(page, `${parlance.url}/sign-in`);
  await page.getByRole('link', { name: '日本語' }).click();
  await expect(page).toHaveURL(`${parlance.url}/sign-in`);
  await awake(page);
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await expect(page.getByRole('button', { name: 'サインイン' })).toBeVisible();
  await person.comesTo(context);
  await open(page, `${parlance.url}/?q=tea`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await open(page, `${parlance.url}/?q=tea&language=ar`);
  await expect(page).toHaveURL(`${parlance.url}/?q=tea`);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
});
