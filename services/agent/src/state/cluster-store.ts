import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { keyText } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import { FaultError, errorText, unsliced } from '@meridian/runtime';
import type { Slices } from '@meridian/runtime';
import { isJsonObject } from '../json.ts';
import type { ApplicationRecord, InventoryEntry, KubePort, Log } from '../ports.ts';
import { decodeHead, encodeHead, isLater } from './record.ts';

/** The records in the agent's own cluster, one Secret for each application, so that they survive the agent's disk. */
export interface ClusterStore {
  load(signal: AbortSignal): Promise<readonly ApplicationRecord[]>;
  /**
   * Gives the objects that another agent of this cluster had made and kept meanwhile; they are kept along. Throws FaultError,
   * code `conflict` when the other agent has saved a later record.
   */
  save(record: ApplicationRecord, signal: AbortSignal): Promise<readonly InventoryEntry[]>;
}

/** Largest packed bundle that is kept in a Secret; etcd refuses objects above 1.5 MB and Secrets above 1 MiB. */
const maxBundleBytes = 700 * 1024;

const maxHeadBytes = 64 * 1024 * 1024;

const stateLabel = 'meridian.dev/state';

/** What the store needs. */
export interface ClusterStoreConfig {
  readonly kube: Pick<KubePort, 'get' | 'list' | 'put' | 'apply'>;
  readonly namespace: string;
  readonly log: Log;
  /** What a load of many records is cut by; all at once unless told. */
  readonly slices?: Slices;
}

const secretKind = { apiVersion: 'v1', kind: 'Secret' } as const;

/** Opens the store. Saves compare resourceVersions, so that two agents of one cluster cannot overwrite each other. */
export function openClusterStore({
  kube,
  namespace,
  log,
  slices = unsliced,
}: ClusterStoreConfig): ClusterStore {
  const versions = new Map<string, string>();

  const remember = (application: string, secret: KubeObject) => {
    if (secret.metadata.resourceVersion) versions.set(application, secret.metadata.resourceVersion);
  };

  const put = async (record: ApplicationRecord, signal: AbortSignal) => {
    const version = versions.get(record.application);
    remember(record.application, await kube.put(secretOf(record, namespace, version), signal));
  };

  // Somebody else wrote, or our last answer was lost: go on only when what is there is not later than ours.
  const resolve = async (record: ApplicationRecord, cause: unknown, signal: AbortSignal) => {
    const name = secretName(record.application);
    const found = await kube.get({ ...secretKind, namespace, name }, signal);
    const there = found && read(found, log);
    versions.delete(record.application);
    if (found) {
      if (there && isLater(there, record)) {
        throw new FaultError(
          'conflict',
          `Secret ${namespace}/${name} has a later state; another agent serves this cluster`,
          {
            retry: 'later',
            cause,
          },
        );
      }
      remember(record.application, found);
    }
    const others = unknownTo(record, there?.inventory ?? []);
    await put({ ...record, inventory: [...others, ...record.inventory] }, signal);
    return others;
  };

  const makeNamespace = async (signal: AbortSignal) => {
    await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, { signal });
  };

  return {
    async load(signal) {
      const secrets = await kube.list(
        { ...secretKind, namespace, labelSelector: `${stateLabel}=application` },
        signal,
      );
      const found: ApplicationRecord[] = [];
      for (const secret of secrets) {
        await slices.between();
        const record = read(secret, log);
        if (!record) continue;
        remember(record.application, secret);
        found.push(record);
      }
      return found;
    },
    async save(record, signal) {
      try {
        await put(record, signal);
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        if (error.code === 'conflict') return resolve(record, error, signal);
        if (error.code !== 'not_found') throw error;
        versions.delete(record.application);
        await makeNamespace(signal);
        await put(record, signal);
      }
      return [];
    },
  };
}

function unknownTo(record: ApplicationRecord, entries: readonly InventoryEntry[]): readonly InventoryEntry[] {
  const known = new Set(record.inventory.map(keyText));
  return entries.filter((entry) => !known.has(keyText(entry)));
}

const secretName = (application: string): string => `meridian-app-${application}`;

function secretOf(
  record: ApplicationRecord,
  namespace: string,
  resourceVersion: string | undefined,
): KubeObject {
  const fits = record.bundle !== undefined && record.bundle.length <= maxBundleBytes;
  return {
    ...secretKind,
    type: 'meridian.dev/state',
    metadata: {
      name: secretName(record.application),
      namespace,
      labels: { [stateLabel]: 'application' },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    data: {
      record: zstdCompressSync(encodeHead(record)).toString('base64'),
      ...(fits ? { bundle: Buffer.from(record.bundle ?? []).toString('base64') } : {}),
    },
  };
}

function read(secret: KubeObject, log: Log): ApplicationRecord | undefined {
  const data = secret['data'];
  if (!isJsonObject(data) || typeof data['record'] !== 'string') return undefined;
  const bundle =
    typeof data['bundle'] === 'string' ? new Uint8Array(Buffer.from(data['bundle'], 'base64')) : undefined;
  try {
    const head = zstdDecompressSync(Buffer.from(data['record'], 'base64'), { maxOutputLength: maxHeadBytes });
    return decodeHead(head.toString('utf8'), bundle);
  } catch (error) {
    log.warn(
      { object: `Secret/${secret.metadata.name}`, error: errorText(error) },
      'state secret is not usable and was left out',
    );
    return undefined;
  }
}
