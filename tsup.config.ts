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

const config: Options = {
  entry: {
    index: 'src/public/index.ts',
    list: 'src/public/list.ts',
    rules: 'src/public/rules.ts',
    client: 'src/public/client.ts',
    node: 'src/adapters/node.ts',
    express: 'src/adapters/express.ts',
    fastify: 'src/adapters/fastify.ts',
    koa: 'src/adapters/koa.ts',
    hono: 'src/adapters/hono.ts',
    fetch: 'src/adapters/fetch.ts',
    'ip-num': 'src/adapters/ip-num.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  dts: true,
  // What is built is not minified and reads like its source. Maps, and the sources they point to, would be half of the
  // package.
  sourcemap: false,
  clean: true,
  external: ['ip-num'],
  plugins: [keepConstants],
};

export default config;
