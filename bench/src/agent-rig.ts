import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetView } from '@meridian/fleet';
import { until } from '@meridian/testkit';
import type { Fleet } from '@meridian/testkit';
import type { BenchContext } from './bench.ts';
import { settled, stageCommit } from './fleet-commits.ts';
import { watchObjects } from './kube-watch.ts';
import type { ApiServer } from './kube-watch.ts';
import type { SampleObject } from './sample-objects.ts';

/** A fleet of one real cluster, and a way around it to its API server. */
export interface AgentRig {
  readonly fleet: Fleet;
  readonly server: ApiServer;
  readonly kubeconfig: string;
  readonly context: BenchContext;
}

/** What an application declares; its namespace has the same name. */
export interface DeclaredObjects {
  readonly application: string;
  readonly objects: readonly SampleObject[];
  /** A comment in the file, which changes no object. */
  readonly comment?: string;
}

let commits = 0;

/**
 * Commits what applications declare. Gives the milliseconds from the commit being on the branch until watches that were opened
 * before have delivered every object with that version.
 */
export async function commitToLive(
  rig: AgentRig,
  declared: readonly DeclaredObjects[],
  live: { readonly version: number; readonly count: number; readonly namespaces: readonly string[] },
): Promise<number> {
  commits += 1;
  const stop = new AbortController();
  const arrived = await allLive(rig, live, stop.signal);
  const commit = await stageCommit(rig.fleet, `agent-${commits}`, (clone) => {
    for (const each of declared) writeApplication(clone, each);
  });
  const start = performance.now();
  await commit.publish();
  try {
    return (await arrived.at) - start;
  } finally {
    stop.abort();
  }
}

/** Commits something that changes no object, and waits until the hub has read it and all is well. */
export async function commitNothing(rig: AgentRig, declared: DeclaredObjects): Promise<void> {
  commits += 1;
  const commit = await stageCommit(rig.fleet, `agent-${commits}`, (clone) =>
    writeApplication(clone, declared),
  );
  const before = (await rig.fleet.api<FleetView>('/v1/fleet')).source.revision;
  await commit.publish();
  await until('the hub has read the commit', async () => {
    const { source } = await rig.fleet.api<FleetView>('/v1/fleet');
    return source.revision === before ? undefined : true;
  });
  await settled(rig.fleet);
}

const kinds = ['/api/v1/configmaps', '/api/v1/services', '/apis/apps/v1/deployments'];

interface LiveObject {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Labels };
}

interface Labels {
  readonly [label: string]: string;
}

/** Watches for objects of a version; `at` is when the last one came. */
async function allLive(
  { server, context }: AgentRig,
  { version, count, namespaces }: { version: number; count: number; namespaces: readonly string[] },
  signal: AbortSignal,
): Promise<{ readonly at: Promise<number> }> {
  const wanted = new Set(namespaces);
  const seen = new Set<string>();
  const all = Promise.withResolvers<number>();
  const until = AbortSignal.any([signal, context.signal, AbortSignal.timeout(300_000)]);
  until.addEventListener('abort', () => all.reject(new Error(`${seen.size} of ${count} objects came`)));
  // Whoever stops early does not wait for it any more.
  all.promise.catch(() => undefined);
  const note = (kind: string) => (object: unknown) => {
    // The API server gives objects of the kind that was asked for.
    const { metadata } = object as LiveObject;
    if (!wanted.has(metadata.namespace) || metadata.labels?.['version'] !== String(version)) return;
    seen.add(`${kind} ${metadata.namespace}/${metadata.name}`);
    if (seen.size === count) all.resolve(performance.now());
  };
  await Promise.all(kinds.map((path) => watchObjects(server, `${path}?watch=1`, note(path), until)));
  return { at: all.promise };
}

/** An application of plain files in every cluster. */
function writeApplication(clone: string, { application, objects, comment = '' }: DeclaredObjects): void {
  const folder = join(clone, 'applications', application);
  mkdirSync(folder, { recursive: true });
  const texts = objects.map(({ object }) => `${JSON.stringify(object)}\n`);
  writeFileSync(join(folder, 'objects.yaml'), `# ${comment}\n${texts.join('---\n')}`);
  writeFileSync(
    join(clone, 'fleet/applications', `${application}.yaml`),
    `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${application} }
spec:
  source: { path: applications/${application}, overlays: [.] }
  placement: {}
  namespace: ${application}
  rolloutStrategy: all-at-once
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true }
`,
  );
}

/** CPU seconds that a process has used so far, from Linux' /proc. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The process of the only agent. */
export function agentPid({ fleet }: AgentRig): number {
  const agent = fleet.file.processes.find(({ name }) => name.startsWith('agent-'));
  if (!agent) throw new Error('the fleet has no agent');
  return agent.pid;
}
