import { readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Options } from 'tsup';

/**
 * The bundler turns the constants of a module into variables, and a variable is loaded again for each use: that
 * costs a decision a fifth of its time. This turns them back; a test of the package holds it so.
 */
const keepConstants: NonNullable<Options['plugins']>[number] = {
  name: 'keep-constants',
  renderChunk(code) {
    return { code: code.replace(/^var (?=[\w$]+ = )/gm, 'const ') };
  },
};

/**
 * One character beyond Latin-1 makes V8 keep a file with two bytes for each character. The bundler escapes them in code
 * but not in comments, where only the minus sign is left.
 */
const plainCharacters: NonNullable<Options['plugins']>[number] = {
  name: 'plain-characters',
  renderChunk(code) {
    return { code: code.replaceAll('\u2212', '-') };
  },
};

/** Lets a system run the command by its file. */
const startOfCommand: NonNullable<Options['plugins']>[number] = {
  name: 'start-of-command',
  renderChunk(code, { path }) {
    return path.endsWith('/cli.js') ? { code: `#!/usr/bin/env node\n${code}` } : undefined;
  },
};

/**
 * Each file costs an import its search, its reading and its linking: on Node, half a millisecond. The bundler makes a
 * chunk for each set of entry points that share it. Here all of them import the main one, so that `ipverdict` is two
 * files: its names and one chunk. What an entry point does not use of it is dropped where programs are bundled.
 */
const oneChunkForCore: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'one-chunk-for-core',
  setup({ onLoad }) {
    onLoad(
      {
        filter:
          /[\\/]src[\\/](adapters[\\/][\w-]+|formats[\\/][\w-]+|cli[\\/][\w-]+|public[\\/](list|rules|set|live|client|snapshot|formats))\.ts$/,
      },
      async ({ path }) => ({
        contents: `import '../public/index.ts';\n${await readFile(path, 'utf8')}`,
        loader: 'ts',
      }),
    );
  },
};

/** Each file of a format is an entry point of its own, so that a program has the formats that it imports. */
const formats = readdirSync('src/formats')
  .filter((file) => file.endsWith('.ts') && !['table.ts', 'detect.ts'].includes(file))
  .map((file) => [`formats/${file.slice(0, -3)}`, `src/formats/${file}`]);

const entry = {
  index: 'src/public/index.ts',
  list: 'src/public/list.ts',
  rules: 'src/public/rules.ts',
  set: 'src/public/set.ts',
  live: 'src/public/live.ts',
  client: 'src/public/client.ts',
  snapshot: 'src/public/snapshot.ts',
  formats: 'src/public/formats.ts',
  ...Object.fromEntries(formats),
  node: 'src/adapters/node.ts',
  express: 'src/adapters/express.ts',
  fastify: 'src/adapters/fastify.ts',
  koa: 'src/adapters/koa.ts',
  hono: 'src/adapters/hono.ts',
  fetch: 'src/adapters/fetch.ts',
  'ip-num': 'src/adapters/ip-num.ts',
};

const config: Options = {
  // The command has no types that anybody could import.
  entry: { ...entry, cli: 'src/cli/main.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  dts: { entry },
  // What is built is not minified and reads like its source. Maps, and the sources they point to, would be half of the
  // package.
  sourcemap: false,
  clean: false,
  external: ['ip-num', 'yaml', /^node:/],
  removeNodeProtocol: false,
  plugins: [keepConstants, plainCharacters, startOfCommand],
  esbuildPlugins: [oneChunkForCore],
};

/**
 * The program of a thread, by a name that no program of a user has. It is one file that imports nothing, so that it runs
 * wherever a bundler or a package manager puts it.
 */
const worker: Options = {
  entry: { 'ipverdict-worker': 'src/host/worker.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  splitting: false,
  minify: true,
  sourcemap: false,
  clean: false,
  plugins: [plainCharacters],
};

/** The two run at the same time, so neither of them cleans the folder: it could remove what the other has written. */
export default function configure(): Options[] {
  rmSync('dist', { recursive: true, force: true });
  return [config, worker];
}
