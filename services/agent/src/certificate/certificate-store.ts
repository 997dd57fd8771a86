import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { decodeKeptPair, encodeKeptPair, readKeptPair } from '@meridian/link';
import type { KeptPair } from '@meridian/link';
import { FaultError, errorText } from '@meridian/runtime';
import { isJsonObject } from '../json.ts';
import type { KubePort, Log } from '../ports.ts';
import { writeDurably } from '../state/write-durably.ts';

/** Where the pair that hubs issued is kept: on the disk, for the link, and in a Secret, for the day the disk is lost. */
export interface CertificateStore {
  /** The pair on the disk; undefined when there is none or it is damaged. */
  read(): KeptPair | undefined;
  /** Durable on the disk when it returns; the Secret follows with `settle`. */
  save(pair: KeptPair): Promise<void>;
  /** Brings the disk what only the Secret has, and the Secret what the disk has. A cluster that is away is tried again next time. */
  settle(signal: AbortSignal): Promise<void>;
}

/** What the store needs. The cluster may come later than the store. */
export interface CertificateStoreConfig {
  readonly file: string;
  readonly namespace: string;
  readonly kube: () => Pick<KubePort, 'get' | 'put'> | undefined;
  readonly log: Log;
}

const secretKind = { apiVersion: 'v1', kind: 'Secret' } as const;
const name = 'meridian-agent-certificate';
const patienceMs = 5_000;

/** Opens the store; reads and writes nothing yet. */
export function openCertificateStore(config: CertificateStoreConfig): CertificateStore {
  const { file, namespace, kube, log } = config;
  const place = `Secret ${namespace}/${name}`;
  // The text that the Secret is known to have; '' when there is none.
  let inSecret: string | undefined;
  let said = '';

  const read = (): KeptPair | undefined => {
    try {
      return readKeptPair(file);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      return undefined;
    }
  };
  const save = async (pair: KeptPair) => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(dirname(file), basename(file), Buffer.from(encodeKeptPair(pair)));
  };
  const exchange = async (cluster: Pick<KubePort, 'get' | 'put'>, within: AbortSignal) => {
    const found = await cluster.get({ ...secretKind, namespace, name }, within);
    const there = textOf(found?.['data']);
    const here = read();
    if (here === undefined) {
      if (there !== undefined) await save(decodeKeptPair(there, place));
      inSecret = there ?? '';
      if (there !== undefined) log.info({ file }, 'the kept certificate was brought back from its Secret');
      return;
    }
    const text = encodeKeptPair(here);
    if (text !== there) await cluster.put(secretOf(text, namespace, found?.metadata.resourceVersion), within);
    inSecret = text;
  };
  return {
    read,
    save,
    async settle(signal) {
      const cluster = kube();
      const here = read();
      if (cluster === undefined) return;
      if (inSecret === (here === undefined ? '' : encodeKeptPair(here))) return;
      try {
        await exchange(cluster, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
      } catch (error) {
        const problem = errorText(error);
        if (signal.aborted || problem === said) return;
        said = problem;
        log.warn(
          { object: place, error: problem },
          'the kept certificate and its Secret are not the same yet',
        );
      }
    },
  };
}

function textOf(data: unknown): string | undefined {
  if (!isJsonObject(data) || typeof data['pair'] !== 'string') return undefined;
  return Buffer.from(data['pair'], 'base64').toString('utf8');
}

function secretOf(text: string, namespace: string, resourceVersion: string | undefined) {
  return {
    ...secretKind,
    type: 'meridian.dev/certificate',
    metadata: { name, namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    data: { pair: Buffer.from(text).toString('base64') },
  };
}
