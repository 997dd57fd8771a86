import { expect, test } from 'vitest';
import { startFakeHub } from '../testing/fake-hub.ts';
import { nowMs } from '../testing/fixtures.ts';
import { runCommand } from '../testing/run.ts';

const answer = { cluster: 'us-east-1', token: 'enrol_abc', expiresAtMs: nowMs + 1_800_000 };
const path = '/v1/clusters/us-east-1/enrolment';

test('clusters enrol prints the token alone, so that it can be piped, and says the rest beside it', async () => {
  await using hub = await startFakeHub({ [path]: answer });
  const { code, stdout, stderr } = await runCommand(['clusters', 'enrol', 'us-east-1'], { hubs: [hub.url] });
  expect([code, stdout]).toEqual([0, 'enrol_abc\n']);
  expect(stderr).toContain('for 30m, for the agent of us-east-1 only');
  expect(stderr).not.toContain('enrol_abc');
  expect(hub.posted()).toEqual({ forMs: 1_800_000 });
});

test('clusters enrol takes no time that is too short, too long or none, and asks no hub then', async () => {
  await using hub = await startFakeHub({ [path]: answer });
  for (const time of ['59s', '25h', 'soon']) {
    const args = ['clusters', 'enrol', 'us-east-1', '--for', time];
    expect((await runCommand(args, { hubs: [hub.url] })).code).toBe(2);
  }
  expect(hub.asked).toEqual([]);
});
