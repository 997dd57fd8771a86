import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RolloutVerb } from '@meridian/fleet';
import type { GateProgress, RolloutState } from '@meridian/rollout';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startControlRig } from './testing/control-rig.ts';
import type { ControlRig } from './testing/control-rig.ts';
import { reached, stateOf } from './testing/rollout-states.ts';

let rig: ControlRig;
beforeEach(async () => {
  rig = await startControlRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const cluster = (name: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { region: ${name} } }\n`;
const map = (value: string) => ({
  'web/maps.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { value: '${value}' }\n`,
});
/** A canary in the west, then the east. */
const fleet = (canary: string, east = '') => ({
  'fleet/clusters.yaml': `${cluster('west')}---\n${cluster('east')}`,
  'fleet/strategy.yaml': `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: gated }
spec:
  stages:
    - { name: canary, clusters: { matchLabels: { region: west } }${canary} }
    - { name: east, clusters: { matchLabels: { region: east } }${east} }
  onBreach: rollback
`,
  'fleet/web.yaml': `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: web }
spec: { source: { path: web }, placement: {}, namespace: ml, rolloutStrategy: gated }
`,
  'web/kustomization.yaml': 'resources: [maps.yaml]\n',
  ...map('1'),
});

const stateNow = () => stateOf(rig, 'web');
const reaches = (phase: RolloutState['phase'], revision: string) => reached(rig, 'web', { phase, revision });

/** The gate once it says what is expected of it. */
async function gate(name: string, expected: Partial<GateProgress>, revision: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const state = await stateNow();
      expect(state?.target.release.revision).toBe(revision);
      const gates = (state?.stages ?? []).flatMap(({ before = [], after = [] }) => [...before, ...after]);
      expect(gates.find((one) => one.name === name)).toMatchObject(expected);
    },
    { timeout: 20_000, interval: 50 },
  );
}

async function ask(
  verb: RolloutVerb,
  author: string,
  more: { roles?: string[]; identities?: string[] } = {},
) {
  const release = (await stateNow())?.target.release.digest;
  const who = { application: 'web', author, reason: 'because' };
  return rig.ledger.bus.command({ kind: 'askRollout', verb, release, ...who, ...more }, 10_000);
}

const placed = () =>
  rig.assignments.map(({ assignment: { cluster: name, generation, release, checks = [] } }) => {
    const mark = `-${release.slice('sha256:'.length).slice(0, 8)}`;
    return [name, `g${generation}`, ...checks.map(({ id }) => id.replace(mark, '-RELEASE'))].join(' ');
  });

describe('a gate of people', () => {
  test('waits for somebody with the role who did not write the change, across leaders, and for each release anew', async () => {
    const first = rig.commit(fleet('', ', before: [{ name: qa, approval: { roles: [sre] } }]'));
    const killed = await rig.replica('hub-1');
    await gate('qa', { phase: 'open', message: 'waits for 1 approval of sre, and has 0' }, first);
    await expect(ask('approve', 'omar')).rejects.toThrow(/is for sre, and omar has none/);
    await expect(ask('approve', 'a', { roles: ['sre'], identities: ['ADA@example.com'] })).rejects.toThrow(
      /is an author of release/,
    );
    expect(placed()).toEqual(['west g1']);
    await killed.kill();
    await rig.replica('hub-2');
    const approve = () => ask('approve', 'lena', { roles: ['sre'] });
    await vi.waitFor(approve, { timeout: 20_000, interval: 200 });
    await reaches('completed', first);
    const second = rig.push(map('2'));
    await gate('qa', { phase: 'open' }, second);
    await ask('reject', 'lena', { roles: ['sre'] });
    await reaches('rolledBack', first);
    expect(placed()).toEqual(['west g1', 'east g1', 'west g2', 'west g3']);
    expect(rig.violations()).toEqual([]);
  });
});

describe('a gate of numbers', () => {
  test('asks the clusters of the stage by their assignments, holds without a number, and takes back what is bad', async () => {
    const metric = `, after: [{ name: errors, metric: { source: p, query: up, max: 1, interval: 10s, for: 0s } }]`;
    const first = rig.commit(fleet(metric));
    await rig.replica('hub-1');
    const waits = 'waits for a number of west: the source says NaN';
    await gate('errors', { phase: 'open', message: waits }, first);
    expect(placed()).toEqual(['west g1', 'west g1 errors-1-1-RELEASE']);
    rig.measure('west', 0.5);
    await reaches('completed', first);
    const second = rig.push(map('2'));
    rig.measure('west', 7);
    await vi.waitFor(async () => expect((await stateNow())?.phase).toBe('rolledBack'), { timeout: 20_000 });
    const { pin, history } = (await stateNow())!;
    expect(pin).toMatchObject({ revision: second });
    expect(history[0]?.reason).toContain('gate errors failed: is 7 in west; at most 1 is good');
    const after = placed().slice(2);
    expect(after).toContain('east g1');
    expect(after.filter((one) => one.startsWith('east'))).toEqual(['east g1']);
    expect(after.at(-1)).toBe('west g3');
    expect(rig.violations()).toEqual([]);
  });
});

describe('a gate of another system', () => {
  test('is asked with a signature until it says pass; what is no answer waits', async () => {
    const asked: { readonly body: string; readonly signature: unknown }[] = [];
    let answer = { status: 500, body: 'secret of the server' };
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push({ body, signature: request.headers['x-meridian-signature'] });
        response.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const webhook = `, after: [{ name: change, webhook: { url: '${origin}/ask', interval: 5s } }]`;
      const first = rig.commit(fleet(webhook));
      const forbidden = await rig.replica('hub-1');
      await gate(
        'change',
        { phase: 'open', message: `this hub may not ask ${origin}; see MERIDIAN_GATE_ORIGINS` },
        first,
      );
      expect(asked).toEqual([]);
      await forbidden.stop();
      await rig.replica('hub-2', { gates: { origins: [origin], secret: 'shared' } });
      const { host } = new URL(origin);
      await gate('change', { phase: 'open', message: `${host} answers with status 500, not 200` }, first);
      const { body, signature } = asked[0]!;
      expect(signature).toBe(`sha256=${createHmac('sha256', 'shared').update(body).digest('hex')}`);
      expect(JSON.parse(body)).toMatchObject({ id: 'web/1/change/1', stage: 'canary', revision: first });
      answer = { status: 200, body: JSON.stringify({ verdict: 'pass', message: 'go' }) };
      const state = await reaches('completed', first);
      expect(state.stages[0]?.after?.[0]).toMatchObject({
        phase: 'passed',
        message: `${host} says pass: go`,
      });
    } finally {
      server.close();
    }
    expect(rig.violations()).toEqual([]);
  });
});
