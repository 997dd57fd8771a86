import type { AgentStatus, ApplicationStatus } from '@meridian/fleet';
import { parseClaim } from '@meridian/ledger';
import type { LedgerMessage, StatusEntry } from '@meridian/ledger';
import { z } from 'zod';
import { holdKey, holdRecordShape } from '../leading/holding.ts';
import { unpackState } from '../leading/stored-state.ts';
import type { Heard, ModelChange } from './fleet-model.ts';

const envelope = z.object({ payload: z.string() });
const assignment = z.object({
  cluster: z.string(),
  application: z.string(),
  release: z.string(),
  revision: z.string(),
  bundle: z.string().optional(),
  generation: z.number().int().nonnegative(),
  term: z.number().int().nonnegative(),
  pause: z
    .object({ sinceMs: z.number(), untilMs: z.number(), author: z.string(), reason: z.string() })
    .exactOptional(),
});
const stored = z.looseObject({ session: z.string(), sequence: z.number() });

/** What a ledger message means for the views; undefined for the kinds that no view shows and for what cannot be read. */
export function changeOfMessage(message: LedgerMessage): ModelChange | undefined {
  const kind = message.subject.split('.')[2];
  if (kind === 'claim') {
    const { term, holder } = parseClaim(message.body);
    return { kind: 'claimed', term, holder };
  }
  if (kind === 'rollout') {
    const read = unpackState(message.body);
    return read.ok ? { kind: 'rollout', state: read.state } : undefined;
  }
  const text = new TextDecoder().decode(message.body);
  if (kind === 'hold') return changeOfHold(text);
  return kind === 'assign' ? changeOfAssignment(text) : undefined;
}

/** What an entry of the status board means for the views. Its value was checked when the report came in. */
export function changeOfStatus(entry: StatusEntry): ModelChange | undefined {
  const { cluster, application } = entry;
  const heard = heardFromWire(entry);
  if (entry.value !== undefined && heard === undefined) return undefined;
  if (application === undefined)
    return { kind: 'agent', cluster, heard: heard as Heard<AgentStatus> | undefined };
  return { kind: 'application', cluster, application, heard: heard as Heard<ApplicationStatus> | undefined };
}

function heardFromWire(entry: StatusEntry): Heard<unknown> | undefined {
  const parsed = stored.safeParse(entry.value);
  if (!parsed.success) return undefined;
  const { session, sequence, ...status } = parsed.data;
  return { status: { ...status, session }, session, sequence, heardAtMs: entry.atMs };
}

function changeOfAssignment(text: string): ModelChange | undefined {
  const outer = envelope.safeParse(jsonOf(text));
  if (!outer.success) return undefined;
  const inner = assignment.safeParse(jsonOf(Buffer.from(outer.data.payload, 'base64').toString('utf8')));
  if (!inner.success) return undefined;
  const { cluster, application, bundle, ...rest } = inner.data;
  return { kind: 'assigned', cluster, application, assigned: { ...rest, placed: bundle !== undefined } };
}

function changeOfHold(text: string): ModelChange | undefined {
  const read = holdRecordShape.safeParse(jsonOf(text));
  if (!read.success) return undefined;
  const { released, ...hold } = read.data;
  return { kind: 'hold', key: holdKey(hold), hold: released ? undefined : hold };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
