import { request } from 'node:https';
import { zstdDecompressSync } from 'node:zlib';
import { systemClock } from '@meridian/runtime';
import type { ApiServerAccess } from '@meridian/testkit';
import { pairOf } from '../audit/facts.ts';
import type { Content, HeldFact, RemovalFact } from '../audit/facts.ts';
import { applicationLabel, valueAnnotation } from '../rig/manifests.ts';

/** Whose cluster is watched, and who is told. */
export interface WatchClusterOptions {
  readonly name: string;
  readonly access: ApiServerAccess;
  readonly onHeld: (fact: HeldFact) => void;
  readonly onRemoval: (fact: RemovalFact) => void;
  readonly signal: AbortSignal;
}

/** What lies in one cluster now, as its API server tells it. */
export interface ClusterWitness {
  readonly ended: Promise<unknown>;
  /** Objects of each application under `cluster/application`. */
  contents(): ReadonlyMap<string, Content>;
}

interface Live {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: { readonly [name: string]: string };
    readonly annotations?: { readonly [name: string]: string };
  };
  readonly data?: { readonly [name: string]: string };
}

const selector = encodeURIComponent(applicationLabel);
const paths = {
  ConfigMap: `/api/v1/configmaps?labelSelector=${selector}`,
  Deployment: `/apis/apps/v1/deployments?labelSelector=${selector}`,
  Secret: `/api/v1/namespaces/meridian-system/secrets?labelSelector=${encodeURIComponent('meridian.dev/state=application')}`,
} as const;
const retryMs = 200;

/** Watches what applications have in a cluster and what its agent keeps there, through the API only. */
export function watchCluster(options: WatchClusterOptions): ClusterWitness {
  const { name: cluster, access, signal, onHeld, onRemoval } = options;
  const objects = new Map<
    string,
    { readonly application: string; readonly object: string; readonly value: string }
  >();
  const take = (path: string, kind: string, type: string, live: Live) => {
    if (kind === 'Secret') {
      const fact = type === 'DELETED' ? undefined : readHeld(cluster, live);
      if (fact) onHeld(fact);
      return;
    }
    const { name, labels, annotations } = live.metadata;
    const application = labels?.[applicationLabel] ?? '';
    const object = `${kind}/${name}`;
    const key = `${path} ${application} ${object}`;
    if (type !== 'DELETED') {
      objects.set(key, { application, object, value: annotations?.[valueAnnotation] ?? '' });
    } else if (objects.delete(key)) onRemoval({ cluster, application, object, atMs: Date.now() });
  };
  const follow = async ([kind, path]: [string, string]) => {
    while (!signal.aborted) {
      await listAndWatch(access, path, signal, (type, live) => take(path, kind, type, live)).catch(
        () => undefined,
      );
      await systemClock.wait(retryMs, signal);
    }
  };
  return {
    ended: Promise.all(Object.entries(paths).map(follow)),
    contents() {
      const contents = new Map<string, Map<string, string>>();
      for (const { application, object, value } of objects.values()) {
        const pair = pairOf({ cluster, application });
        contents.set(pair, (contents.get(pair) ?? new Map<string, string>()).set(object, value));
      }
      return contents;
    },
  };
}

/** What an agent keeps of an application: its mark, and the assignment that it has verified. */
function readHeld(cluster: string, { data }: Live): HeldFact | undefined {
  if (data?.['record'] === undefined) return undefined;
  const text = zstdDecompressSync(Buffer.from(data['record'], 'base64')).toString('utf8');
  const { application, mark, envelope } = JSON.parse(text) as {
    application: string;
    mark: { incarnation: string; term: number; generation: number };
    envelope: { payload: string };
  };
  const { release } = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')) as {
    release: string;
  };
  return { cluster, application, atMs: Date.now(), ...mark, release };
}

/** Tells every object, those that went since the last time, and then changes until the server ends the watch. */
async function listAndWatch(
  access: ApiServerAccess,
  path: string,
  signal: AbortSignal,
  take: (type: string, live: Live) => void,
): Promise<void> {
  const known = JSON.parse(await readAll(access, path, signal)) as {
    metadata: { resourceVersion: string };
    items: Live[];
  };
  for (const live of known.items) take('ADDED', live);
  let version = known.metadata.resourceVersion;
  while (!signal.aborted) {
    const watch = `${path}&watch=1&timeoutSeconds=240&resourceVersion=${version}`;
    let rest = '';
    await ask(access, watch, signal, (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((one) => one !== '')) {
        const { type, object } = JSON.parse(line) as { type: string; object: Live };
        if (type === 'ERROR') throw new Error('the watch is too old');
        version = object.metadata.resourceVersion;
        take(type, object);
      }
    });
  }
}

async function readAll(access: ApiServerAccess, path: string, signal: AbortSignal): Promise<string> {
  let text = '';
  await ask(access, path, signal, (chunk) => void (text += chunk));
  return text;
}

function ask(
  access: ApiServerAccess,
  path: string,
  signal: AbortSignal,
  take: (chunk: string) => void,
): Promise<void> {
  const headers = { authorization: `Bearer ${access.token}` };
  return new Promise((resolve, reject) => {
    const asked = request(
      new URL(path, access.url),
      { ca: access.caPem, headers, agent: false, signal },
      (answer) => {
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          try {
            take(chunk);
          } catch (error) {
            asked.destroy(error instanceof Error ? error : new Error(String(error)));
          }
        });
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`${path}: ${answer.statusCode}`));
        });
        answer.once('error', reject);
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}
