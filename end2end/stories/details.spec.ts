// Small things about messages: which model wrote one, footnotes that lead there and back, files that are dropped on a chat.
import { bot } from '../world/library.ts';
import { Chat, awake, open } from '../world/pages.ts';
import { picture } from '../world/picture.ts';
import { expect, test } from '../world/story.ts';

test('who asks is told when a message was stored and which model wrote it', async ({ page, context, parlance, person, upstream }) => {
  await person.comesTo(context);
  const kettle = await bot(person, { model: 'brew-2' });
  await open(page, `${parlance.url}/new/${kettle.id}`);
  const chat = new Chat(page);
  await chat.ask('Who are you?');
  await upstream.answer('A kettle.');
  await chat.expectAnswer('A kettle.');
  const when = chat.action(chat.answer, 'When');
  await when.click();
  await expect(when).toHaveAttribute('data-when', /\d.* · brew-2$/);
  await picture(page, 'when-and-which-model');
  await page.reload();
  await awake(page);
  await when.click();
  await expect(when, 'it is stored').toHaveAttribute('data-when', /\d.* · brew-2$/);
});

test('a footnote is reached from its mark, and its mark from it', async ({ chat, page, upstream }) => {
  await chat.ask('Prove it.');
  await upstream.answer(`It boils.[^proof]\n\n${'More.\n\n'.repeat(60)}[^proof]: Seen in *Delft*.`);
  await expect(chat.answer).toHaveAttribute('data-status', 'complete');
  const note = chat.text.getByRole('note');
  await chat.text.locator('sup a').click();
  await expect(note).toBeInViewport();
  await expect(page).toHaveURL(/#note-\d+-proof$/);
  await note.getByRole('link').click();
  await expect(chat.text.locator('sup a')).toBeInViewport();
  await page.reload();
  await awake(page);
  await chat.text.locator('sup a').click();
  await expect(note).toBeInViewport();
});

test('files that are dropped on a chat or pasted into it go into the documents, where that is allowed', async ({ page, context, parlance, person }) => {
  await person.comesTo(context);
  const kettle = await bot(person);
  await open(page, `${parlance.url}/new/${kettle.id}`);
  const carry = (kind: 'drop' | 'paste', name: string, text = '') =>
    page.evaluate(
      ([kind, name, text]) => {
        const carried = new DataTransfer();
        carried.items.add(new File([`The ${name} whistles.`], name, { type: 'text/plain' }));
        if (text) carried.setData('text/plain', text);
        const how = { bubbles: true, cancelable: true };
        const event =
          kind === 'drop'
            ? new DragEvent('drop', { ...how, dataTransfer: carried })
            : new ClipboardEvent('paste', { ...how, clipboardData: carried });
        document.querySelector('.composer__field')!.dispatchEvent(event);
        return event.defaultPrevented;
      },
      [kind, name, text],
    );
  expect(await carry('drop', 'Zephyr.txt')).toBe(true);
  await expect(page.getByText('Zephyr.txt is here and is being read')).toBeVisible();
  expect(await carry('paste', 'Mistral.txt')).toBe(true);
  await expect(page.getByText('Mistral.txt is here and is being read')).toBeVisible();
  expect(await carry('paste', 'Cells.png', 'Whistle\t39'), 'cells are text, whatever picture comes with them').toBe(false);
  await picture(page, 'files-dropped');
  expect(await carry('drop', 'Zephyr.txt')).toBe(true);
  await expect(page.getByText('Zephyr.txt is here already')).toBeVisible();
  await page.getByRole('link', { name: 'Documents and settings' }).click();
  await expect(page.getByRole('list', { name: 'Documents' })).toContainText('Zephyr.txt');
  await expect(page.getByRole('list', { name: 'Documents' })).toContainText('Mistral.txt');

  // The assistant belongs to somebody else.
  await open(page, `${parlance.url}/new/${await person.chatbot('Assistant')}`);
  expect(await carry('drop', 'Zephyr.txt'), 'nothing is taken').toBe(false);
});
