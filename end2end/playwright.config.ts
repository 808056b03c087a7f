// How the stories are run. What they run against is said by the environment: see world/setting.ts.
import { defineConfig } from '@playwright/test';
import { chromiumPath, chromiumSwitches } from './world/setting.ts';

export default defineConfig({
  testDir: './stories',
  outputDir: './artefacts/results',
  // The machines that run this have two cores, and the local model takes one.
  workers: 2,
  // A story that passes only sometimes is a defect, of the story or of the program.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 20_000, toHaveScreenshot: { maxDiffPixelRatio: 0.002, animations: 'disabled', caret: 'hide' } },
  // Pictures that others are compared with, beside the stories that take them: see stories/design.spec.ts.
  snapshotPathTemplate: 'baselines/{arg}{ext}',
  // `cargo xtask test` names its own.
  reporter: [['line'], ['json', { outputFile: 'artefacts/report.json' }]],
  use: {
    browserName: 'chromium',
    viewport: { width: 1200, height: 800 },
    actionTimeout: 20_000,
    // What it answers no story could see; the one about it allows it.
    serviceWorkers: 'block',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: { executablePath: chromiumPath, args: chromiumSwitches },
  },
});
