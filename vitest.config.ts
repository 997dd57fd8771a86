import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '.meridian/**'];
const project = (name: string, include: string[], more: object = {}) => ({
  test: { name, include, exclude, ...more },
});
/** Tests with real servers, and with one kind of cluster. */
const integration = (name: string, kube: 'sim' | 'real', include: string[]) =>
  project(name, include, {
    provide: { kube },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  });
/** The same journeys for a fleet on each kind of cluster. */
const journeys = (name: string, kube: 'sim' | 'real') =>
  project(name, ['e2e/src/journeys/*.e2e.test.ts'], {
    globalSetup: 'e2e/src/fleet-setup.ts',
    provide: { kube },
    testTimeout: 300_000,
    hookTimeout: 900_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  });

export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        ['{libs,services}/*/src/**/*.test.ts', 'e2e/src/{unit,chaos}/**/*.test.ts', 'bench/src/**/*.test.ts'],
        // No test is about time; the machine may be busy.
        { exclude: [...exclude, '**/*.{integration,e2e}.test.ts'], testTimeout: 60_000 },
      ),
      // Fleets in simulated time; they need no servers.
      project('simulation', ['e2e/src/simulation/*.e2e.test.ts'], { testTimeout: 1_800_000 }),
      integration('integration', 'real', ['{libs,services}/*/src/**/*.integration.test.ts']),
      integration('integration-sim', 'sim', [
        'libs/kube/src/kube.integration.test.ts',
        'services/agent/src/{applications,certificate,checks,scenarios}/*.integration.test.ts',
      ]),
      project('e2e', ['e2e/src/*.e2e.test.ts', 'e2e/src/{kube,kustomize,chaos}/*.e2e.test.ts'], {
        testTimeout: 300_000,
        hookTimeout: 900_000,
        pool: 'forks',
        maxWorkers: 1,
        fileParallelism: false,
      }),
      journeys('journeys', 'sim'),
      journeys('journeys-real', 'real'),
    ],
  },
});
