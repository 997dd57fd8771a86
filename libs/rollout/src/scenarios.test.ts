import { describe, expect, it } from 'vitest';
import { runScenario } from './scenario-runner.test-support.ts';

declare global {
  interface ImportMeta {
    glob(pattern: string, options: object): { [path: string]: string };
  }
}

const scenarios = import.meta.glob('../scenarios/*.txt', { query: '?raw', import: 'default', eager: true });

// Re-record after a wanted change with `vitest run libs/rollout -u`, then read the difference as prose.
describe('rollout scenarios', () => {
  for (const [path, text] of Object.entries(scenarios)) {
    it(`plays ${path.split('/').at(-1) ?? path} as it is written`, async () => {
      await expect(runScenario(text)).toMatchFileSnapshot(path);
    });
  }
});
