import { generateKeyPairSync } from 'node:crypto';
import type { Assignment, Gate } from '@meridian/fleet';
import type { LedgerMessage, LedgerRecord } from '@meridian/ledger';
import { signEnvelope, verifyEnvelope } from '@meridian/ledger';
import { decide } from '@meridian/rollout';
import type { Policy, RolloutEvent, RolloutState, StatusObserved } from '@meridian/rollout';
import { systemClock } from '@meridian/runtime';
import { Registry, createTelemetry } from '@meridian/telemetry';
import { expect, test } from 'vitest';
import { controlMetrics } from './metrics.ts';
import { Pen } from './pen.ts';
import type { PenPorts } from './pen.ts';

const pair = generateKeyPairSync('ed25519');
const signingKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const application = 'web';
const bundleOf = (release: string) => `sha256:${release.slice(1).padStart(64, 'b')}`;
const digestOf = (release: string) => `sha256:${release.slice(1).padStart(64, 'a')}`;
const subject = `ledger.main.assign.east.${application}`;

/** Leaders of one ledger, one after the other. */
class Ledger {
  readonly messages = new Map<string, LedgerMessage>();
  #sequence = 0;

  write({ subject: name, body, headers = {} }: LedgerRecord): void {
    this.#sequence += 1;
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const common = { subject: name, sequence: this.#sequence, term: 1, atMs: 0 };
    this.messages.set(name, { ...common, body: bytes, headers });
  }

  async leader(term: number): Promise<Pen> {
    this.write({ subject: 'ledger.main.claim', body: '{}' });
    const tail = { sequence: 0, term, holder: 'hub-1', messageId: '', atMs: 0 };
    const { log } = createTelemetry({
      ...{ service: 'hub', instance: 'hub-1', logLevel: 'error', destination: { write: () => undefined } },
    });
    const ports: PenPorts = {
      ledger: { lastBySubject: async () => [...this.messages.values()], tail: async () => tail },
      moves: { of: async () => undefined, outdated: async () => [] },
      outbox: { put: () => undefined, run: async () => undefined },
      clock: systemClock,
      log,
      metrics: controlMetrics(new Registry(), () => undefined),
      shard: 'main',
      sign: (assignment: Assignment) => signEnvelope(assignment, signingKey),
    };
    const sequence = this.#sequence;
    const append = async (records: readonly LedgerRecord[]) => {
      for (const record of records) this.write(record);
      return { ok: true as const, sequence: this.#sequence };
    };
    const pulse = () => append([]);
    const pen = new Pen(ports, { term, incarnation: 'i1', sequence, append, pulse });
    await pen.load(AbortSignal.timeout(5_000));
    return pen;
  }

  /** What an agent would read and accept as signed. */
  assigned() {
    const envelope: unknown = JSON.parse(new TextDecoder().decode(this.messages.get(subject)?.body));
    const read = verifyEnvelope(envelope, [publicKey], { cluster: 'east', application });
    if (!read.ok) throw new Error(read.reason);
    return read.assignment;
  }
}

const gate: Gate = {
  ...{ kind: 'metric', name: 'errors', source: 'prometheus', query: 'up', max: 1, firstInstall: 'pass' },
  ...{ intervalMs: 60_000, aggregate: 'every', forMs: 0, failAfterMs: 0 },
};

function release(name: string, policy: Policy): RolloutEvent {
  const stage = { name: 'all', clusters: { matchLabels: {} }, maxConcurrent: 1, soakMs: 0, before: [gate] };
  const bundles = { east: { digest: bundleOf(name), objects: 2 } };
  return {
    kind: 'releaseMade',
    release: { application, digest: digestOf(name), revision: `r-${name}`, bundles },
    strategy: { name: 'gated', stages: [stage], progressDeadlineMs: 60_000, failureBudget: 0 },
    ...{ policy, labels: {}, removals: {} },
  };
}

const policy: Policy = {
  ...{ namespace: 'ml', prune: true, selfHeal: false, createNamespace: true, deletionBudget: '50%' },
};
/** The next release is for another namespace, and heals. */
const otherPolicy: Policy = { ...policy, namespace: 'other', selfHeal: true };

const report = (name: string, generation: number): StatusObserved => ({
  ...{ kind: 'statusObserved', cluster: 'east', release: digestOf(name), generation, sync: 'Synced' },
  ...{ health: 'Healthy', message: '', observedAtMs: 1, stale: false },
});

/** Has a leader carry out what follows of events, or only its state: then it dies before the assignment. */
async function follow(pen: Pen, events: readonly RolloutEvent[], ledger?: Ledger): Promise<RolloutState> {
  let state = pen.book.rollouts.get(application)?.state;
  for (const event of events) {
    const written = ledger?.messages.get(subject);
    const { next, effects } = decide(state, event, 1_000);
    if (!next) throw new Error('there is no rollout');
    state = next;
    const trace = { traceparent: undefined, parent: undefined };
    await pen.carryOut([{ application, next, effects, ...trace }], AbortSignal.timeout(5_000));
    if (written) ledger?.messages.set(subject, written);
  }
  if (!state) throw new Error('nothing happened');
  return state;
}

/** A ledger whose agent is ahead of it, at a gate in front of the next release. */
async function atGate() {
  const ledger = new Ledger();
  const pen = await ledger.leader(1);
  await follow(pen, [release('R1', policy), report('R1', 1), release('R2', otherPolicy)]);
  return { ledger, pen, before: ledger.assigned() };
}

test('an agent that is ahead of the ledger is asked by the assignment that it has, as it was, above what it has seen', async () => {
  const { ledger, pen, before } = await atGate();
  expect(before.checks?.map(({ id }) => id)).toEqual(['errors-2-1-aaaaaaaa']);
  await follow(pen, [report('R9', 7)]);
  const after = ledger.assigned();
  expect(after).toEqual({
    ...before,
    generation: 8,
    allowedDeletions: 0,
    issuedAtMs: expect.any(Number),
    expiresAtMs: expect.any(Number),
  });
  expect(after).toMatchObject({
    release: digestOf('R1'),
    bundle: bundleOf('R1'),
    namespace: 'ml',
    selfHeal: false,
  });
});

test('a leader that died before it told a cluster again is made up for, once', async () => {
  const { ledger, pen, before } = await atGate();
  const state = await follow(pen, [report('R9', 7)], ledger);
  expect(ledger.assigned()).toEqual(before);
  expect(state.placed['east']).toMatchObject({ generation: 8, release: digestOf('R1') });
  await ledger.leader(2);
  const after = ledger.assigned();
  expect(after).toMatchObject({
    generation: 8,
    release: digestOf('R1'),
    namespace: 'ml',
    checks: before.checks,
    term: 2,
  });
  await ledger.leader(3);
  expect(ledger.assigned()).toEqual(after);
});
