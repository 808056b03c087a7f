// Thumbs: given, explained, changed and taken back; and what who looks after the chatbot sees of them.
import { expectAccessible } from '../world/axe.ts';
import { bot } from '../world/library.ts';
import { Chat, awake, open } from '../world/pages.ts';
import { picture, tooWide } from '../world/picture.ts';
import { Person } from '../world/person.ts';
import { expect, test } from '../world/story.ts';

test('a thumb stays, says why, can be changed and taken back', async ({ chat, page, upstream }) => {
  await chat.ask('How hot is tea?');
  await upstream.answer('Cold.');
  await chat.expectAnswer('Cold.');
  const [good, bad] = [chat.action(chat.answer, 'Good answer'), chat.action(chat.answer, 'Bad answer')];
  await good.click();
  await expect(good).toHaveAttribute('aria-pressed', 'true');
  await page.reload();
  await awake(page);
  await expect(good).toHaveAttribute('aria-pressed', 'true');
  await good.click();
  await expect(good).toHaveAttribute('aria-pressed', 'false');

  await bad.click();
  await expect(bad).toHaveAttribute('aria-pressed', 'true');
  const why = page.getByRole('dialog', { name: 'What is wrong with this answer?' });
  await expect(why).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `why an answer is bad, ${colorScheme}`);
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await tooWide(page)).toEqual([]);
      await picture(page, `feedback-${width}-${colorScheme}`);
    }
  }
  await why.getByLabel('It is not true').check();
  await why.getByLabel('In your words').fill('Tea is "hot".');
  await why.getByRole('button', { name: 'Send' }).click();
  await expect(why).toBeHidden();
  await expect(bad, 'where one was, one goes on').toBeFocused();

  // What was said is there again, and can be said otherwise.
  await page.reload();
  await awake(page);
  await expect(bad).toHaveAttribute('aria-pressed', 'true');
  await bad.click();
  await expect(why.getByLabel('It is not true')).toBeChecked();
  await expect(why.getByLabel('In your words')).toHaveValue('Tea is "hot".');
  await why.getByRole('button', { name: 'Take it back' }).click();
  await expect(bad).toHaveAttribute('aria-pressed', 'false');
  await page.reload();
  await awake(page);
  await expect(bad).toHaveAttribute('aria-pressed', 'false');
});

test('a thumb that the server does not take is not shown as given', async ({ chat, page, upstream, watch }) => {
  await chat.ask('How hot is tea?');
  await upstream.answer('Hot.');
  await chat.expectAnswer('Hot.');
  watch.allow(/status of 503/);
  await page.route('**/feedback', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'store_unavailable', title: 'The database does not answer', detail: 'Try again.' }),
    }),
  );
  const good = chat.action(chat.answer, 'Good answer');
  await good.click();
  await expect(page.getByRole('alert').filter({ hasText: 'Try again.' })).toBeVisible();
  await expect(good).toHaveAttribute('aria-pressed', 'false');
});

test('who looks after a chatbot sees thumbs, reasons and words, and nothing else', async ({ page, context, parlance, person, upstream, anotherBrowser }) => {
  // Others see it, too: a name that no other story asks for.
  const kettle = await bot(person, { name: `Kettle of ${person.email}`, visibility: 'everyone' });
  const reader = await Person.signUp(parlance.url);
  const theirs = await anotherBrowser();
  await reader.comesTo(theirs);
  const there = await theirs.newPage();
  await open(there, `${parlance.url}/new/${kettle.id}`);
  const chat = new Chat(there);
  await chat.ask('My secret question');
  await upstream.answer('A private answer.');
  await chat.expectAnswer('A private answer.');
  await chat.action(chat.answer, 'Bad answer').click();
  const why = there.getByRole('dialog');
  await why.getByLabel('Something is missing').check();
  await why.getByLabel('In your words').fill('And the lid?');
  const kept = there.waitForResponse((response) => response.request().method() === 'PUT' && (response.request().postData() ?? '').includes('lid'));
  await why.getByRole('button', { name: 'Send' }).click();
  await kept;

  await person.comesTo(context);
  await open(page, `${parlance.url}/bot/${kettle.id}/feedback`);
  const said = page.getByRole('main');
  await expect(said).toContainText('And the lid?');
  await expect(said).toContainText('Something is missing');
  await expect(said).not.toContainText('secret');
  await expect(said).not.toContainText('private');
  await expect(said).not.toContainText(reader.email);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `feedback on a chatbot, ${colorScheme}`);
    await picture(page, `bot-feedback-${colorScheme}`);
  }
});
