import type { Drift, FleetEvent } from '@meridian/fleet';
import type { ObjectKey } from '@meridian/manifests';
import { alteredText } from './altered-fields.ts';
import type { EngineContext } from './context.ts';
import { failedHooks } from '../hooks/hook-turn.ts';
import { limitErrors } from './held-limits.ts';
import { pauseText } from './held-notes.ts';
import { bookOf, objectName } from './held.ts';
import type { Held } from './held.ts';

/** Says what happens to one application: in the log, as fleet events, and in metrics. */
export interface Announcer {
  accepted(held: Held): void;
  applied(held: Held): void;
  failed(held: Held, isFirst: boolean): void;
  drifted(drift: Drift, revision: string | undefined): void;
  restored(drift: Drift, revision: string | undefined): void;
  /** Something changes an object back after each heal. Said once for each fight. */
  fought(drift: Drift, revision: string | undefined): void;
  /** A fight is over. */
  calmed(drift: Drift, revision: string | undefined): void;
  /** Admission stores these objects otherwise than they are sent. */
  altered(drifts: readonly Drift[], revision: string | undefined): void;
  /** So many objects are altered now; said after each turn, for metrics alone. */
  altering(objects: number): void;
  /** These objects are stored as they are sent again. */
  kept(keys: readonly ObjectKey[], revision: string | undefined): void;
  /** The limits of this cluster refuse other objects than before. */
  limited(held: Held): void;
  paused(held: Held): void;
  resumed(held: Held): void;
}

type Said = Pick<FleetEvent, 'level' | 'type' | 'message'> & { readonly revision?: string | undefined };

const shownErrors = 20;
const shownFields = 3;
const shownOnes = 3;

/** The announcer of an application. */
export function createAnnouncer(application: string, { log, metrics, tell }: EngineContext): Announcer {
  const say = ({ revision, ...event }: Said) =>
    tell({ ...event, application, ...(revision === undefined ? {} : { revision }) });
  return {
    accepted({ assignment: { release, revision, generation, term } }) {
      log.info({ application, release, revision, generation, term }, 'accepted assignment');
      say({
        level: 'info',
        type: 'assignment.accepted',
        revision,
        message: `took over generation ${generation}`,
      });
    },
    applied({ assignment: { revision, generation } }) {
      log.info({ application, revision, generation }, 'applied assignment');
      say({
        level: 'info',
        type: 'application.synced',
        revision,
        message: `applied generation ${generation}`,
      });
    },
    failed(held, isFirst) {
      const errors = errorsOf(held);
      if (errors.length === 0) return;
      log.warn(
        { application, error: errors.slice(0, shownErrors) },
        'objects cannot be applied and are tried again',
      );
      const message = errors.slice(0, 3).join('; ');
      if (isFirst)
        say({ level: 'error', type: 'application.failed', revision: held.assignment.revision, message });
    },
    drifted({ key, change, manager }, revision) {
      const object = objectName(key);
      metrics.drifted(application);
      log.info({ application, object, reason: `${change} by ${manager}` }, 'saw drift');
      say({
        level: 'warning',
        type: 'drift.seen',
        revision,
        message: `${object} was ${change} by ${manager}`,
      });
    },
    restored({ key, change, manager }, revision) {
      const object = objectName(key);
      metrics.healed(application);
      log.info({ application, object, reason: `${change} by ${manager}` }, 'healed drift');
      const message = `${object} is as desired again after it was ${change} by ${manager}`;
      say({ level: 'info', type: 'drift.healed', revision, message });
    },
    fought(drift, revision) {
      const message = fightText(drift);
      log.error({ application, object: objectName(drift.key), reason: message }, 'something fights healing');
      say({ level: 'error', type: 'drift.fought', revision, message });
    },
    calmed({ key, manager }, revision) {
      const object = objectName(key);
      log.info({ application, object, reason: manager }, 'nothing fights healing any more');
      const message = `${manager} has not changed ${object} back any more; it is healed at once again`;
      say({ level: 'info', type: 'drift.calmed', revision, message });
    },
    altered(drifts, revision) {
      const all = drifts.map(alteredText);
      log.warn({ application, reason: all.slice(0, shownErrors) }, 'admission changes what is written');
      const message = `${firstOf(all)}; writing it again changes nothing`;
      say({ level: 'warning', type: 'fields.altered', revision, message });
    },
    altering: (objects) => metrics.altered(application, objects),
    kept(keys, revision) {
      const message = `${firstOf(keys.map(objectName))}: stored as written again`;
      log.info({ application, reason: message }, 'admission changes it no more');
      say({ level: 'info', type: 'fields.kept', revision, message });
    },
    limited(held) {
      const all = limitErrors(held);
      const message = firstOf(all);
      log.warn(
        { application, reason: all.slice(0, shownErrors) },
        'the limits of this cluster refuse objects',
      );
      say({ level: 'warning', type: 'limits.refused', revision: held.assignment.revision, message });
    },
    paused({ assignment: { pause, revision } }) {
      metrics.paused(application, true);
      const message = pause ? pauseText(pause) : '';
      log.warn({ application, reason: message }, 'nothing is changed until the pause ends');
      say({ level: 'warning', type: 'pause.started', revision, message });
    },
    resumed({ assignment: { revision } }) {
      metrics.paused(application, false);
      log.info({ application }, 'the pause is over');
      say({
        level: 'info',
        type: 'pause.ended',
        revision,
        message: 'the pause is over; drift is healed again',
      });
    },
  };
}

/** The first few of many, as one clause. */
function firstOf(all: readonly string[]): string {
  const more = all.length > shownOnes ? `; and ${all.length - shownOnes} more` : '';
  return `${all.slice(0, shownOnes).join('; ')}${more}`;
}

/** Who fights over what, and what to do about it. */
export function fightText({ key, change, manager, fields }: Drift): string {
  const paths = fields.map(({ path }) => path);
  const more = paths.length > shownFields ? ` and ${paths.length - shownFields} more` : '';
  const which = paths.length === 0 ? '' : ` (${paths.slice(0, shownFields).join(', ')}${more})`;
  return `${objectName(key)} was ${change} by ${manager} again after each heal, so healing slows down; stop ${manager} or drop the fields it sets${which}`;
}

/** Every error of the last turn, one sentence each. */
export function errorsOf(held: Held): readonly string[] {
  const errors = held.desired.flatMap((desired) => {
    const { error } = bookOf(held, desired);
    return error === undefined ? [] : `${objectName(desired.entry)}: ${error}`;
  });
  return [
    ...(held.turnError === undefined ? [] : [held.turnError]),
    ...failedHooks(held),
    ...limitErrors(held),
    ...errors,
    ...held.pruneErrors,
  ];
}
