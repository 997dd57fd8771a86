import {
  canonicalJson,
  keyOf,
  keyText,
  optionsOf,
  readHook,
  type KubeObject,
  type ObjectKey,
  type Phase,
} from '@meridian/manifests';
import type { IgnoredFieldsOf } from '../ignored-fields.ts';
import { fieldChanges, type FieldChange } from './field-changes.ts';
import { maskChange, type SecretValues } from './secret-values.ts';

/**
 * What happens to one object: `moved` goes to another application of the cluster (`withMoves`); `left` is not wanted any more and stays, by the sync policy or its own annotation; `runs` is a hook
 * that is as it was and runs, because the bundle is another one or the application is withdrawn.
 */
export interface ObjectChange {
  readonly change: 'created' | 'changed' | 'replaced' | 'runs' | 'moved' | 'deleted' | 'left';
  readonly key: ObjectKey;
  /** The phases of a hook, none when it never runs; undefined for an object that is no hook. */
  readonly hook?: readonly Phase[];
  /** The object of another hash in its name that goes, or is left, when this one comes. */
  readonly replaces?: string;
  /** The application that takes a moved object over as it is. */
  readonly movesTo?: string;
  /** The application that a created object comes from: it is there already. */
  readonly movesFrom?: string;
  readonly fields: readonly FieldChange[];
}

/** What `objectChanges` compares. */
export interface ObjectsComparison {
  readonly before: readonly KubeObject[];
  /** Undefined when the application is withdrawn. */
  readonly after: readonly KubeObject[] | undefined;
  /** Whether the application removes what is not wanted any more. */
  readonly prune: boolean;
  readonly secrets: SecretValues;
  /** What others may have as they like. */
  readonly ignored: IgnoredFieldsOf;
}

/** The phases in which the hooks of every new bundle run; those of SyncFail may not have to. */
const syncPhases: ReadonlySet<Phase> = new Set(['PreSync', 'Sync', 'PostSync']);
const endPhases: ReadonlySet<Phase> = new Set(['PreDelete', 'PostDelete']);

/** Whether a change makes a hook run. */
export function makesRun({ change, hook = [] }: ObjectChange): boolean {
  if (change === 'moved' || change === 'deleted' || change === 'left') return false;
  return change === 'runs' || hook.some((phase) => syncPhases.has(phase));
}

/**
 * What changes between two different bundles of an application in a cluster: in apply order, then what goes. Values of Secrets are
 * masked.
 */
export function objectChanges(comparison: ObjectsComparison): readonly ObjectChange[] {
  const { before, after, prune, secrets, ignored } = comparison;
  const old = byKey(before);
  const now = byKey(after ?? []);
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, object]) => object);
  const fresh = [...now].filter(([key]) => !old.has(key)).map(([, object]) => object);
  const successors = pairHashed(gone, fresh);
  const changes = [...now].flatMap(([key, object]) =>
    changeOf(object, { known: old.get(key), replaced: successors.get(object), secrets, ignored }),
  );
  const paired = new Set(successors.values());
  const ending = after ? [] : gone.filter((object) => runsIn(object, endPhases));
  for (const object of ending) changes.push({ change: 'runs', ...namesOf(object), fields: [] });
  for (const object of gone.filter((each) => !paired.has(each) && !ending.includes(each)).reverse())
    changes.push({ change: prune && !isKept(object) ? 'deleted' : 'left', ...namesOf(object), fields: [] });
  return changes;
}

interface Past {
  /** The object of the same name. */
  readonly known: KubeObject | undefined;
  /** The object of the same name but for the hash. */
  readonly replaced: KubeObject | undefined;
  readonly secrets: SecretValues;
  readonly ignored: IgnoredFieldsOf;
}

/** What happens to an object that is wanted; nothing when it stays as it is. */
function changeOf(object: KubeObject, { known, replaced, secrets, ignored }: Past): readonly ObjectChange[] {
  const names = namesOf(object);
  const past = known ?? replaced;
  if (!past) return [{ change: 'created', ...names, fields: [] }];
  const [then, now] = known && !names.hook ? writtenOf(known, object, ignored) : [past, object];
  const fields = then === now ? [] : shownFields(then, now, secrets);
  if (replaced) return [{ change: 'replaced', ...names, replaces: replaced.metadata.name, fields }];
  if (fields.length > 0) return [{ change: 'changed', ...names, fields }];
  return runsIn(object, syncPhases) ? [{ change: 'runs', ...names, fields }] : [];
}

/**
 * What agents compare and write of an object that is there. What is ignored alone makes no write; it is written with another
 * change unless it is to be left as it is.
 */
function writtenOf(
  known: KubeObject,
  object: KubeObject,
  ignored: IgnoredFieldsOf,
): readonly [KubeObject, KubeObject] {
  const fields = known === object ? undefined : ignored(keyOf(object));
  if (!fields) return [known, object];
  const [then, now] = [fields.strip(known), fields.strip(object)];
  const isSame = canonicalJson(then) === canonicalJson(now);
  if (isSame) return [object, object];
  return fields.respects ? [then, now] : [known, object];
}

function namesOf(object: KubeObject): Pick<ObjectChange, 'key' | 'hook'> {
  const { hook } = readHook(object);
  return { key: keyOf(object), ...(hook ? { hook: hook.phases } : {}) };
}

function runsIn(object: KubeObject, phases: ReadonlySet<Phase>): boolean {
  return readHook(object).hook?.phases.some((phase) => phases.has(phase)) === true;
}

/** Agents do not prune objects whose annotations say so. */
function isKept(object: KubeObject): boolean {
  return optionsOf(object).prune !== 'allowed';
}

function byKey(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [keyText(keyOf(object)), object]));
}

function shownFields(before: KubeObject, after: KubeObject, secrets: SecretValues): readonly FieldChange[] {
  return fieldChanges(before, after).map((change) => {
    const { steps: _, ...shown } = maskChange(change, after, secrets);
    return shown;
  });
}

/** What kustomize puts behind the name of a generated object: ten digits of a hash, without vowels and what looks alike. */
const hashed = /^(.+)-[bcdfghkmt2456789]{10}$/;

/** New generated objects and the old ones of the same name but for the hash, where that is clear. */
function pairHashed(
  gone: readonly KubeObject[],
  fresh: readonly KubeObject[],
): ReadonlyMap<KubeObject, KubeObject> {
  const groups = new Map<string, { readonly old: KubeObject[]; readonly now: KubeObject[] }>();
  const note = (object: KubeObject, side: 'old' | 'now'): void => {
    const stem = hashed.exec(object.metadata.name)?.[1];
    if (stem === undefined) return;
    const key = keyText({ ...keyOf(object), name: stem });
    const group = groups.get(key) ?? { old: [], now: [] };
    groups.set(key, group);
    group[side].push(object);
  };
  for (const object of gone) note(object, 'old');
  for (const object of fresh) note(object, 'now');
  const pairs = new Map<KubeObject, KubeObject>();
  for (const { old, now } of groups.values()) {
    const [before, after] = [old[0], now[0]];
    if (before && after && old.length === 1 && now.length === 1) pairs.set(after, before);
  }
  return pairs;
}
