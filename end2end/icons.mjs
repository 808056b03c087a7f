// Draws the icons of the installed program from public/favicon.svg: `node icons.mjs`, when the
// drawing changes. What it makes is committed: nobody needs a browser to build Parlance.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { chromium } from '@playwright/test';

const folder = resolve(import.meta.dirname, '../public');
const drawing = (await readFile(resolve(folder, 'favicon.svg'), 'utf8')).replace(/<svg /, '<svg width="100%" height="100%" ');

/** `part`: how much of the picture the drawing takes. A mask may cut away all but the middle 80 %. */
const icons = [
  { name: 'icon-192.png', size: 192, part: 1 },
  { name: 'icon-512.png', size: 512, part: 1 },
  { name: 'icon-maskable-512.png', size: 512, part: 0.72 },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
for (const { name, size, part } of icons) {
  const ground = part < 1 ? '#8a4b1f' : 'transparent';
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:${size}px;background:${ground}">` +
      `<div style="width:${size * part}px;height:${size * part}px">${drawing}</div></body>`,
  );
  await page.screenshot({ path: resolve(folder, name), omitBackground: part === 1 });
}
await browser.close();
