// Coming in and going out; what goes wrong is said where it went wrong.
import { Doorway, Picker, awake, open } from '../world/pages.ts';
import { Person } from '../world/person.ts';
import { expect, test } from '../world/story.ts';

test('who is not signed in is asked to, and sees nothing else', async ({ page, parlance, person }) => {
  for (const path of ['/', '/c/00000000-0000-7000-8000-000000000000', `/new/${await person.chatbot('Assistant')}`]) {
    await open(page, parlance.url + path);
    await expect(page).toHaveURL(/\/sign-in$/);
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  }
});

test('signing up, out and in again', async ({ page, parlance }) => {
  const email = Person.freshEmail();
  await open(page, `${parlance.url}/sign-up`);
  const doorway = new Doorway(page);
  await doorway.signUp(email, 'a few words in a row');
  const picker = new Picker(page);
  await expect(picker.heading).toBeVisible();
  await awake(page);
  await expect(page.getByText(email)).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in\?out=1$/);
  await page.goto(parlance.url);
  await expect(page).toHaveURL(/\/sign-in$/);
  await awake(page);
  await doorway.signIn(email, 'a few words in a row');
  await expect(picker.heading).toBeVisible();
});

test('signing out is not overtaken by the chat that hears of it first', async ({ chat, page, upstream, watch }) => {
  // The socket is closed with the sign-in, and asks for a new token in vain.
  watch.allow(/status of 401.*\/auth\/refresh/);
  await chat.ask('hello');
  await upstream.answer('Good evening.');
  await chat.expectAnswer('Good evening.');
  // The page says when it has read that it is nobody any more, and had a turn to do something about it: a page that is
  // being left cannot be asked.
  await page.evaluate(() => {
    const { fetch } = window;
    window.fetch = async (...what) => {
      const answer = await fetch(...what);
      if (answer.status === 401) {
        const turn = () => setTimeout(() => console.debug('it knows'));
        void answer.clone().text().then(() => setTimeout(turn));
      }
      return answer;
    };
  });
  // A network that brings the next page only then.
  await page.route('**/sign-out', async (route) => {
    const knows = page.waitForEvent('console', (message) => message.text() === 'it knows');
    const answer = await route.fetch({ maxRedirects: 0 });
    await knows;
    await route.fulfill({ response: answer });
  });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in\?out=1$/);
  await awake(page);
});

test('a wrong password is said in place, and what was typed stays', async ({ page, parlance, person, watch }) => {
  watch.allow(/status of 401.*\/sign-in/);
  await open(page, `${parlance.url}/sign-in`);
  const doorway = new Doorway(page);
  await doorway.signIn(person.email, 'not the words');
  await expect(doorway.problem).toHaveText(/password/i);
  await expect(doorway.email).toHaveValue(person.email);
  // Where one goes on, and where it is read out.
  await expect(doorway.password).toBeFocused();
  await expect(doorway.password).toHaveAccessibleDescription(/password/i);
  await expect(page).toHaveURL(/\/sign-in$/);
  // An address that nobody has is answered alike: who has an account is nobody's business.
  const said = await doorway.problem.innerText();
  await doorway.signIn('nobody@example.org', 'not the words');
  await expect(doorway.password, 'the next page').toHaveValue('');
  await expect(doorway.email).toHaveValue('nobody@example.org');
  await expect(doorway.problem).toHaveText(said);
  await doorway.signIn(person.email, person.password);
  await expect(new Picker(page).heading).toBeVisible();
});

test('an address that has an account is said so when it signs up again', async ({ page, parlance, person, watch }) => {
  watch.allow(/status of 409.*\/sign-up/);
  await open(page, `${parlance.url}/sign-up`);
  const doorway = new Doorway(page);
  await doorway.signUp(person.email, 'other words in a row');
  await expect(doorway.problem).toHaveText(/account/i);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('a password that is too short is said before anything is sent', async ({ page, parlance, watch }) => {
  await open(page, `${parlance.url}/sign-up`);
  const doorway = new Doorway(page);
  await doorway.signUp(Person.freshEmail(), 'short');
  // By the browser itself, in its own words.
  await expect(doorway.password).toBeFocused();
  expect(await doorway.password.evaluate((field: HTMLInputElement) => field.validity.tooShort)).toBe(true);
  await expect(doorway.password).toHaveAccessibleDescription(/At least 8 characters/);
  expect(watch.asked.filter((address) => address.endsWith('/sign-up')), 'the page itself').toHaveLength(1);
});

test('who comes in fetches nothing that wakes up, and next to nothing at all', async ({ page, parlance, watch }) => {
  for (const path of ['/sign-in', '/sign-up']) {
    watch.asked.length = 0;
    await page.goto(parlance.url + path);
    await page.waitForLoadState('networkidle');
    const files = watch.asked.map((address) => new URL(address).pathname).filter((name) => name.startsWith('/pkg/'));
    expect(files.map((name) => name.replace(/\.[0-9a-f]{16}/, '')), path).toEqual(['/pkg/pages.css']);
  }
});

test('signing out in another tab ends the chat that is open here', async ({
  chat,
  page,
  context,
  upstream,
  parlance,
  watch,
}) => {
  // How the first tab learns of it.
  watch.allow(/status of 401.*\/auth\/refresh/);
  await chat.ask('Are you there?');
  await upstream.answer('I am.');
  await chat.expectAnswer('I am.');
  // The other tab is one by its cookies only: Chromium 156 crashes now and then when a tab behind another one goes to
  // another page while Playwright pretends that it has the focus (FrameSelection, on detaching DevTools).
  await context.request.post(`${parlance.url}/auth/logout`, { headers: { origin: parlance.url } });
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('the first administrator comes by the link that the program prints', async ({ page, parlance }) => {
  await open(page, parlance.adminLink);
  await expect(page.getByRole('heading', { name: 'Accept your invitation' })).toBeVisible();
  await new Doorway(page).signUp(Person.freshEmail(), 'a few words in a row');
  await expect(new Picker(page).heading).toBeVisible();
});
