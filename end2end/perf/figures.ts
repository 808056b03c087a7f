// Figures beside their goals: printed, kept in artefacts/perf.md, and held against each other at the end.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';

const folder = join(import.meta.dirname, '../artefacts');

/** Says a figure. `most` and `least` are its goals. */
export function figure(name: string, value: number, goal: { most?: number; least?: number } = {}): void {
  const rounded = Math.round(value * 10) / 10;
  const said = goal.most !== undefined ? `≤ ${goal.most}` : goal.least !== undefined ? `≥ ${goal.least}` : '–';
  const met = (goal.most === undefined || value <= goal.most) && (goal.least === undefined || value >= goal.least);
  const line = `| ${name} | ${rounded} | ${said} | ${met ? '✓' : '✗'} |`;
  console.log(line);
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, 'perf.md'), `${line}\n`);
  // Soft: all figures are wanted, also behind one that is not good.
  expect.soft(met, line).toBe(true);
}

/** The value below which so many per cent of all lie. */
export function percentile(values: number[], per: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * per) / 100))] ?? 0;
}
