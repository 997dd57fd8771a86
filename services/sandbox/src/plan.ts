import { SandboxError } from './sandbox-error.ts';
import type { KubeKind } from './options.ts';
import type { Ports } from './ports.ts';

/** What a data directory was made with; the same at every later start. */
export interface SandboxPlan {
  readonly kube: 'real' | 'sim' | 'contexts';
  readonly clusters: readonly PlannedCluster[];
  readonly ports: Ports;
}

/** One cluster of the sandbox. `context` is set for clusters of the user's kubeconfig. */
export interface PlannedCluster {
  readonly name: string;
  readonly region: string;
  readonly context?: string;
}

/** Names of the hub replicas. */
export const hubNames = ['hub-1', 'hub-2'] as const;

// The first three are those of the example fleet.
const regions = [
  'us-east-1',
  'us-west-2',
  'eu-west-1',
  'ap-south-1',
  'ap-northeast-1',
  'eu-central-1',
  'us-east-2',
  'us-west-1',
  'ap-southeast-1',
  'sa-east-1',
  'ca-central-1',
  'eu-north-1',
  'ap-southeast-2',
  'me-south-1',
  'af-south-1',
  'eu-west-2',
] as const;

/** Names and regions of `count` clusters: one per region, then second ones such as `us-east-1-b`. */
export function planClusters(count: number): PlannedCluster[] {
  return Array.from({ length: count }, (_, index) => {
    const region = regions[index % regions.length] ?? 'us-east-1';
    const round = Math.floor(index / regions.length);
    return { name: round === 0 ? region : `${region}-${String.fromCharCode(97 + round)}`, region };
  });
}

/** A cluster name made from a kubeconfig context: a DNS label, unlike those in `taken`. */
export function clusterNameOf(context: string, taken: ReadonlySet<string>): string {
  const label = context
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(-55)
    .replace(/^-+/, '');
  const name = label === '' ? 'cluster' : label;
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** What has a port of its own, in the order in which people meet them. */
export function portPurposes(plan: Pick<SandboxPlan, 'kube' | 'clusters'>): string[] {
  const ofHubs = (['api', 'link', 'metrics'] as const).flatMap((what) =>
    hubNames.map((hub) => `${hub} ${what}`),
  );
  const ofClusters = plan.clusters.flatMap(({ name }) => [
    `agent-${name} metrics`,
    ...(plan.kube === 'contexts' ? [] : [`kube-apiserver-${name}`]),
    ...(plan.kube === 'real' ? [`etcd-${name}`, `etcd-${name} peer`] : []),
  ]);
  return [...ofHubs, 'nats-server', 'redis-server', ...ofClusters];
}

/** The port for a purpose; a bug when the plan has none. */
export function portOf(plan: SandboxPlan, purpose: string): number {
  const port = plan.ports[purpose];
  if (port === undefined) throw new Error(`the plan has no port for ${purpose}`);
  return port;
}

/** A plan from parsed JSON; undefined when it is none. */
export function planFromJson(
  value: { readonly [key: string]: unknown } | undefined,
): SandboxPlan | undefined {
  const { kube, clusters, ports } = value ?? {};
  if (
    (kube !== 'real' && kube !== 'sim' && kube !== 'contexts') ||
    !Array.isArray(clusters) ||
    typeof ports !== 'object' ||
    ports === null
  )
    return undefined;
  if (!clusters.every(isPlannedCluster)) return undefined;
  const known = Object.entries(ports).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return { kube, clusters, ports: Object.fromEntries(known) };
}

function isPlannedCluster(value: unknown): value is PlannedCluster {
  return typeof value === 'object' && value !== null && 'name' in value && 'region' in value;
}

/** Throws when the command line asks for other clusters than the directory holds. */
export function checkSamePlan(
  plan: SandboxPlan,
  asked: { readonly clusters: number | undefined; readonly kube: KubeKind | undefined },
): void {
  const fix =
    'leave the option out to resume what is there, choose another --data DIR, or run "npm run reset" to begin anew';
  if (asked.clusters !== undefined && asked.clusters !== plan.clusters.length) {
    throw new SandboxError(
      `this data directory holds a fleet of ${plan.clusters.length} clusters, not ${asked.clusters}`,
      { fix },
    );
  }
  if (asked.kube === undefined) return;
  const held =
    plan.kube === 'contexts' ? plan.clusters.map((cluster) => cluster.context).join(',') : plan.kube;
  const wanted = asked.kube.kind === 'contexts' ? asked.kube.contexts.join(',') : asked.kube.kind;
  if (held !== wanted)
    throw new SandboxError(`this data directory holds clusters of --kube ${held}, not ${wanted}`, { fix });
}
