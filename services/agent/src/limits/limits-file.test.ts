import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FleetEvent } from '@meridian/fleet';
import type { Clock } from '@meridian/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../testing/rig.ts';
import { openLimitsFile } from './limits-file.ts';
import { createLocalLimits } from './local-limits.ts';

const head = 'apiVersion: meridian.dev/v1alpha1\nkind: AgentLimits\n';
const frozen = `${head}spec: { freeze: { author: lena, reason: audit, until: 1970-01-01T00:01:00Z } }\n`;
const noSecrets = `${head}spec: { kinds: { denied: [Secret] } }\n`;

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'limits-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A file that is followed by a clock in the hands of the test. */
function follow(file: string) {
  let nowMs = 0;
  let ring: () => void = () => undefined;
  let asked: () => void = () => undefined;
  const waits = () => new Promise<void>((resolve) => (asked = resolve));
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    wait: () =>
      new Promise((resolve) => {
        ring = resolve;
        asked();
      }),
  };
  const limits = createLocalLimits(clock, { isRequired: true });
  const told: string[] = [];
  const tell = ({ type, message }: Pick<FleetEvent, 'type' | 'message'>) =>
    void told.push(`${type}: ${message}`);
  const opened = openLimitsFile({ file, limits, clock, log: silent, tell });
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  return {
    limits,
    told,
    load: () => opened.load(),
    /** Lets the file be read so many times, a second after the other. */
    async look(times: number) {
      for (let time = 0; time < times; time += 1) {
        const first = running === undefined ? waits() : undefined;
        running ??= opened.run(stopping.signal);
        await first;
        nowMs += 1_000;
        const next = waits();
        ring();
        await next;
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      ring();
      await running;
    },
  };
}

const secret = { group: '', kind: 'Secret', namespace: 'ml', name: 's' };

describe('the file of the limits', () => {
  it('must be read once before anything is written', async () => {
    const file = join(dir, 'limits.yaml');
    await using followed = follow(file);
    const { limits, told } = followed;
    await followed.load();
    expect(limits.stopped()).toContain('nothing is written in this cluster until its limits can be read');
    expect(limits.report()).toMatchObject({
      stopped: true,
      rules: [],
      problem: expect.stringContaining('ENOENT') as string,
    });
    expect(told.map((text) => text.split(':')[0])).toEqual(['limits.broken', 'freeze.started']);
    await writeFile(file, `${head}spec: {}`);
    await followed.look(2);
    expect(limits.stopped()).toBeUndefined();
    expect(limits.report()).toBeUndefined();
    expect(told.slice(2).map((text) => text.split(':')[0])).toEqual(['limits.changed', 'freeze.ended']);
  });

  it('stays in force as it was read last when it breaks or goes, and says so once', async () => {
    const file = join(dir, 'limits.yaml');
    await writeFile(file, noSecrets);
    await using followed = follow(file);
    const { limits, told } = followed;
    await followed.load();
    const holds = () => expect(limits.rules.refusalOf(secret)).toContain('kinds.denied');
    holds();
    for (const text of [
      '',
      `${head}spec: { kind: {} }`,
      `${head}spec: &a [*a]`,
      'x'.repeat(1_000_000),
      '\u0000',
      `${noSecrets}---\n${noSecrets}`,
    ]) {
      await writeFile(file, text);
      await followed.look(5);
      holds();
      expect(limits.stopped()).toBeUndefined();
      expect(limits.report()).toMatchObject({ stopped: false, rules: ['kinds denied: Secret'] });
      expect(limits.report()?.problem).toContain(file);
    }
    await writeFile(file, Buffer.from([0xff, 0xfe]));
    await followed.look(2);
    holds();
    await rm(file);
    await followed.look(3);
    holds();
    await mkdir(file);
    await followed.look(3);
    holds();
    expect(told.filter((text) => text.startsWith('limits.broken'))).toHaveLength(9);
    expect(told.filter((text) => text.startsWith('limits.changed'))).toHaveLength(1);
    await rm(file, { recursive: true });
    await writeFile(file, noSecrets);
    await followed.look(2);
    holds();
    expect(limits.report()).toEqual({ stopped: false, rules: ['kinds denied: Secret'] });
  });

  it('is not taken while somebody writes it', async () => {
    const file = join(dir, 'limits.yaml');
    await writeFile(file, noSecrets);
    await using followed = follow(file);
    await followed.load();
    await writeFile(file, `${head}spec: {}`);
    await followed.look(1);
    expect(followed.limits.rules.refusalOf(secret)).toContain('kinds.denied');
    await writeFile(file, noSecrets);
    await followed.look(3);
    expect(followed.told).toHaveLength(1);
  });

  it('freezes the cluster and lets it go, when it says so or when the time has come', async () => {
    const file = join(dir, 'limits.yaml');
    const text = join(dir, 'text.yaml');
    await writeFile(text, frozen);
    await symlink(text, file);
    await using followed = follow(file);
    const { limits, told } = followed;
    let changes = 0;
    limits.onChanged(() => (changes += 1));
    await followed.load();
    expect(limits.stopped()).toBe('this cluster is frozen by lena until 1970-01-01T00:01:00.000Z: audit');
    expect(limits.report()).toEqual({
      stopped: true,
      rules: [],
      freeze: { author: 'lena', reason: 'audit', untilMs: 60_000 },
    });
    const before = changes;
    await followed.look(59);
    expect(limits.stopped()).toBeDefined();
    await followed.look(1);
    expect(limits.stopped()).toBeUndefined();
    expect(limits.report()).toBeUndefined();
    expect(changes).toBe(before + 1);
    const other = join(dir, 'other.yaml');
    await writeFile(other, frozen.replace(', until: 1970-01-01T00:01:00Z', ''));
    await rm(file);
    await symlink(other, file);
    await followed.look(2);
    expect(limits.stopped()).toBe('this cluster is frozen by lena: audit');
    await writeFile(other, `${head}spec: {}`);
    await followed.look(2);
    expect(limits.stopped()).toBeUndefined();
    expect(told.map((each) => each.split(':')[0])).toEqual([
      'limits.changed',
      'freeze.started',
      'freeze.ended',
      'limits.changed',
      'freeze.started',
      'limits.changed',
      'freeze.ended',
    ]);
  });
});
