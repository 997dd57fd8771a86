/** Files of a fleet repo by their paths. */
export type RepoFiles = { readonly [path: string]: string };

/** Shares of the clusters, in percent, in the first two of three stages; the third has the rest. */
const shares = [20, 30] as const;
const stageNames = ['first', 'second', 'third'] as const;

/** The stage that a cluster belongs to, by its place among all. */
export function stageOf(index: number, clusters: number): (typeof stageNames)[number] {
  const place = (100 * index) / clusters;
  if (place < shares[0]) return 'first';
  return place < shares[0] + shares[1] ? 'second' : 'third';
}

/** Names of the clusters, in order. */
export function clusterNames(clusters: number): readonly string[] {
  return Array.from({ length: clusters }, (_, index) => `c-${String(index).padStart(4, '0')}`);
}

/** The application that goes through three stages without a soak, half of each stage at once. */
export const stagedApplication = 'staged';
/** The application that goes back by itself when one cluster fails. */
export const guardedApplication = 'guarded';
/** How long the clusters of the guarded application's first stage may take. */
export const guardedDeadlineMs = 3_000;
/** How long they have to stay healthy. */
export const guardedSoakMs = 6_000;

/** Names of the other applications, each of which goes to all clusters at once. */
export function otherApplications(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `app-${String(index).padStart(3, '0')}`);
}

/** A fleet repo without applications: clusters in three stages (20, 30 and 50 %), and the strategies. */
export function fleetFiles(clusters: number): RepoFiles {
  const documents = clusterNames(clusters).map((name, index) => clusterText(name, stageOf(index, clusters)));
  return {
    'fleet/clusters.yaml': documents.join('---\n'),
    'fleet/strategies.yaml': strategies.join('---\n'),
  };
}

/** Adds an application to all clusters, by the strategy of its own name, or to all at once. */
export function applicationFiles(name: string): RepoFiles {
  const own: readonly string[] = [stagedApplication, guardedApplication];
  return {
    [`fleet/applications/${name}.yaml`]: applicationText(name, own.includes(name) ? name : 'at-once'),
    ...markedFiles(name, 'first'),
  };
}

/** The files of one application at one mark: four objects, as a small service has them. */
export function markedFiles(application: string, mark: string): RepoFiles {
  const folder = `applications/${application}`;
  const names = ['settings', 'limits', 'routes', 'flags'];
  return {
    [`${folder}/objects.yaml`]: names
      .map(
        (name) =>
          `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${application}-${name} }\ndata: { mark: "${mark}" }\n`,
      )
      .join('---\n'),
  };
}

function clusterText(name: string, stage: string): string {
  return `apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: ${name}, labels: { stage: ${stage} } }
`;
}

function applicationText(name: string, strategy: string): string {
  return `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name}, overlays: [.] }
  placement: {}
  namespace: ${name}
  rolloutStrategy: ${strategy}
  syncPolicy: { prune: true, selfHeal: true, createNamespace: true }
`;
}

const stage = (name: string, more: string): string =>
  `    - { name: ${name}, clusters: { matchLabels: { stage: ${name} } }, ${more} }\n`;

const strategies = [
  `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: ${stagedApplication} }
spec:
  stages:
${stageNames.map((name) => stage(name, 'maxConcurrent: 50%')).join('')}`,
  `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: ${guardedApplication} }
spec:
  stages:
${stage('first', `maxConcurrent: 100%, soak: ${guardedSoakMs}ms`)}${stage('second', 'maxConcurrent: 100%')}${stage('third', 'maxConcurrent: 100%')}  progressDeadline: ${guardedDeadlineMs}ms
  onBreach: rollback
`,
  `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: at-once }
spec:
  stages: [{ name: all, clusters: {}, maxConcurrent: 100% }]
`,
];
