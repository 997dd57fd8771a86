import type { Age, ApplicationView, Health, PlacementView, Problem, SyncState } from '@meridian/fleet';
import type { Cell } from './table.ts';
import type { Tone } from './style.ts';
import { durationText, shortId } from './text.ts';

/** Tone of a sync state. */
export function syncTone(sync: SyncState | 'Unknown'): Tone {
  if (sync === 'Synced') return 'good';
  return sync === 'Applying' ? 'busy' : 'bad';
}

/** Tone of a health verdict. */
export function healthTone(health: Health): Tone {
  if (health === 'Healthy') return 'good';
  return health === 'Progressing' || health === 'Suspended' ? 'busy' : 'bad';
}

/** How old a status is; says STALE in words when it is past what its sender promised. */
export function ageCell(age: Age | null): Cell {
  if (age === null) return { text: 'never seen', tone: 'bad' };
  const text = durationText(age.ageMs);
  return age.stale ? { text: `STALE ${text}`, tone: 'bad' } : { text, tone: 'dim' };
}

/** One application in one cluster in a few words: `ok`, `OutOfSync`, `Synced/Degraded`, `STALE 2m`. */
export function placementCell(placement: PlacementView | undefined): Cell {
  if (placement === undefined) return { text: '-', tone: 'dim' };
  if (placement.status === null)
    return { text: placement.assigned === null ? 'waiting' : 'no report', tone: 'busy' };
  if (placement.status.stale) return { text: `STALE ${durationText(placement.status.ageMs)}`, tone: 'bad' };
  if (isWell(placement)) return { text: `ok ${shortId(placement.status.revision)}`, tone: 'good' };
  if (placement.pause) return { text: `paused ${placement.sync}/${placement.health}`, tone: 'busy' };
  const tones = [syncTone(placement.sync), healthTone(placement.health)];
  return { text: `${placement.sync}/${placement.health}`, tone: tones.includes('bad') ? 'bad' : 'busy' };
}

/** The revisions that clusters run, by what their agents last said; a cluster that never said anything is left out. */
export function runningRevisions({ placements }: ApplicationView): string[] {
  return [...new Set(placements.flatMap(({ status }) => (status === null ? [] : [status.revision])))];
}

/** What the clusters run and, while they run another one, where the rollout stands that is to replace it. */
export function revisionText(application: ApplicationView): string {
  const { revision, rollout } = application;
  if (revision === null) return '-';
  const target = shortId(revision);
  const before = othersText(runningRevisions(application).filter((one) => one !== revision));
  const need = application.approvalNeeded ? 'approval' : 'a start';
  const texts: { readonly [phase: string]: string } = {
    waiting: `${before ?? 'none'}, ${target} waits for ${need}`,
    halted: `${beside(before, ', ')}${target} halted`,
    aborted: `${beside(before, ', ')}${target} aborted`,
    progressing: `${beside(before, ' to ')}${target}`,
    paused: `${beside(before, ' to ')}${target} paused`,
    rollingBack: `${beside(before, ' ')}back to ${target}`,
  };
  return texts[rollout?.phase ?? ''] ?? target;
}

function beside(before: string | undefined, joint: string): string {
  return before === undefined ? '' : `${before}${joint}`;
}

function othersText(revisions: readonly string[]): string | undefined {
  const [first, ...more] = revisions;
  if (first === undefined) return undefined;
  return more.length === 0 ? shortId(first) : `${revisions.length} others`;
}

/** Synced, healthy, fresh and not paused. A stale status is never well. */
export function isWell(placement: PlacementView): boolean {
  return (
    placement.pause === undefined &&
    placement.sync === 'Synced' &&
    placement.health === 'Healthy' &&
    placement.status !== null &&
    !placement.status.stale
  );
}

/** Every placement that is not well, with the application's name. */
export function unwell(
  applications: readonly ApplicationView[],
): { application: string; placement: PlacementView }[] {
  return applications.flatMap(({ name, placements }) =>
    placements
      .filter((placement) => !isWell(placement))
      .map((placement) => ({ application: name, placement })),
  );
}

/** `file:line field`, as editors and terminals can open it. */
export function locationText(problem: Problem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  return problem.field === undefined ? place : `${place} ${problem.field}`;
}

/** Lines that tell a problem: whom it freezes, where, what, and how to mend it. */
export function problemLines(problem: Problem): {
  readonly where: string;
  readonly what: string;
  readonly fix: string | undefined;
} {
  const whom = [problem.application, problem.cluster].filter((name) => name !== undefined).join(' in ');
  const place = locationText(problem);
  return { where: whom === '' ? place : `${whom}: ${place}`, what: problem.message, fix: problem.fix };
}
