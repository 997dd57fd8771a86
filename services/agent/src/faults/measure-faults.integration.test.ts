import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repoRoot } from '@meridian/testkit';
import { expect, it } from 'vitest';
import { measureFaults } from './measure-faults.ts';

const quiet = { progress: () => undefined };

it('an agent is measured while its API server is overloaded, and nothing is lost or made twice', async () => {
  const { signal } = new AbortController();
  const rows = await measureFaults({ ...quiet, seconds: 2, only: '429', signal });
  expect(rows.map(({ figure }) => figure)).toEqual([
    'requests in the first 2 s',
    'requests after these',
    'end of the fault → all as in git',
    'objects lost, wrong or made twice',
  ]);
  expect(rows.filter(({ value }) => value === undefined)).toEqual([]);
  expect(rows.at(-1)).toMatchObject({ value: 0, met: true });
});

it('the command prints what a watch that ends with 410 costs, as JSON', async () => {
  const bin = join(repoRoot, 'services/agent/bin/chaos.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[bin, 'agent-faults', '--seconds', '1'],
    ...['--only', '410', '--json'],
  ]);
  const row = { fault: 'watch: 410 Gone', figure: 'edit → drift told, longest of 3', unit: 's', goal: 15 };
  expect(JSON.parse(stdout)).toMatchObject([row]);
});

it('what cannot be measured is a row that is not met', async () => {
  const told: string[] = [];
  const rows = await measureFaults({
    seconds: 1,
    only: '503',
    signal: AbortSignal.abort(),
    progress: (line) => void told.push(line),
  });
  expect(rows).toMatchObject([{ fault: '503', figure: 'measured', met: false }]);
  expect(told[0]).toContain('503: ');
});
