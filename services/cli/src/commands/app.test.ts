import { expect, test } from 'vitest';
import { startFakeHub } from '../testing/fake-hub.ts';
import { application } from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

test('app says what the application waits for, and where that has to be healthy', async () => {
  const dependsOn = [
    { application: 'model-registry', scope: 'cluster' },
    { application: 'gateway', scope: 'fleet' },
  ];
  await using hub = await startFakeHub({
    [`/v1/applications/${application.name}`]: { ...application, dependsOn },
  });
  const { stdout } = await runCommand(['app', application.name], { hubs: [hub.url] });
  expect(stdout).toContain('strategy by-region, depends on model-registry, gateway in the whole fleet\n');
});
