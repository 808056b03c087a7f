// The program itself: started on a data folder of its own, killed, and started again on the same one.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { programPath } from './setting.ts';

/** What answers: an OpenAI-compatible server, or a GGUF file inside the program. */
export type Model = { openai: string } | { gguf: string };

export class Parlance {
  /** Where people find it. */
  readonly url: string;
  /** The link of the first administrator, as it was printed. */
  readonly adminLink: string;

  private constructor(
    private child: ChildProcess,
    private readonly data: string,
    private readonly environment: Record<string, string>,
    words: { url: string; adminLink: string },
  ) {
    this.url = words.url;
    this.adminLink = words.adminLink;
  }

  /** Starts it on a free port and an empty folder. `settings` are its environment variables. */
  static async start(model: Model, settings: Record<string, string> = {}): Promise<Parlance> {
    const data = await mkdtemp(join(tmpdir(), 'parlance-e2e-'));
    const environment = {
      ...databaseOfItsOwn(),
      // A title that the model finds is one answer more that a story would have to give.
      PARLANCE_TITLES: 'prompt',
      ...('openai' in model ? { PARLANCE_OPENAI_URL: model.openai } : { PARLANCE_MODEL_PATH: model.gguf }),
      // The upstream is asked for what people say, and for nothing else.
      PARLANCE_TITLES: 'prompt',
      // And the server reads nothing of its own meanwhile.
      PARLANCE_GUIDE_DOCUMENTS: 'off',
      ...settings,
    };
    const { child, words } = await launch(data, 0, environment);
    return new Parlance(child, data, environment, words);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** As when the power goes: nothing is said, nothing is finished. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** As when the operator stops it: it may finish what it is doing. Resolves when it has ended. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Starts it again, where it was, with what it knew. */
  async startAgain(): Promise<void> {
    const { child } = await launch(this.data, this.port, this.environment);
    this.child = child;
  }

  /** For the end of a story. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}

/** On a MongoDB (`MONGODB_URI`), each program has a database to itself, and learns soon that it was killed. */
function databaseOfItsOwn(): Record<string, string> {
  const uri = process.env.MONGODB_URI;
  if (!uri) return {};
  // The stand-in for MongoDB is slow on a busy machine, and does twice what the driver asks again too soon.
  const patient = 'connectTimeoutMS=30000&serverSelectionTimeoutMS=30000&socketTimeoutMS=60000';
  return {
    MONGODB_URI: `${uri}${uri.includes('?') ? '&' : '?'}${patient}`,
    PARLANCE_MONGODB_DATABASE: `e2e-${randomUUID()}`,
    PARLANCE_LEASE: '2s',
  };
}

/** Starts the program and waits for the line that says where it listens: it listens before it says so. */
async function launch(data: string, port: number, environment: Record<string, string>) {
  // Nothing of the caller's own configuration, only what the story says; but a front that was built alone.
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLANCE_') || name === 'PARLANCE_SITE');
  // From a folder with nothing in it but the data: the program is all that people take with them.
  const child = spawn(programPath, ['serve', '--port', `${port}`, '--data', data], {
    cwd: data,
    env: { ...Object.fromEntries(clean), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => said.push(line));
  }
  const words = await new Promise<{ url: string; adminLink: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      reject(new Error(`${programPath} ended (${code ?? signal}) before it listened:\n${said.join('\n')}`));
    });
    let url = '';
    createInterface(child.stdout).on('line', (line) => {
      url = /listens on (http\S+)/.exec(line)?.[1] ?? url;
      const adminLink = /administrator.*: (http\S+)/.exec(line)?.[1];
      // On a folder with an administrator there is no second line, and nobody waits for it.
      if (url && (adminLink || port !== 0)) resolve({ url, adminLink: adminLink ?? '' });
    });
  });
  return { child, words };
}
