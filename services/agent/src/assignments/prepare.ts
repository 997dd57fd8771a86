import { hash } from 'node:crypto';
import type { Assignment } from '@meridian/fleet';
import {
  base64Text,
  canonicalJson,
  isClusterScoped,
  keyOf,
  keyText,
  notTextIn,
  optionsOf,
  readHook,
  waveOf,
} from '@meridian/manifests';
import type { Hook, Json, KubeObject, ObjectOptions } from '@meridian/manifests';
import { unsliced } from '@meridian/runtime';
import type { Slices } from '@meridian/runtime';
import { isJsonObject } from '../json.ts';
import { autoscaledBy, hasReplicas } from './autoscaled.ts';
import { withoutBadCaBundle } from './ca-bundle.ts';
import { ignoringFor } from './ignoring.ts';
import type { Ignoring } from './ignoring.ts';
import { ownJudging } from './judges.ts';
import type { Judging } from './judges.ts';
import { managerPolicyOf } from './manager-policy.ts';
import type { ManagerPolicy } from './manager-policy.ts';
import { applicationLabel } from '../ports.ts';
import type { InventoryEntry, KindRef } from '../ports.ts';

/** One object as it shall be applied, with what is asked of it again and again. */
export interface DesiredObject {
  readonly object: KubeObject;
  readonly entry: InventoryEntry;
  /** `keyText` of the object. */
  readonly id: string;
  readonly wave: number;
  /** Digest of the content; equal content is not applied twice. */
  readonly hash: string;
  readonly options: ObjectOptions;
  readonly judging: Judging;
  /** The cluster does not know the kind yet; that it lives in namespaces is a guess. */
  readonly isScopeGuessed: boolean;
  /** Set for objects that run in phases and are not kept in the cluster. */
  readonly hook: Hook | undefined;
  /** What is done about the fields of other managers. */
  readonly managers: ManagerPolicy;
  /** The autoscaler of the same bundle that has the replicas of the object, as people write it. */
  readonly autoscaler: string | undefined;
  /** What of it others may have as they like; undefined when nothing. */
  readonly ignoring: Ignoring | undefined;
  /** Why it must not be written as it is. */
  readonly problem?: string;
  /** As the bundle has it, when `object` has its secrets in clear: what is kept outside of the memory. */
  readonly sealed?: KubeObject;
}

/** What may be kept of an object outside of the memory: nothing that was decrypted. */
export function keptObject({ object, sealed }: DesiredObject): KubeObject {
  return sealed ?? object;
}

/** Asks whether a kind of this cluster lives in namespaces. */
export type ScopeOf = (kind: KindRef) => Promise<boolean | undefined>;

/**
 * Makes a bundle's objects ready to apply, in the bundle's order: label, namespace where the kind has one, nothing that only
 * the server may set, Secrets without `stringData`, which server-side apply would not track, and definitions without a
 * placeholder for a certificate.
 */
export async function prepareObjects(
  objects: readonly KubeObject[],
  assignment: Assignment,
  scopeOf: ScopeOf,
  slices: Slices = unsliced,
): Promise<readonly DesiredObject[]> {
  const scopes = scopesIn(objects);
  const prepared: KubeObject[] = [];
  const problems = objects.map(problemOf);
  const guessed = new Set<KubeObject>();
  for (const object of objects) {
    await slices.between();
    const inNamespace = await isNamespaced(object, scopes, scopeOf);
    const ready = prepare(object, assignment, inNamespace ?? true);
    if (inNamespace === undefined) guessed.add(ready);
    prepared.push(ready);
  }
  const handlingOf = handlingBy(prepared, assignment);
  const desired: DesiredObject[] = [];
  for (const [index, object] of prepared.entries()) {
    await slices.between();
    const handling = { ...handlingOf(object), isScopeGuessed: guessed.has(object) };
    desired.push({ ...desiredObject(object, handling), ...problems[index] });
  }
  return desired;
}

