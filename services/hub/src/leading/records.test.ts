import { generateKeyPairSync } from 'node:crypto';
import { signEnvelope, verifyEnvelope } from '@meridian/ledger';
import type { AssignEffect } from '@meridian/rollout';
import { expect, it } from 'vitest';
import { assignmentOf, assignmentRecord, withMoves } from './records.ts';
import type { Writer } from './records.ts';

it('an assignment carries the rules for field managers under its signature, in their order', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const writer: Writer = {
    shard: 'main',
    term: 4,
    incarnation: 'i1',
    sign: (assignment) => signEnvelope(assignment, privateKey),
  };
  const fieldManagers = [
    { manager: 'tuner', policy: 'yield' },
    { manager: '*', policy: 'fail' },
  ] as const;
  const effect: AssignEffect = {
    kind: 'assign',
    application: 'web',
    cluster: 'east',
    release: 'sha256:a',
    revision: 'r1',
    bundle: `sha256:${'b'.repeat(64)}`,
    generation: 1,
    allowedDeletions: 0,
    policy: {
      namespace: 'ml',
      prune: true,
      selfHeal: true,
      createNamespace: true,
      deletionBudget: '50%',
      fieldManagers,
    },
  };
  const { body } = assignmentRecord(writer, assignmentOf(writer, effect, 1_000), undefined);
  const verdict = verifyEnvelope(JSON.parse(String(body)), [publicKey]);
  expect(verdict).toMatchObject({ ok: true, assignment: { fieldManagers } });
});

it('an assignment carries what moves under its signature, and says nothing of it without', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const writer: Writer = {
    shard: 'main',
    term: 4,
    incarnation: 'i1',
    sign: (assignment) => signEnvelope(assignment, privateKey),
  };
  const policy = { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 };
  const effect: AssignEffect = {
    kind: 'assign',
    application: 'web',
    cluster: 'east',
    release: 'sha256:a',
    revision: 'r1',
    generation: 1,
    allowedDeletions: 0,
    policy,
  };
  const moves = { to: { api: ['/ConfigMap/ml/x'] }, unclear: ['/ConfigMap/ml/y'], isPartial: true } as const;
  const assignment = assignmentOf(writer, { ...effect, moves }, 1_000);
  const { body } = assignmentRecord(writer, assignment, undefined);
  expect(verifyEnvelope(JSON.parse(String(body)), [publicKey])).toMatchObject({
    ok: true,
    assignment: { moves },
  });
  expect(withMoves(assignment, undefined)).not.toHaveProperty('moves');
});
