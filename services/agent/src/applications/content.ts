import type { Assignment } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { openBundle, unpackBundle } from '../assignments/bundle.ts';
import { prepareObjects } from '../assignments/prepare.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import { decryptObjects } from '../decryption/decrypt-objects.ts';
import type { EngineContext } from './context.ts';
import { holdAssignment } from './held.ts';
import type { Held } from './held.ts';

/** What an assignment is made of: its packed bundle or, when it withdraws the application, the hooks for the end. */
export interface Content {
  readonly assignment: Assignment;
  readonly bundle: Uint8Array | undefined;
  readonly endHooks: readonly KubeObject[] | undefined;
}

/**
 * The objects of an assignment, ready to apply, with their secrets in clear. Throws FaultError when the bundle is damaged or
 * a kind cannot be asked for.
 */
export async function prepareContent(
  { assignment, bundle, endHooks = [] }: Content,
  { kube, readAgeKeys, judges, slices }: Pick<EngineContext, 'kube' | 'readAgeKeys' | 'judges' | 'slices'>,
  signal: AbortSignal,
): Promise<readonly DesiredObject[]> {
  await slices.between();
  const objects = bundle === undefined ? endHooks : openBundle(unpackBundle(bundle), assignment);
  const opened = await decryptObjects(objects, readAgeKeys, assignment.namespace);
  const inClear = opened.map(({ object }) => object);
  const prepared = await prepareObjects(
    inClear,
    assignment,
    (kind) => kube.isNamespaced(kind, signal),
    slices,
  );
  await slices.between();
  const judgingOf = await judges.for(assignment.rules?.health);
  return prepared.map((one, index) => {
    const desired = { ...one, judging: judgingOf(one.entry) };
    const sealed = objects[index];
    const { object, problem } = opened[index] ?? {};
    if (problem !== undefined) return { ...desired, problem };
    return sealed === undefined || object === sealed ? desired : { ...desired, sealed };
  });
}

/** The same assignment with what could not be decrypted tried again: the administrator may have given the key meanwhile. */
export async function decryptedAgain(held: Held, context: EngineContext, signal: AbortSignal): Promise<Held> {
  const { record, assignment, desired } = held;
  const { bundle, endHooks } = record;
  const isKnown = assignment.bundle === undefined || bundle !== undefined;
  if (!isKnown || desired.every(({ problem }) => problem === undefined)) return held;
  const prepared = await prepareContent({ assignment, bundle, endHooks }, context, signal);
  return holdAssignment(record, assignment, prepared, held);
}
