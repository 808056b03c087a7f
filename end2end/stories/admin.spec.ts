// The administration: people, usage, models, the audit log. Plain forms and links: the whole job with JavaScript switched
// off, by keyboard, at every size.
import type { BrowserContext, Page } from '@playwright/test';
import { expectAccessible } from '../world/axe.ts';
import { Doorway, Picker, open } from '../world/pages.ts';
import { Parlance } from '../world/parlance.ts';
import { Person } from '../world/person.ts';
import { picture, tooWide } from '../world/picture.ts';
import { expect, newChat, test as base } from '../world/story.ts';

const ADMIN = { email: 'head@example.org', password: 'a few words in a row' };
const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/** A program with an administrator, who is at the page; and somebody else with an account. */
const test = base.extend<{ office: { url: string; other: Person } }>({
  office: async ({ page, upstream, watch }, use) => {
    const parlance = await Parlance.start({ openai: upstream.url });
    watch.home(parlance.url);
    await open(page, parlance.adminLink);
    await new Doorway(page).signUp(ADMIN.email, ADMIN.password);
    await expect(new Picker(page).heading).toBeVisible();
    const other = await Person.signUp(parlance.url);
    await use({ url: parlance.url, other });
    await parlance.remove();
  },
});

async function person(page: Page, url: string, other: Person): Promise<void> {
  await page.goto(`${url}/admin?q=${other.email}`);
  await page.getByRole('rowheader').getByRole('link', { name: other.email }).click();
  await expect(page.getByRole('heading', { level: 2 })).toContainText(other.email);
}

