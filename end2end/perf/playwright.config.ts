// How the pages are measured: one thing at a time, on a machine that does nothing else if its figures are to be believed.
import { defineConfig } from '@playwright/test';
import stories from '../playwright.config.ts';

export default defineConfig({
  ...stories,
  testDir: '.',
  outputDir: '../artefacts/perf-results',
  workers: 1,
  timeout: 15 * 60_000,
  reporter: [['list']],
  use: { ...stories.use, screenshot: 'off', trace: 'off' },
});
