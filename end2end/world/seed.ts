// A page that is the seed's client: its blocks of code in their order, unchanged but for the two values that the
// seed leaves open, and around them the functions that it calls and does not show.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SEED = join(import.meta.dirname, '../seed/chat-client-integration.md');

/** The page, for this chatbot and this user. */
export function seedClient(given: { chatbot: string; jwt: string }): string {
  const code = [...readFileSync(SEED, 'utf8').matchAll(/```javascript\n([\s\S]*?)```/g)].map((block) => block[1]);
  if (code.length !== 5) throw new Error(`the seed has five blocks of code; found ${code.length}`);
  const client = code.join('\n').replace('"selected_chatbot_id"', JSON.stringify(given.chatbot));
  return `<!doctype html><meta charset="utf-8"><title>A client of the seed</title>
<script>
  const userJwtToken = ${JSON.stringify(given.jwt)};
  // What a reader sees: who, and what.
  const shown = [];
  const errors = [];
  function displayMessage(role, text) { shown.push([role, text]); }
  function createNewAssistantMessage() { shown.push(['assistant', '']); }
  function appendToAssistantMessage(chunk) { shown.at(-1)[1] += chunk; }
  function finalizeAssistantMessage(text) {
    if (shown.at(-1)[1] !== text) errors.push('the chunks do not make up the response');
  }
  function displayError(message) { errors.push(message); }
</script>
<script type="module">
${client}
  Object.assign(globalThis, { sendMessage, closeSession });
</script>`;
}
