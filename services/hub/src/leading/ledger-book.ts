import type { Assignment, Pause, Release, SignedEnvelope } from '@meridian/fleet';
import type { LedgerMessage } from '@meridian/ledger';
import { earlierAssignments, presentAssignments } from '@meridian/rollout';
import type { AssignEffect, ReissueEffect, RolloutState } from '@meridian/rollout';
import type { Slices } from '@meridian/runtime';
import { z } from 'zod';
import { holdKey, holdRecordShape } from './holding.ts';
import type { HoldRecord } from './holding.ts';
import { unpackState } from './stored-state.ts';

/** A rollout and the trace of the commit that began it. */
export interface HeldRollout {
  readonly state: RolloutState;
  readonly traceparent: string | undefined;
  /** What the ledger has, while that is behind by numbers that change no decision. */
  readonly stored?: RolloutState;
}

/** An assignment as it stands in the ledger. */
export interface StoredAssignment {
  readonly assignment: Assignment;
  readonly traceparent: string | undefined;
}

/** Everything a leader goes by; all of it comes from the ledger and nothing else is authority. */
export interface LedgerBook {
  readonly rollouts: Map<string, HeldRollout>;
  /** By cluster, then application. */
  readonly assignments: Map<string, Map<string, StoredAssignment>>;
  /** Pauses that assignments carry, by application, then cluster: at every decision they are asked for, and mostly there are none. */
  readonly pauses: Map<string, Map<string, Pause>>;
  /** Applications in the list of each cluster, in name order. */
  readonly indexes: Map<string, readonly string[]>;
  /** Holds of persons that nobody released, by `holdKey`. */
  readonly holds: Map<string, HoldRecord>;
}

/** A book of a ledger that holds nothing. */
export function emptyBook(): LedgerBook {
  return {
    rollouts: new Map(),
    assignments: new Map(),
    pauses: new Map(),
    indexes: new Map(),
    holds: new Map(),
  };
}

const envelopeShape = z.object({ payload: z.string() });
const indexShape = z.object({ applications: z.array(z.string()) });

/**
 * Reads the last message of every subject, in slices: that of a large fleet takes seconds. Throws a plain error for a rollout that cannot be read: to lead without it
 * would start its clusters over from generation 1, so this hub must not lead at all.
 */
export async function readBook(messages: readonly LedgerMessage[], slices: Slices): Promise<LedgerBook> {
  const book = emptyBook();
  for (const message of messages) {
    await slices.between();
    const [, , kind, first = '', second = ''] = message.subject.split('.');
    if (kind === 'rollout') book.rollouts.set(first, readRollout(message));
    if (kind === 'assign')
      noteAssignment(book, readAssignment(message, { cluster: first, application: second }));
    if (kind === 'hold') noteHold(book, holdRecordShape.parse(jsonOf(message.body)));
    if (kind === 'index') book.indexes.set(first, indexShape.parse(jsonOf(message.body)).applications);
  }
  return book;
}

/** Notes a hold, or forgets one that was released. */
export function noteHold(book: LedgerBook, record: HoldRecord): void {
  if (record.released) book.holds.delete(holdKey(record));
  else book.holds.set(holdKey(record), record);
}

/** Notes what was written, so that the book is what the ledger holds. */
export function noteAssignment(book: LedgerBook, stored: StoredAssignment): void {
  const { cluster, application, pause } = stored.assignment;
  const ofCluster = book.assignments.get(cluster) ?? new Map<string, StoredAssignment>();
  book.assignments.set(cluster, ofCluster.set(application, stored));
  if (pause) {
    const ofApplication = book.pauses.get(application) ?? new Map<string, Pause>();
    book.pauses.set(application, ofApplication.set(cluster, pause));
  } else book.pauses.get(application)?.delete(cluster);
}

/**
 * Assignments that a state speaks of and the ledger does not hold: their leader died between writing the two. They are
 * made now, exactly as they would have been.
 */
export function missingAssignments(book: LedgerBook): AssignEffect[] {
  return [...book.rollouts.values()].flatMap(({ state }) =>
    presentAssignments(state).filter(({ cluster, application, generation }) => {
      const stored = book.assignments.get(cluster)?.get(application);
      return stored === undefined || stored.assignment.generation < generation;
    }),
  );
}

/** As `missingAssignments`, of those that tell a cluster again what it has of an earlier release. */
export function missingReissues(book: LedgerBook): ReissueEffect[] {
  return [...book.rollouts.values()].flatMap(({ state }) =>
    earlierAssignments(state).flatMap(({ release, ...effect }) => {
      const { assignment } = book.assignments.get(effect.cluster)?.get(effect.application) ?? {};
      const isBehind = assignment?.release === release && assignment.generation < effect.generation;
      return isBehind ? [effect] : [];
    }),
  );
}

/** A bundle that some agent needs, or will when its stage comes. */
export interface NeededBundle {
  readonly application: string;
  readonly cluster: string;
  readonly digest: string;
  /** The revision it was made at. */
  readonly revision: string;
}

/** The bundles that a cluster is assigned, and those that rollouts are going to assign to it or may go back to. */
export function neededBundles(book: LedgerBook, cluster: string): NeededBundle[] {
  const needed = new Map<string, NeededBundle>();
  for (const { assignment } of book.assignments.get(cluster)?.values() ?? []) {
    const { application, bundle: digest, revision } = assignment;
    if (digest !== undefined) needed.set(digest, { application, cluster, digest, revision });
  }
  for (const [application, { state }] of book.rollouts) {
    for (const { bundles, revision } of releasesOf(state)) {
      const digest = bundles[cluster]?.digest;
      if (digest !== undefined) needed.set(digest, { application, cluster, digest, revision });
    }
  }
  return [...needed.values()];
}

function releasesOf({ lastGood, target }: RolloutState): Release[] {
  return lastGood ? [lastGood.release, target.release] : [target.release];
}

/** Lists that do not name every application their cluster was given, as they have to be. Nothing is ever taken off. */
export function outdatedIndexes(book: LedgerBook): Map<string, readonly string[]> {
  const outdated = new Map<string, readonly string[]>();
  for (const [cluster, assignments] of book.assignments) {
    const listed = book.indexes.get(cluster) ?? [];
    const all = [...new Set([...listed, ...assignments.keys()])].sort();
    if (all.length !== listed.length) outdated.set(cluster, all);
  }
  return outdated;
}

function readRollout(message: LedgerMessage): HeldRollout {
  const decoded = unpackState(message.body);
  if (!decoded.ok) throw new Error(`${message.subject} at sequence ${message.sequence}: ${decoded.reason}`);
  return { state: decoded.state, traceparent: message.headers['traceparent'] };
}

/** Only a fenced leader writes these, so the payload is taken as the assignment it was signed as. */
function readAssignment(
  message: LedgerMessage,
  key: { cluster: string; application: string },
): StoredAssignment {
  const envelope: Pick<SignedEnvelope, 'payload'> = envelopeShape.parse(jsonOf(message.body));
  const assignment = jsonOf(Buffer.from(envelope.payload, 'base64')) as Assignment;
  if (assignment.cluster !== key.cluster || assignment.application !== key.application) {
    throw new Error(
      `${message.subject} holds an assignment of ${assignment.application} in ${assignment.cluster}`,
    );
  }
  return { assignment, traceparent: message.headers['traceparent'] };
}

function jsonOf(body: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(body));
}
