import type { Assignment } from '@meridian/fleet';
import { expect, it } from 'vitest';
import { prepareObjects } from '../assignments/prepare.ts';
import { hookRecordFor, runMark } from '../hooks/hook-record.ts';
import { configMap } from '../testing/rig.ts';
import { journalRecord } from './records.ts';

const assignment = (generation: number) =>
  ({ application: 'web', cluster: 'one', namespace: 'ml', bundle: 'sha256:abc', generation }) as Assignment;

it('finds the run of a hook that nobody could keep again under a later generation of the bundle', async () => {
  const objects = [configMap('a', {}, { 'meridian.dev/hook': 'PreSync' })];
  const prepared = await prepareObjects(objects, assignment(1), () => Promise.resolve(undefined));
  const envelope = { payloadType: '', payload: '', signatures: [] };
  const offer = { envelope, bundle: new Uint8Array(), traceparent: undefined };
  const first = journalRecord({ ...offer, assignment: assignment(1) }, prepared, undefined);
  const later = journalRecord({ ...offer, assignment: assignment(2) }, prepared, first);
  const run = { phase: 'PreSync', attempt: 1 } as const;
  const [made, sought] = [
    runMark(hookRecordFor(assignment(1), first.hooks), run),
    runMark(hookRecordFor(assignment(2), later.hooks), run),
  ];
  expect(sought).toBe(made);
});
