// The seed's page is the contract: a client that is its code, character by character, works against the program.
import { chromium } from '@playwright/test';
import { chromiumPath, chromiumSwitches } from '../world/setting.ts';
import { seedClient } from '../world/seed.ts';
import { expect, test } from '../world/story.ts';

interface Frame {
  type: string;
  [field: string]: unknown;
}

test('a client built only from the seed gets every documented message in order', { tag: '@mongodb' }, async ({ parlance, person, upstream }) => {
  // The seed's client speaks to localhost:8000; for this browser that is where the program listens.
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [...chromiumSwitches, `--host-resolver-rules=MAP localhost:8000 127.0.0.1:${parlance.port}`],
  });
  const page = await browser.newPage();
  const frames: Frame[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => void frames.push(JSON.parse(String(payload)) as Frame));
  });
  const posted = page.waitForRequest((request) => request.method() === 'POST');
  const html = seedClient({ chatbot: await person.chatbot('Assistant'), jwt: person.jwt });
  // An answer of the program that is no page has no policy of pages: the client is put in its place.
  const openClient = async () => {
    await page.goto('http://localhost:8000/healthz');
    await page.setContent(html);
  };
  await openClient();

  const post = await posted;
  expect(post.postData()).toBeNull();
  expect(post.headers()['content-type']).toBe('application/json');
  const session = (await (await post.response())!.json()) as Record<string, string>;
  expect(session).toMatchObject({ chatbot_name: 'Assistant', previous_messages: [] });

  await expect.poll(() => frames.length).toBe(1);
  expect(frames[0]).toMatchObject({
    type: 'session_info',
    session_id: session.session_id,
    chatbot_name: 'Assistant',
    message: 'Connected to Assistant. You can start chatting!',
  });

  await page.evaluate('sendMessage("Hello, can you help me with my project?")');
  const answer = await upstream.next();
  expect(answer.prompt).toBe('Hello, can you help me with my project?');
  answer.say("Hello! I'd be happy ");
  await expect.poll(() => page.evaluate('shown')).toContainEqual(['assistant', "Hello! I'd be happy "]);
  answer.say('to ', 'help');
  answer.finish();
  await expect.poll(() => frames.at(-1)?.type).toBe('response_complete');

  // What the seed does not know it ignores.
  const kinds = frames.map((frame) => frame.type).filter((kind) => kind !== 'conversation_changed');
  const order = kinds.filter((kind, index) => kind !== kinds[index - 1]);
  expect(order).toEqual(['session_info', 'message_received', 'response_start', 'response_chunk', 'response_complete']);
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
  const one = (type: string) => frames.find((frame) => frame.type === type)!;
  expect(one('message_received')).toMatchObject({ message_id: expect.any(String), timestamp: expect.stringMatching(time) });
  expect(one('response_start')).toMatchObject({ message: 'Assistant is thinking...' });
  expect(one('response_complete')).toMatchObject({
    message_id: expect.any(String),
    timestamp: expect.stringMatching(time),
    full_response: "Hello! I'd be happy to help",
  });
  expect(await page.evaluate('shown')).toEqual([
    ['system', 'Connected to Assistant. You can start chatting!'],
    ['user', 'Hello, can you help me with my project?'],
    ['assistant', "Hello! I'd be happy to help"],
  ]);
  expect(await page.evaluate('errors')).toEqual([]);

  // What it does not say, it is told: an error with a message, and the socket goes on.
  await page.evaluate('sendMessage("")');
  await expect.poll(() => page.evaluate('errors')).toHaveLength(1);

  // Leaving in mid-answer: `beforeunload` closes the session; the answer is written to its end all the same.
  await page.evaluate('sendMessage("And then?")');
  const second = await upstream.next();
  second.say('And then ');
  await expect.poll(() => frames.at(-1)).toMatchObject({ type: 'response_chunk', chunk: 'And then ' });
  // (The browser may let the request of a page that is gone fall: the program counts on nobody's good-bye.)
  await page.goto('http://localhost:8000/healthz');
  second.say('they ', 'talked.');
  second.finish();
  await expect
    .poll(async () => (await person.stored(`/c/${session.conversation_id}`)).at(-1))
    .toMatchObject({ message: 'And then they talked.', status: 'complete' });

  // It comes again: the conversation goes on, and what was said before is displayed.
  await openClient();
  await expect
    .poll(() => page.evaluate('shown'))
    .toEqual(
      expect.arrayContaining([
        ['user', 'Hello, can you help me with my project?'],
        ['assistant', "Hello! I'd be happy to help"],
        ['user', 'And then?'],
        ['assistant', 'And then they talked.'],
      ]),
    );

  // A good-bye that arrives.
  const deleted = page.waitForRequest((request) => request.method() === 'DELETE');
  await page.evaluate('closeSession()');
  expect((await (await deleted).response())!.status()).toBe(204);
  await browser.close();
});
