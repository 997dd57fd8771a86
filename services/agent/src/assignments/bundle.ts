import { hash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Assignment } from '@meridian/fleet';
import { base64Text, canonicalJson, isClusterScoped, keyOf, keyText, waveOf } from '@meridian/manifests';
import type { Json, KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';
import { isJsonObject } from '../json.ts';
import { applicationLabel } from '../ports.ts';
import type { InventoryEntry, KindRef } from '../ports.ts';

/** Largest bundle that is unpacked, as the ledger promises. */
const maxBundleBytes = 64 * 1024 * 1024;

/** One object as it shall be applied, with what is asked of it again and again. */
export interface DesiredObject {
  readonly object: KubeObject;
  readonly entry: InventoryEntry;
  /** `keyText` of the object. */
  readonly id: string;
  readonly wave: number;
  /** Digest of the content; equal content is not applied twice. */
  readonly hash: string;
}

/** Compresses a bundle's canonical JSON for keeping. */
export function packBundle(json: Uint8Array): Uint8Array {
  return zstdCompressSync(json);
}

/** Undoes `packBundle`; throws FaultError when it is damaged or larger than a bundle may be. */
export function unpackBundle(packed: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: maxBundleBytes });
  } catch (cause) {
    throw new FaultError('invalid', `the kept bundle cannot be unpacked: ${errorText(cause)}`, {
      retry: 'never',
      cause,
    });
  }
}

/**
 * The objects of a bundle after proving that it is the one the assignment names: digest, application and cluster.
 * Throws FaultError `invalid` with what does not match.
 */
export function openBundle(json: Uint8Array, assignment: Assignment): readonly KubeObject[] {
  const digest = `sha256:${hash('sha256', json)}`;
  if (digest !== assignment.bundle) throw invalid(`bundle ${assignment.bundle ?? ''} has digest ${digest}`);
  const bundle = parseBundle(json, digest);
  if (typeof bundle !== 'object' || bundle === null) throw invalid(`bundle ${digest} is not an object`);
  const { application, cluster, objects } = bundle as { readonly [field: string]: unknown };
  if (application !== assignment.application || cluster !== assignment.cluster || !Array.isArray(objects)) {
    throw invalid(`bundle ${digest} is not of ${assignment.application} for ${assignment.cluster}`);
  }
  return objects.map((object, index) => parseObject(object, index));
}

/**
 * What of a bundle would change the namespace that the agent itself lives in, whatever the hub signed; undefined when
 * nothing does.
 */
export function ownNamespaceProblem(
  objects: readonly KubeObject[],
  assignment: Assignment,
  own: string,
): string | undefined {
  const found = objects.find(({ apiVersion, kind, metadata }) =>
    kind === 'Namespace' && apiVersion === 'v1'
      ? metadata.name === own
      : (metadata.namespace ?? assignment.namespace) === own,
  );
  return found && `${found.kind} ${found.metadata.name} is in ${own}, the namespace of this agent`;
}

/** A signed bundle can still be garbage; that is a refusal, not an end of the process. */
function parseBundle(json: Uint8Array, digest: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(json)) as unknown;
  } catch (cause) {
    throw invalid(`bundle ${digest} is not JSON: ${errorText(cause)}`);
  }
}

function parseObject(object: unknown, index: number): KubeObject {
  const found = object as KubeObject;
  const usable =
    typeof found?.apiVersion === 'string' &&
    typeof found.kind === 'string' &&
    typeof found.metadata?.name === 'string';
  if (!usable) throw invalid(`object ${index} of the bundle has no apiVersion, kind or name`);
  return found;
}

const invalid = (message: string): FaultError => new FaultError('invalid', message, { retry: 'never' });

/** Asks whether a kind of this cluster lives in namespaces. */
export type ScopeOf = (kind: KindRef) => Promise<boolean | undefined>;

/**
 * Makes a bundle's objects ready to apply, in the bundle's order: label, namespace where one is missing, nothing that only
 * the server may set, and Secrets without `stringData`, which server-side apply would not track.
 */
export async function prepareObjects(
  objects: readonly KubeObject[],
  assignment: Assignment,
  scopeOf: ScopeOf,
): Promise<readonly DesiredObject[]> {
  const scopes = scopesIn(objects);
  const prepared: DesiredObject[] = [];
  for (const object of objects) {
    const inNamespace = await isNamespaced(object, scopes, scopeOf);
    prepared.push(desiredObject(prepare(object, assignment, inNamespace)));
  }
  return prepared;
}

function desiredObject(object: KubeObject): DesiredObject {
  const key = keyOf(object);
  return {
    object,
    entry: { ...key, apiVersion: object.apiVersion, uid: '' },
    id: keyText(key),
    wave: waveOf(object),
    hash: hash('sha256', canonicalJson(object), 'base64'),
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

async function isNamespaced(
  object: KubeObject,
  scopes: ReadonlyMap<string, boolean>,
  scopeOf: ScopeOf,
): Promise<boolean> {
  if (object.metadata.namespace !== undefined) return true;
  const { group, kind } = keyOf(object);
  if (isClusterScoped(group, kind)) return false;
  const builtIn = group === '' || !group.includes('.') || group.endsWith('.k8s.io');
  return scopes.get(`${group}/${kind}`) ?? (builtIn ? true : ((await scopeOf(object)) ?? true));
}

const setByServer = [
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
];

function prepare(object: KubeObject, assignment: Assignment, inNamespace: boolean): KubeObject {
  const { status: _status, ...content } = object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([field]) => !setByServer.includes(field)),
  );
  const namespace = object.metadata.namespace ?? (inNamespace ? assignment.namespace : undefined);
  const labels = { ...object.metadata.labels, [applicationLabel]: assignment.application };
  const ready: KubeObject = {
    ...content,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...metadata, name: object.metadata.name, ...(namespace ? { namespace } : {}), labels },
  };
  return ready.kind === 'Secret' && ready.apiVersion === 'v1' ? withoutStringData(ready) : ready;
}

function withoutStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  if (!isJsonObject(stringData)) return secret;
  const data: { [key: string]: Json } = isJsonObject(rest['data']) ? { ...rest['data'] } : {};
  for (const [key, value] of Object.entries(stringData))
    data[key] = base64Text(typeof value === 'string' ? value : '');
  return { ...rest, apiVersion: secret.apiVersion, kind: secret.kind, metadata: secret.metadata, data };
}
