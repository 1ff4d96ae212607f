import type { Options } from 'tsup';

const config: Options = {
  entry: { index: 'src/index.ts', 'ip-num': 'src/ip-num.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  dts: true,
  sourcemap: true,
  clean: true,
  external: ['ip-num'],
};

export default config;
