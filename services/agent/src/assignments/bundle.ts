import { hash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Assignment } from '@meridian/fleet';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText } from '@meridian/runtime';

/** Largest bundle that is unpacked, as the ledger promises. */
const maxBundleBytes = 64 * 1024 * 1024;

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
