import { ignoredFieldsBy } from '@meridian/diff';
import type { IgnoredFields } from '@meridian/diff';
import type { SyncRules } from '@meridian/fleet';
import type { KubeObject, ObjectKey, Step } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { applicationLabel } from '../ports.ts';

/** Which fields of an object others may have as they like. */
export interface Ignoring extends Omit<IgnoredFields, 'placesIn'> {
  /** The ignored places of an object. Throws FaultError `invalid` when an expression is not understood or too costly here. */
  readonly placesIn: (object: KubeObject) => readonly (readonly Step[])[];
}

/** Makes the rules of an application ready to be asked what is ignored of an object; undefined where nothing is. */
export function ignoringFor(rules: SyncRules | undefined): (key: ObjectKey) => Ignoring | undefined {
  const ignoredOf = ignoredFieldsBy(rules, { label: applicationLabel });
  return (key) => {
    const ignored = ignoredOf(key);
    return ignored && { ...ignored, placesIn: (object) => placesOrFault(ignored, object) };
  };
}

function placesOrFault({ placesIn }: IgnoredFields, object: KubeObject): readonly (readonly Step[])[] {
  const found = placesIn(object);
  if (found.ok) return found.places;
  throw new FaultError(
    'invalid',
    `syncPolicy.ignoreDifferences cannot be followed, so the object is not written: ${found.reason}`,
    { retry: 'later' },
  );
}
