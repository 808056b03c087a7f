// Prints the brotli size of the chat page's HTML: `node page.mjs http://localhost:PORT`, against an empty Parlance.
// It comes to the page as a newcomer does: signs up, takes the first chatbot, opens a new chat.
import { brotliCompressSync } from 'node:zlib';

const base = process.argv[2];

async function ask(path, options = {}) {
  const answer = await fetch(base + path, { redirect: 'manual', ...options });
  if (answer.status !== 200 && answer.status !== 201) {
    throw new Error(`${options.method ?? 'GET'} ${path} answered ${answer.status}: ${await answer.text()}`);
  }
  return answer;
}

try {
  const account = { email: 'page@example.org', password: `only-for-this-page-${crypto.randomUUID()}` };
  const signedUp = await ask('/auth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify(account),
  });
  const { access_token } = await signedUp.json();
  const cookie = signedUp.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  const list = await (await ask('/chatbot', { headers: { authorization: `Bearer ${access_token}` } })).json();
  const chatbots = Array.isArray(list) ? list : (list.items ?? list.chatbots);
  const page = await ask(`/new/${chatbots[0].id}`, { headers: { cookie } });
  const html = Buffer.from(await page.arrayBuffer());
  console.log(brotliCompressSync(html).length);
} catch (error) {
  console.error(`page.mjs: ${error.message}${error.cause ? ` (${error.cause})` : ''}`);
  process.exitCode = 1;
}
