import { alteredFields } from '@meridian/diff';
import type { FieldSet } from '@meridian/diff';
import type { Drift } from '@meridian/fleet';
import type { KubeObject, ObjectKey } from '@meridian/manifests';
import { objectName } from './object-name.ts';

/** Who changes what is written, where nobody tells: mutating admission leaves no trace in the managed fields. */
export const admission = 'admission';

/** What was sent of an object, and what the API server has stored then. */
export interface Stored {
  readonly sent: KubeObject;
  readonly stored: KubeObject;
  /** The fields that we own in it. */
  readonly fields: FieldSet;
}

const minuteMs = 60_000;
const firstLookMs = 10 * minuteMs;
const longestLookMs = 6 * 60 * minuteMs;
const shownFields = 3;

/**
 * The fields of one object that the API server stored with another value than we sent: a webhook or policy has changed them as
 * they were written. Writing again would change nothing, so that it is said, and tried again only after 10, 20, 40 min … 6 h:
 * whoever changes them may have gone.
 */
export class AlteredFields {
  /** What was altered, in the form of drift that nobody can heal; undefined when all is stored as sent. */
  drift: Drift | undefined;
  /** Monotonic time at which the object is to be written again; undefined when there is no reason to. */
  lookAtMs: number | undefined;
  #looks = 0;
  /** What was said last. */
  #told = '';
  /** What was known before a restart. */
  #known: Drift | undefined;

  /** Takes what was kept before a restart, so that it goes on from then. */
  know(drift: Drift): void {
    this.#known = drift;
    this.#told = textOf(drift);
  }

  /** Nothing that others do to the object is to be told any more. */
  forget(): void {
    this.drift = undefined;
    this.#known = undefined;
    this.#told = '';
    this.lookAtMs = undefined;
  }

  /** Compares what was sent with what is stored. */
  take({ sent, stored, fields }: Stored, key: ObjectKey, nowMs: number): void {
    const altered = alteredFields(sent, stored, fields);
    const firstSeenMs = (this.drift ?? this.#known)?.firstSeenMs ?? nowMs;
    this.#known = undefined;
    this.drift =
      altered.length === 0
        ? undefined
        : { key, change: 'modified', manager: admission, fields: altered, firstSeenMs };
  }

  /** The object was written; plans the next look. `nowMs` is monotonic. */
  written(nowMs: number): void {
    if (!this.drift) {
      this.#looks = 0;
      this.lookAtMs = undefined;
      return;
    }
    this.lookAtMs = nowMs + Math.min(longestLookMs, firstLookMs * 2 ** this.#looks);
    this.#looks = Math.min(this.#looks + 1, 10);
  }

  /** Whether there is something to say: other fields are altered than were told, or none any more. Said once. */
  news(): 'altered' | 'kept' | undefined {
    // What was known before a restart is no news, nor is its end before the object was looked at.
    if (this.#known) return undefined;
    const now = this.drift ? textOf(this.drift) : '';
    if (now === this.#told) return undefined;
    this.#told = now;
    return this.drift ? 'altered' : 'kept';
  }
}

const textOf = ({ fields }: Drift): string => JSON.stringify(fields);

/** What was altered in an object, as a sentence without its end. */
export function alteredText({ key, fields }: Drift): string {
  const more = fields.length > shownFields ? ` and ${fields.length - shownFields} more` : '';
  const shown = fields.slice(0, shownFields).map(({ path, desired, live }) =>
    // Of a Secret there is nothing to show.
    desired === live ? path : `${path} is ${live} (git: ${desired})`,
  );
  return `admission changes ${objectName(key)} when it is written: ${shown.join(', ')}${more}`;
}

/** The same as a reason of the object. */
export function alteredReason({ fields }: Drift): string {
  const more = fields.length > shownFields ? ` and ${fields.length - shownFields} more` : '';
  const paths = fields.slice(0, shownFields).map(({ path }) => path);
  return `${paths.join(', ')}${more} changed by admission`;
}
