import { rolloutVerbs } from '@meridian/fleet';
import type { ApprovalNeeded, GateView, RolloutView } from '@meridian/fleet';
import { z } from 'zod';
import { count, timeMs } from './scalars.ts';

/** A need for a person's consent to deletions. */
export const approvalNeededSchema = z.object({
  release: z.string(),
  revision: z.string(),
  reason: z.string(),
  deletions: z.record(z.string(), count).describe('Most objects that would be deleted in each cluster'),
}) satisfies z.ZodType<ApprovalNeeded>;

const said = { author: z.string(), reason: z.string() };
const named = { release: z.string(), revision: z.string() };

/** What a person may ask of a rollout. */
export const rolloutVerbSchema = z.enum(rolloutVerbs);

const gateSchema = z.object({
  name: z.string(),
  kind: z.enum(['approval', 'metric', 'job', 'webhook']),
  side: z.enum(['before', 'after']),
  phase: z.enum(['waiting', 'open', 'passed', 'failed']),
  message: z.string(),
  sinceMs: timeMs.exactOptional(),
  roles: z.array(z.string()).exactOptional(),
  required: count.exactOptional(),
  approvals: z.array(z.object({ ...said, atMs: timeMs })).exactOptional(),
}) satisfies z.ZodType<GateView>;

/** A rollout. */
export const rolloutSchema = z.object({
  id: z.string(),
  application: z.string(),
  release: z.string(),
  revision: z.string(),
  phase: z.enum([
    'waiting',
    'progressing',
    'paused',
    'rollingBack',
    'completed',
    'rolledBack',
    'halted',
    'aborted',
    'superseded',
  ]),
  reason: z.string(),
  progress: z
    .string()
    .exactOptional()
    .describe('What the present stage waits for, with times; only while the rollout moves'),
  startedAtMs: timeMs,
  endedAtMs: timeMs.nullable(),
  approvalNeeded: approvalNeededSchema.exactOptional(),
  paused: z.object({ ...said, atMs: timeMs }).exactOptional(),
  back: z
    .object({ from: z.string(), ...said, author: z.string().nullable() })
    .exactOptional()
    .describe('Of a rollback: the release that the fleet leaves, and why; no author when the hub did it'),
  pin: z
    .object({
      ...named,
      differs: z.array(z.string()).describe('Clusters whose bundle in git is another one than they run'),
      author: z.string().nullable(),
      reason: z.string(),
      sinceMs: timeMs,
    })
    .exactOptional()
    .describe('What git says while the fleet stays at this release'),
  queued: z
    .object({ ...named, sinceMs: timeMs })
    .exactOptional()
    .describe('A newer release that waits for the end of this rollout'),
  kept: z
    .array(z.object({ ...named, number: count, completedAtMs: timeMs }))
    .exactOptional()
    .describe('Releases that completed, newest first: what a rollback may go to'),
  stages: z.array(
    z.object({
      name: z.string(),
      phase: z.enum(['waiting', 'progressing', 'soaking', 'gated', 'passed', 'failed']),
      sinceMs: timeMs.exactOptional(),
      clusters: z.array(
        z.object({
          name: z.string(),
          phase: z.enum(['waiting', 'assigned', 'healthy', 'failed']),
          sinceMs: timeMs.exactOptional(),
          generation: count.nullable(),
          refusedDeletions: count.exactOptional(),
          message: z.string(),
        }),
      ),
      gates: z.array(gateSchema).exactOptional(),
    }),
  ),
}) satisfies z.ZodType<RolloutView>;
