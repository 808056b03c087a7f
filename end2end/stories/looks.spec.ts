// Every page, by day and by night, on a phone and on a desk: nothing sticks out, nothing is hard to read. The pictures in
// artefacts/screens are for people to look at.
import { expectAccessible } from '../world/axe.ts';
import { picture, tooWide } from '../world/picture.ts';
import { scenes } from '../world/scenes.ts';
import { expect, test } from '../world/story.ts';

const SCHEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 320, height: 568 },
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

for (const scene of scenes) {
  test(`${scene.name}: fits, can be read and can be used, at every size, in light and dark`, async ({
    page,
    context,
    parlance,
    person,
    upstream,
    watch,
    anotherBrowser,
  }) => {
    watch.allow(/status of 401.*\/sign-in/, /status of 404.*\/no\/such\/place/, /status of 400.*\/account/);
    if (scene.signedIn) await person.comesTo(context);
    const leave = await scene.enter({ page, parlance, person, upstream, anotherBrowser });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const name = `${scene.name}-${size.width}-${colorScheme}`;
        await expect.poll(() => tooWide(page), name).toEqual([]);
        if (size.width !== 320) await picture(page, name);
        if (size.width === 360 || size.width === 1440) await expectAccessible(page, name);
      }
    }
    await leave?.();
  });
}

test('the drawer of conversations opens on a phone, fits, and leads to one', async ({ chat, page, upstream }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  await chat.ask('A conversation with quite a long first line, which becomes its title in the list');
  await upstream.answer('Yes.');
  await chat.expectAnswer('Yes.');
  await expect(chat.history).toBeHidden();
  await page.getByRole('button', { name: 'Conversations' }).click();
  await expect(chat.history.getByRole('link')).toBeVisible();
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await expect.poll(() => tooWide(page)).toEqual([]);
    await picture(page, `drawer-320-${colorScheme}`);
    await expectAccessible(page, `the drawer, ${colorScheme}`);
  }
  await page.getByRole('link', { name: 'New chat' }).click();
  await expect(page.getByRole('heading', { name: 'Who would you like to talk with?' })).toBeVisible();
  await expect(chat.history).toBeHidden();
});
