import type { AuditEntry } from '@meridian/fleet';
import { expect, test } from 'vitest';
import { startFakeHub } from '../testing/fake-hub.ts';
import { application } from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

const entries: AuditEntry[] = [
  {
    ...{ sequence: 9, atMs: 5, author: 'lena', action: 'rollback', reason: 'slow\u001b[2J' },
    ...{
      application: 'inference-server',
      release: `sha256:${'a'.repeat(64)}`,
      to: `sha256:${'b'.repeat(64)}`,
    },
  },
  {
    ...{ sequence: 4, atMs: 1, author: 'omar', action: 'hold', reason: 'upgrade' },
    cluster: 'east',
    untilMs: 0,
  },
];

test('audit tells who asked for what, where, about which release and why, and no control characters', async () => {
  await using hub = await startFakeHub({ '/v1/audit': entries });
  const { stdout, code } = await runCommand(['audit'], { hubs: [hub.url] });
  expect(stdout).toContain('lena: rollback inference-server at aaaaaaaaaaaa to bbbbbbbbbbbb (slow');
  expect(stdout).toContain('omar: hold in east until 1970-01-01T00:00:00.000Z (upgrade)\n');
  expect(stdout).not.toContain('\u001b[2J');
  expect(code).toBe(0);
});

test('audit gives machines the entries as they are', async () => {
  await using hub = await startFakeHub({ '/v1/audit': entries });
  const { stdout } = await runCommand(['audit', application.name, '-o', 'json'], { hubs: [hub.url] });
  expect(JSON.parse(stdout)).toEqual(entries);
});

test('audit of an application that nobody knows is a mistake', async () => {
  await using hub = await startFakeHub({
    '/v1/audit': [],
    '/v1/applications': [application],
    '/v1/clusters': [],
  });
  const { stderr, code } = await runCommand(['audit', 'inference'], { hubs: [hub.url] });
  expect(stderr).toContain('inference');
  expect(code).not.toBe(0);
});
