import type { ViteUserConfig } from 'vitest/config';

const runs = Number(process.env['IPVERDICT_RUNS'] || 1);

const config: ViteUserConfig = {
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 120_000 * Math.max(1, runs),
  },
};

export default config;
