import { keyOf, keyText, optionsOf, type KubeObject, type ObjectKey } from '@meridian/manifests';
import { fieldChanges, type FieldChange } from './field-changes.ts';
import { maskChange, type SecretValues } from './secret-values.ts';

/** What happens to one object: `left` is not wanted any more and stays, by the sync policy or its own annotation. */
export interface ObjectChange {
  readonly change: 'created' | 'changed' | 'replaced' | 'deleted' | 'left';
  readonly key: ObjectKey;
  /** The object of another hash in its name that goes, or is left, when this one comes. */
  readonly replaces?: string;
  readonly fields: readonly FieldChange[];
}

/** What `objectChanges` compares. */
export interface ObjectsComparison {
  readonly before: readonly KubeObject[];
  readonly after: readonly KubeObject[];
  /** Whether the application removes what is not wanted any more. */
  readonly prune: boolean;
  readonly secrets: SecretValues;
}

/** What changes between two states of an application in a cluster: in apply order, then what goes. Values of Secrets are masked. */
export function objectChanges({ before, after, prune, secrets }: ObjectsComparison): readonly ObjectChange[] {
  const old = byKey(before);
  const now = byKey(after);
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, object]) => object);
  const fresh = [...now].filter(([key]) => !old.has(key)).map(([, object]) => object);
  const successors = pairHashed(gone, fresh);
  const changes: ObjectChange[] = [];
  for (const [key, object] of now) {
    const known = old.get(key);
    const replaced = successors.get(object);
    const past = known ?? replaced;
    if (!past) changes.push({ change: 'created', key: keyOf(object), fields: [] });
    else if (past !== object) {
      const fields = shownFields(past, object, secrets);
      if (replaced)
        changes.push({ change: 'replaced', key: keyOf(object), replaces: replaced.metadata.name, fields });
      else if (fields.length > 0) changes.push({ change: 'changed', key: keyOf(object), fields });
    }
  }
  const paired = new Set(successors.values());
  for (const object of gone.filter((each) => !paired.has(each)).reverse())
    changes.push({ change: prune && !isKept(object) ? 'deleted' : 'left', key: keyOf(object), fields: [] });
  return changes;
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
