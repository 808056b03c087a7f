// What the stories run against. `cargo xtask test` says all of it; by hand, the usual places serve.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const target = resolve(import.meta.dirname, '../../target');

/** The built program. */
export const programPath = resolve(process.env.PARLANCE_BIN ?? join(target, 'release/parlance'));
/** The model that a newcomer gets. */
export const modelPath =
  process.env.PARLANCE_MODEL_PATH ?? join(homedir(), '.cache/parlance/models/SmolLM2-135M-Instruct.Q4_1.gguf');
/** What finds passages by their sense. */
export const embeddingPath =
  process.env.PARLANCE_EMBEDDING_PATH ?? join(homedir(), '.cache/parlance/models/all-MiniLM-L6-v2.F16.gguf');

/** The browser: the machine's own, nothing is downloaded. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** It runs as root in containers, and must not talk to anybody but the program. */
export const chromiumSwitches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];