function handlingBy(
  prepared: readonly KubeObject[],
  { fieldManagers, namespace, rules }: Assignment,
): (object: KubeObject) => Omit<Handling, 'isScopeGuessed'> {
  const managers = managerPolicyOf(fieldManagers);
  const managersText = fieldManagers ? JSON.stringify(fieldManagers) : '';
  const scaled = autoscaledBy(prepared, ({ metadata }) => metadata.namespace ?? namespace);
  const ignoringOf = ignoringFor(rules);
  return (object) => {
    const key = keyOf(object);
    const autoscaler = hasReplicas(object) ? scaled.get(keyText(key)) : undefined;
    const ignoring = ignoringOf(key);
    return {
      managers,
      autoscaler,
      ignoring,
      also: managersText + (autoscaler ?? '') + (ignoring?.text ?? ''),
    };
  };
}

interface Handling extends Pick<DesiredObject, 'managers' | 'autoscaler' | 'isScopeGuessed' | 'ignoring'> {
  /** What else makes an object another one, so that it is applied again. */
  readonly also: string;
}

function desiredObject(object: KubeObject, { also, ...handling }: Handling): DesiredObject {
  const key = keyOf(object);
  return {
    ...handling,
    judging: ownJudging,
    object,
    entry: { ...key, apiVersion: object.apiVersion, uid: '' },
    id: keyText(key),
    wave: waveOf(object),
    hash: hash('sha256', canonicalJson(object) + also, 'base64'),
    options: optionsOf(object),
    hook: readHook(object).hook,
  };
}

function scopesIn(objects: readonly KubeObject[]): ReadonlyMap<string, boolean> {
  const scopes = new Map<string, boolean>();
  for (const object of objects) {
    const spec = object['spec'];
    if (object.kind !== 'CustomResourceDefinition' || !isJsonObject(spec)) continue;
    const names = spec['names'];
    const kind = isJsonObject(names) ? names['kind'] : undefined;
    const group = spec['group'];
    if (typeof kind === 'string' && typeof group === 'string')
      scopes.set(`${group}/${kind}`, spec['scope'] !== 'Cluster');
  }
  return scopes;
}

/** Undefined when neither the bundle nor the cluster knows the kind. */
async function isNamespaced(
  object: KubeObject,
  scopes: ReadonlyMap<string, boolean>,
  scopeOf: ScopeOf,
): Promise<boolean | undefined> {
  const { group, kind } = keyOf(object);
  if (isClusterScoped(group, kind)) return false;
  const builtIn = group === '' || !group.includes('.') || group.endsWith('.k8s.io');
  return scopes.get(`${group}/${kind}`) ?? (builtIn ? true : await scopeOf(object));
}

const setByServer = [
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  // Put back below where the kind has one.
  'namespace',
];

function prepare(object: KubeObject, assignment: Assignment, inNamespace: boolean): KubeObject {
  const { status: _status, ...content } = object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([field]) => !setByServer.includes(field)),
  );
  // Tools that know the kind no better give a namespace to everything (the namespace of a kustomization).
  const namespace = inNamespace ? (object.metadata.namespace ?? assignment.namespace) : undefined;
  const labels = { ...object.metadata.labels, [applicationLabel]: assignment.application };
  const ready: KubeObject = {
    ...content,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...metadata, name: object.metadata.name, ...(namespace ? { namespace } : {}), labels },
  };
  if (ready.kind === 'CustomResourceDefinition') return withoutBadCaBundle(ready);
  return ready.kind === 'Secret' && ready.apiVersion === 'v1' ? withoutStringData(ready) : ready;
}

function withoutStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  if (!isJsonObject(stringData)) return secret;
  const data: { [key: string]: Json } = isJsonObject(rest['data']) ? { ...rest['data'] } : {};
  for (const [key, value] of Object.entries(stringData)) data[key] = base64Text(textOf(value));
  return { ...rest, apiVersion: secret.apiVersion, kind: secret.kind, metadata: secret.metadata, data };
}

/** Null is an empty text to an API server, too; what else is no text is not written, see `problemOf`. */
const textOf = (value: Json): string => (typeof value === 'string' ? value : '');

/** Why an object must not be written. Hubs refuse it before, those of older versions do not. */
function problemOf(object: KubeObject): { readonly problem?: string } {
  const value = notTextIn(object);
  if (!value) return {};
  return { problem: `${value.field} is ${value.is}, and values of a Secret are texts: write it in quotes` };
}
