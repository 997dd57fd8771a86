import type { ApplicationStatus, ObjectStatus } from '@meridian/fleet';
import { plainText, wireLimits, worstObjects } from '@meridian/wire';

/** What a status may still carry. */
interface Cut {
  readonly reasons: 'notHealthy' | 'none';
  readonly healthy: boolean;
  readonly fields: boolean;
  /** How often the lists of objects and drift are halved. */
  readonly halvings: number;
}

const least: Cut = { reasons: 'none', healthy: false, fields: false, halvings: 0 };
const cuts: readonly Cut[] = [
  { ...least, reasons: 'notHealthy', healthy: true, fields: true },
  { ...least, reasons: 'notHealthy', fields: true },
  { ...least, fields: true },
  least,
];
const reasonNotes = { notHealthy: ' without reasons of healthy ones', none: ' without reasons' };

/**
 * The status, then less and less of it, for a reader that takes the first one that fits: without reasons of healthy objects,
 * without healthy objects, without any reasons, without fields of drift, and then the worst objects and newest drift, half as
 * many each time, down to none. What is left out is counted in the message; verdicts and numbers are never touched.
 */
export function* statusCuts(status: ApplicationStatus): Generator<ApplicationStatus, void, undefined> {
  yield status;
  for (const cut of cuts) yield cutStatus(status, cut);
  const listed = Math.max(status.objects.length, status.drift.length);
  for (let halvings = 1; listed >> (halvings - 1) > 0; halvings += 1)
    yield cutStatus(status, { ...least, halvings });
}

function cutStatus(status: ApplicationStatus, cut: Cut): ApplicationStatus {
  const left = cut.healthy ? status.objects : status.objects.filter(({ health }) => health !== 'Healthy');
  const objects = worstObjects(left, left.length >> cut.halvings).map((object) => withReason(object, cut));
  const drift = status.drift
    .slice(0, status.drift.length >> cut.halvings)
    .map((one) => (cut.fields ? one : { ...one, fields: [] }));
  const shortened = { ...status, objects, drift };
  return { ...shortened, message: messageWith(status.message, noteOf(status, shortened, cut)) };
}

function withReason(object: ObjectStatus, { reasons }: Cut): ObjectStatus {
  const isKept = reasons === 'notHealthy' && object.health !== 'Healthy';
  return isKept || object.reason === '' ? object : { ...object, reason: '' };
}

/** One sentence on what a reader does not see. */
function noteOf(whole: ApplicationStatus, shortened: ApplicationStatus, { reasons, fields }: Cut): string {
  const total = whole.objects.length;
  const notes = [
    `${shortened.objects.length} of ${total} objects${reasonNotes[reasons]} (all: ${countsOf(whole.objects)})`,
  ];
  if (!fields && whole.drift.length > 0)
    notes.push(`${shortened.drift.length} of ${whole.drift.length} drifts without fields`);
  return `the report was too large and is cut to ${notes.join(' and ')}`;
}

function countsOf(objects: readonly ObjectStatus[]): string {
  const counts = new Map<string, number>();
  for (const { health } of objects) counts.set(health, (counts.get(health) ?? 0) + 1);
  const named = [...counts].map(([health, count]) => `${count} ${health}`);
  return named.length === 0 ? 'none' : named.join(', ');
}

/** What was said comes first, and the note is never cut off. */
function messageWith(message: string, note: string): string {
  if (message === '') return note;
  return `${plainText(message, wireLimits.messageChars - note.length - 2)}; ${note}`;
}
