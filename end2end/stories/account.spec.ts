// One's own account: plain forms, which need no wasm.
import { readFile } from 'node:fs/promises';
import { expectAccessible } from '../world/axe.ts';
import { Chat, Doorway, Picker, open } from '../world/pages.ts';
import { expect, newChat, test } from '../world/story.ts';

test('a name, a theme and a language are chosen, by keyboard, and are there on every page', async ({
  page,
  context,
  parlance,
  person,
}) => {
  await person.comesTo(context);
  await open(page, parlance.url);
  await page.getByRole('link', { name: 'Your account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(person.email);
  await page.getByLabel('What you want to be called').focus();
  await page.keyboard.type('Ada Lovelace');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main').getByRole('status')).toHaveText('Your name is saved.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ada Lovelace');

  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  const day = await paper();
  await page.getByLabel('Theme').selectOption('Dark: lamp light');
  await page.getByRole('button', { name: 'Save look' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const night = await paper();
  expect(night).not.toBe(day);
  await expectAccessible(page, 'dark by choice, on a device that is light');
  await open(page, parlance.url);
  expect(await paper()).toBe(night);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await paper()).toBe(night);
  await page.goto(`${parlance.url}/account`);
  await page.getByLabel('Theme').selectOption('Light: ink on paper');
  await page.getByRole('button', { name: 'Save look' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  expect(await paper()).toBe(day);
});

test('a new password is asked for with the old one, and signs out everywhere else', async ({
  page,
  context,
  parlance,
  person,
  anotherBrowser,
  watch,
}) => {
  watch.allow(/status of 400.*\/account\/password/);
  await person.comesTo(context);
  const elsewhere = await anotherBrowser();
  await person.comesTo(elsewhere);
  await page.goto(`${parlance.url}/account`);
  await page.getByLabel('Your password now').fill('not the words');
  await page.getByLabel('The new one').fill('other words in a row');
  await page.getByRole('button', { name: 'Change password' }).click();
  const old = page.getByLabel('Your password now');
  await expect(old).toHaveAttribute('aria-invalid', 'true');
  await expect(old).toHaveAccessibleDescription(/This is not your password/);
  await expect(old).toBeFocused();
  await expect(old).toHaveValue('');
  await expectAccessible(page, 'a password that was refused');
  await old.fill(person.password);
  await page.getByLabel('The new one').fill('other words in a row');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('main').getByRole('status')).toHaveText(/new password is good/);

  const other = await elsewhere.newPage();
  await other.goto(parlance.url);
  await expect(other).toHaveURL(/\/sign-in$/);
  await open(other, `${parlance.url}/sign-in`);
  await new Doorway(other).signIn(person.email, 'other words in a row');
  await expect(new Picker(other).heading).toBeVisible();
});

test('another device is seen by its name, and signed out', async ({
  chat,
  page,
  parlance,
  person,
  anotherBrowser,
  watch,
}) => {
  watch.allow(/status of 401.*\/auth\/refresh/);
  const elsewhere = await anotherBrowser({
    userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1',
  });
  const door = await elsewhere.newPage();
  await open(door, `${parlance.url}/sign-in`);
  await new Doorway(door).signIn(person.email, person.password);
  await expect(new Picker(door).heading).toBeVisible();

  await expect(chat.composer).toBeVisible();
  await page.goto(`${parlance.url}/account`);
  const devices = page.getByRole('region', { name: 'Devices' });
  await expect(devices.getByText('This device')).toHaveCount(1);
  await expect(devices.getByText('Safari on iPhone')).toBeVisible();
  await devices.getByRole('button', { name: 'Sign out: Safari on iPhone' }).click();
  await expect(page.getByRole('main').getByRole('status')).toHaveText('That device is signed out.');
  await expect(devices.getByText('Safari on iPhone')).toHaveCount(0);
  await door.goto(parlance.url);
  await expect(door).toHaveURL(/\/sign-in$/);
});

test('everything is taken along as one file', async ({ chat, page, parlance, upstream }) => {
  await chat.ask('What shall I take?');
  await upstream.answer('Everything.');
  await chat.expectAnswer('Everything.');
  await page.goto(`${parlance.url}/account`);
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download everything' }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toMatch(/^parlance-\d{4}-\d\d-\d\d\.zip$/);
  const bytes = await readFile(await file.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  expect(bytes.includes('account.json')).toBe(true);
});

test('an account is deleted for good, in the browser and on the server', async ({
  page,
  context,
  parlance,
  person,
  upstream,
  watch,
}) => {
  watch.allow(/status of 400.*\/account\/delete/, /status of 401/);
  await person.comesTo(context);
  const chat: Chat = await newChat(page, parlance.url, person);
  await chat.ask('Will you remember me?');
  await upstream.answer('Not for long.');
  await chat.expectAnswer('Not for long.');
  await chat.composer.fill('A draft');
  await page.goto(`${parlance.url}/account`);
  await page.getByRole('link', { name: 'Delete my account' }).click();
  await expect(page.getByText('all your conversations')).toBeVisible();
  await page.getByLabel('Your password').fill('not the words');
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await expect(page.getByLabel('Your password')).toHaveAccessibleDescription(/This is not your password/);
  await page.getByLabel('Your password').fill(person.password);
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByRole('main').getByRole('status')).toHaveText(/account is gone/);
  await expect.poll(() => page.evaluate(() => localStorage.length), 'drafts are gone').toBe(0);
  const doorway = new Doorway(page);
  await doorway.signIn(person.email, person.password);
  await expect(doorway.problem).toHaveText(/password/i);
});