test('an administrator finds the way, and to others there is none', async ({ page, office, anotherBrowser, watch }) => {
  watch.allow(/status of 404.*\/admin/);
  await page.getByRole('link', { name: 'Administration' }).click();
  await expect(page).toHaveURL(`${office.url}/admin`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Administration');
  const stranger = await anotherBrowser();
  await office.other.comesTo(stranger);
  const elsewhere = await stranger.newPage();
  await open(elsewhere, office.url);
  await expect(elsewhere.getByRole('link', { name: 'Administration' })).toHaveCount(0);
  await elsewhere.goto(`${office.url}/admin`);
  await expect(elsewhere.getByRole('heading', { name: 'There is nothing here' })).toBeVisible();
});

test('somebody is locked out, by keyboard, and let in again', async ({ page, office, anotherBrowser, watch }) => {
  watch.allow(/status of 403.*\/sign-in/, /status of 401/);
  await person(page, office.url, office.other);
  await page.getByRole('button', { name: 'Lock this account' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main').getByRole('status')).toContainText('The account is locked.');
  await expect(page.getByRole('heading', { level: 2 })).toContainText('Locked');
  const context = await anotherBrowser();
  const elsewhere = await context.newPage();
  await open(elsewhere, `${office.url}/sign-in`);
  const doorway = new Doorway(elsewhere);
  await doorway.signIn(office.other.email, office.other.password);
  await expect(doorway.problem).toContainText('This account is locked.');
  await page.getByRole('button', { name: 'Unlock this account' }).click();
  await expect(page.getByRole('main').getByRole('status')).toContainText('The account is unlocked.');
  await doorway.signIn(office.other.email, office.other.password);
  await expect(new Picker(elsewhere).heading).toBeVisible();
});

test('who forgot a password sets a new one by the link that was handed over', async ({ page, office, anotherBrowser }) => {
  await person(page, office.url, office.other);
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByLabel('The link, shown only now').inputValue();
  await expectAccessible(page, 'a link was made');
  const context = await anotherBrowser({ javaScriptEnabled: false });
  const elsewhere = await context.newPage();
  await elsewhere.goto(link);
  await expect(elsewhere.getByRole('heading', { name: 'A new password' })).toBeVisible();
  await elsewhere.getByLabel('New password').fill('quite other words');
  await elsewhere.getByRole('button', { name: 'Set password' }).click();
  await expect(elsewhere.getByRole('status')).toHaveText('Your new password is set.');
  await elsewhere.goto(link);
  await expect(elsewhere.getByRole('alert')).toContainText('used already');
});

test('limits, a role and an end, and all of it in the audit log', async ({ page, office, watch }) => {
  watch.allow(/status of 400.*\/delete/);
  await person(page, office.url, office.other);
  await page.getByLabel('Prompts a minute').fill('7');
  await page.getByLabel('Documents, in MiB').fill('5');
  await page.getByRole('button', { name: 'Save limits' }).click();
  await expect(page.getByRole('main').getByRole('status')).toContainText('The limits were changed.');
  await expect(page.getByLabel('Prompts a minute')).toHaveValue('7');
  await page.getByRole('button', { name: 'Make an administrator' }).click();
  await expect(page.getByRole('heading', { level: 2 })).toContainText('Administrator');
  await expect(page.getByRole('button', { name: 'Lock this account' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Make a user' }).click();
  await page.getByLabel('Their address, to be sure').fill('somebody@example.org');
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByLabel('Their address, to be sure')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Their address, to be sure').fill(office.other.email);
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('main').getByRole('status')).toContainText('The account was deleted.');
  await page.getByRole('link', { name: 'Audit log' }).click();
  for (const line of ['Deleted an account', 'Changed a role', 'Changed limits', 'Made an account']) {
    await expect(page.getByRole('cell', { name: line }).first()).toBeVisible();
  }
  await page.getByLabel('What').selectOption('Changed limits');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('cell', { name: 'Changed limits' })).toHaveCount(1);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as a table (CSV)' }).click();
  expect((await download).suggestedFilename()).toBe('audit.csv');
});

async function signedIn(context: BrowserContext, url: string): Promise<void> {
  const answer = await context.request.post(`${url}/auth/login`, { data: ADMIN, headers: { origin: url } });
  expect(answer.status()).toBe(200);
}

test('every page works without JavaScript, fits and can be read, at every size, in light and dark', async ({
  page,
  context,
  office,
  upstream,
  anotherBrowser,
  watch,
}) => {
  // Their page is open while their sign-ins are ended.
  watch.allow(/status of 401.*\/auth\/refresh/, /was preloaded using link preload/);
  await office.other.comesTo(context);
  const chat = await newChat(page, office.url, office.other);
  for (const [prompt, answer] of [
    ['How does a kettle boil?', 'With heat from below.'],
    ['What is a teapot?', 'A vessel for brewing leaves.'],
  ]) {
    await chat.ask(prompt);
    await upstream.answer(answer);
    await chat.expectAnswer(answer);
  }
  const plain = await anotherBrowser({ javaScriptEnabled: false });
  await signedIn(plain, office.url);
  const without = await plain.newPage();
  await without.goto(`${office.url}/admin`);
  for (const [name, heading] of [
    ['Usage', 'Usage'],
    ['Models', 'Models'],
    ['Audit log', 'Audit log'],
    ['People', 'People'],
  ]) {
    await without.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name }).click();
    await expect(without.getByRole('heading', { level: 2, name: heading })).toBeVisible();
  }
  await person(without, office.url, office.other);
  await without.getByRole('button', { name: 'End all sign-ins' }).click();
  await expect(without.getByRole('main').getByRole('status')).toHaveText('They are signed out everywhere.');

  await signedIn(context, office.url);
  await person(page, office.url, office.other);
  const pages = {
    'admin-people': `${office.url}/admin`,
    'admin-person': page.url(),
    'admin-usage': `${office.url}/admin/usage?days=7`,
    'admin-usage-90': `${office.url}/admin/usage?days=90`,
    'admin-models': `${office.url}/admin/models`,
    'admin-audit': `${office.url}/admin/audit`,
  };
  for (const [name, address] of Object.entries(pages)) {
    await page.goto(address);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const shown = `${name}-${size.width}-${colorScheme}`;
        await expect.poll(() => tooWide(page), shown).toEqual([]);
        await picture(page, shown);
        if (size.width !== 768) await expectAccessible(page, shown);
      }
    }
  }
});
