/** Each runtime: which version, and how to make it run the conformance file. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, folder, install } from './install.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'test/runtimes/program.js');
const LONGEST_RUN = 120_000;

/**
 * @typedef {object} Runtime
 * @property {string} name as one says it on the command line
 * @property {() => string | undefined} find gives its program; undefined where it is not on this machine and does not
 *   come from the registry either; throws where it could not be installed
 * @property {(path: string) => Promise<string>} run gives what it printed
 */

/** @type {readonly Runtime[]} */
export const runtimes = [
  // The oldest that the package promises, and the newest of each later line.
  node('20', '20.19.0'),
  node('22', '22.23.5'),
  node('24', '24.22.3'),
  node('26', '26.12.1'),
  { name: 'bun', find: () => install('bun', '1.4.5', 'bun'), run: (path) => output(path, ['run', program]) },
  {
    name: 'deno',
    find: () => install('deno', '2.9.6', 'deno'),
    run: (path) => output(path, ['run', '--no-prompt', '--no-remote', '--no-config', '--no-lock', program]),
  },
  { name: 'workerd', find: () => install('workerd', '1.20261117.1', 'workerd'), run: runWorker },
  { name: 'chromium', find: findChromium, run: runPage },
];

/** @returns {Runtime} */
function node(line, version) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return {
    name: `node-${line}`,
    find: () => install(`node-${platform}-${process.arch}`, version, 'node'),
    run: (path) => output(path, [program]),
  };
}

/**
 * Runs a program and gives what it printed.
 * @param {string} path
 * @param {readonly string[]} parameters
 * @returns {Promise<string>} rejects when it fails, or does not end
 */
export async function output(path, parameters) {
  // What a runtime inherits could change it: a version manager, options of Node, a proxy of the network.
  const { PATH, HOME, TMPDIR, TEMP, SystemRoot, USERPROFILE } = process.env;
  const env = { PATH, HOME, TMPDIR, TEMP, SystemRoot, USERPROFILE, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
  const child = spawn(path, parameters, { cwd: root, env, timeout: LONGEST_RUN, killSignal: 'SIGKILL' });
  let [printed, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaints += text;
  });
  const [code, signal] = await once(child, 'close');
  if (code === 0) return printed;
  throw new Error(`It ended with ${signal ?? code}: ${(complaints || printed).trim().slice(0, 2_000)}`);
}

/** The modules are handed to workerd as they are, not bundled. */
function runWorker(path) {
  const place = join(folder, 'worker');
  mkdirSync(place, { recursive: true });
  const files = [
    'test/runtimes/worker.js',
    ...readdirSync(join(root, 'test/runtimes'))
      .filter((name) => name.endsWith('.js') && name !== 'worker.js')
      .filter((name) => !readFileSync(join(root, 'test/runtimes', name), 'utf8').includes("from 'node:"))
      .map((name) => `test/runtimes/${name}`),
    ...readdirSync(join(root, 'dist'))
      .filter((name) => name.endsWith('.js') && name !== 'ip-num.js')
      .map((name) => `dist/${name}`),
  ];
  const modules = files.map((name) => {
    const from = relative(place, join(root, name)).replaceAll('\\', '/');
    return `(name = "${name}", esModule = embed "${from}")`;
  });
  const worker = `modules = [${modules.join(', ')}], compatibilityDate = "2026-11-01"`;
  const config = join(place, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (${worker}))]);
`,
  );
  return output(path, ['test', config]);
}

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };

/** A page is served, because a browser loads no modules from files. */
async function runPage(path) {
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    const isOurs = /^\/(?:dist|test\/runtimes)\/[\w-]+\.(?:js|html)$/.test(name);
    if (!isOurs) return void response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': types[extname(name)],
      // Only an isolated page has shared memory.
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(readFileSync(join(root, name)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const profile = join(folder, 'chromium');
  mkdirSync(profile, { recursive: true });
  const url = `http://127.0.0.1:${port}/test/runtimes/page.html`;
  try {
    const page = await output(path, [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      `--user-data-dir=${profile}`,
      '--virtual-time-budget=60000',
      '--dump-dom',
      url,
    ]);
    return (
      /<pre>([\s\S]*?)<\/pre>/.exec(page)?.[1].replace(/&(amp|lt|gt|quot);/g, (_, name) => entities[name]) ??
      page
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"' };
