// The front of this working copy before a server that runs somewhere: `node xtask/npm/front-alone.mjs https://chat.example.org`
// (and a port, 8080). Wasm, script and style sheets come from target/site (`cargo xtask front`), pages, the API and the socket
// from the server. For one's own machine only. docs/decisions/0019 says what this can and cannot do.
import { createReadStream, existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { extname, join, normalize } from 'node:path';

const [backend, port = '8080'] = process.argv.slice(2);
if (!backend) {
  console.error('Say which server: node xtask/npm/front-alone.mjs http://127.0.0.1:8000');
  process.exit(2);
}
const server = new URL(backend);
const { request } = server.protocol === 'https:' ? https : http;
const site = join(import.meta.dirname, '../../target/site');
const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };

/** The file of the working copy: the server's page asks for it by the server's own fingerprint. */
function fileOf(url) {
  const path = normalize(new URL(url, 'http://front').pathname).replace(/\.[0-9a-f]{16}(?=\.\w+$)/, '');
  const file = join(site, path);
  return extname(path) in TYPES && existsSync(file) ? file : undefined;
}

/** The server is to see its own address, or it refuses what comes from another origin. */
function headersOf({ headers }) {
  const own = { ...headers, host: server.host };
  if (own.origin) own.origin = server.origin;
  delete own.referer;
  return own;
}

function toServer(incoming) {
  const { method, url } = incoming;
  return request({ protocol: server.protocol, hostname: server.hostname, port: server.port, method, path: url, headers: headersOf(incoming) });
}

const front = http.createServer((incoming, outgoing) => {
  const file = fileOf(incoming.url);
  if (file) {
    outgoing.writeHead(200, { 'content-type': TYPES[extname(file)], 'cache-control': 'no-store' });
    createReadStream(file).pipe(outgoing);
    return;
  }
  const onward = toServer(incoming);
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', (error) => outgoing.writeHead(502).end(`${backend}: ${error.message}`));
  incoming.pipe(onward);
});

front.on('upgrade', (incoming, socket, head) => {
  const onward = toServer(incoming);
  onward.on('upgrade', (answer, further, first) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    socket.write(first);
    further.write(head);
    further.pipe(socket).pipe(further);
    further.on('error', () => socket.destroy());
    socket.on('error', () => further.destroy());
  });
  onward.on('response', (answer) => socket.end(`HTTP/1.1 ${answer.statusCode} Refused\r\nconnection: close\r\n\r\n`));
  onward.on('error', () => socket.destroy());
  onward.end();
});

front.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${front.address().port} is ${backend} with the front of ${site}`));
