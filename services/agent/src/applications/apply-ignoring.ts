import { adoptFields, projectFields } from '@meridian/diff';
import type { KubeObject } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { DesiredObject } from '../assignments/prepare.ts';
import { fieldManager } from '../ports.ts';
import type { KubePort } from '../ports.ts';
import { isAdoptedIn } from './adopt-managers.ts';
import { isIgnored, leaveFields } from './left-fields.ts';
import type { Leaving } from './left-fields.ts';
import type { DryRun } from './object-book.ts';
import { ownFields } from './own-fields.ts';
import { leaveValues } from './rewrite-content.ts';

/** What is compared with a live object. */
export interface Comparison {
  readonly kube: Pick<KubePort, 'apply' | 'rewrite'>;
  readonly content: DesiredObject;
  readonly autoscaler: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * What a live object is left with when it is as the bundle has it but for what is ignored; undefined when it is to be written.
 * The API server is asked by a dry run of a write that leaves the ignored fields alone, so that they neither make a
 * difference nor are refused. A dry run that is refused tells nothing: what there is to say the write itself will say.
 */
export async function unchangedBesides(given: Comparison, live: KubeObject): Promise<Leaving | undefined> {
  const leaving = leavingIgnored(given, live);
  try {
    const answer = await dryRun(given, live, leaving);
    return isAsApplied(given.content, live, answer) ? leaving : undefined;
  } catch (error) {
    if (error instanceof FaultError && error.retry === 'never') return undefined;
    throw error;
  }
}

/**
 * What a live object would be if it were written now, but for its ignored fields, which stay as they are; `sent` is what would
 * be written for that.
 */
export async function wouldBe(given: Comparison, live: KubeObject): Promise<DryRun> {
  const { content } = given;
  const sent = content.ignoring ? leavingIgnored(given, live) : content;
  return { object: await dryRun(given, live, sent), sent: sent.object };
}

const isWhole = ({ options }: DesiredObject): boolean => options.write === 'whole';

function leavingIgnored({ content, autoscaler }: Comparison, live: KubeObject): Leaving {
  const { ignoring } = content;
  const respecting = { ...content, ignoring: ignoring && { ...ignoring, respects: true } };
  return isWhole(content)
    ? leaveValues(respecting, live, autoscaler)
    : leaveFields(respecting, live, autoscaler);
}

function dryRun(
  { kube, content, signal }: Comparison,
  live: KubeObject,
  { object }: Pick<Leaving, 'object'>,
): Promise<KubeObject> {
  const options = { dryRun: true, signal };
  return isWhole(content) ? kube.rewrite(live, object, options) : kube.apply(object, options);
}

function isAsApplied(content: DesiredObject, live: KubeObject, answer: KubeObject): boolean {
  const isAdopted = isAdoptedIn(content);
  if (adoptFields(answer, { by: fieldManager, isAdopted }) !== undefined) return false;
  const [before, after] = [live, answer].map((object) => ownValues(object, content, live));
  if (!before || !after || before.size === 0 || before.size !== after.size) return false;
  return [...before].every(([path, value]) => after.get(path) === value);
}

/** The fields that we own and nobody ignores, with their values. */
function ownValues(
  object: KubeObject,
  content: DesiredObject,
  live: KubeObject,
): ReadonlyMap<string, string> {
  const fields = ownFields(object, content);
  if (!fields) return new Map();
  const projection = projectFields(content.ignoring?.strip(object) ?? object, fields);
  return new Map(
    [...projection.values()].flatMap(({ path, elements, value }) =>
      value === undefined || isIgnored(live, elements, content) ? [] : [[path, value]],
    ),
  );
}
