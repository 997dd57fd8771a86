import type { Content } from '../audit/facts.ts';
import { metricSource, query } from './metric-source.ts';

/** Label of every object of the run: the application that it is of. */
export const applicationLabel = 'chaos.meridian.dev/application';
/** Annotation of every object: the value that its author gave it. */
export const valueAnnotation = 'chaos.meridian.dev/value';

/** What an application says at one commit. */
export interface Draft {
  /** Value of its settings. */
  readonly value: string;
  /** Names of the parts that it has. */
  readonly parts: readonly string[];
  /** Whether its process ends again and again, so that it never becomes healthy. */
  readonly crashes: boolean;
  /** Whether its manifests cannot be read. */
  readonly isBroken: boolean;
}

/** Objects of a draft and the value that each carries; undefined when it cannot be rendered. */
export function contentOf({ value, parts, crashes, isBroken }: Draft): Content | undefined {
  if (isBroken) return undefined;
  return new Map([
    ['ConfigMap/settings', value],
    ['Deployment/web', crashes ? `crash-${value}` : 'web'],
    ...parts.map((part): [string, string] => [`ConfigMap/${part}`, part]),
  ]);
}

/** Files of an application's folder. */
export function manifestsOf(application: string, draft: Draft): { readonly [file: string]: string } {
  const content = contentOf(draft);
  const objects = [...(content ?? [])].map(([object, value]) => {
    const [kind = '', name = ''] = object.split('/');
    return kind === 'Deployment'
      ? deployment(application, name, value)
      : `${head('v1', kind, { application, name, value })}data: { value: '${value}' }\n`;
  });
  const text = content ? objects.join('---\n') : 'kind: ConfigMap\nmetadata: { name: [unclosed\n';
  return { 'kustomization.yaml': 'resources: [objects.yaml]\n', 'objects.yaml': text };
}

function head(
  apiVersion: string,
  kind: string,
  { application, name, value }: { application: string; name: string; value: string },
): string {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${name}
  labels: { ${applicationLabel}: ${application} }
  annotations: { ${valueAnnotation}: '${value}' }
`;
}

function deployment(application: string, name: string, value: string): string {
  return `${head('apps/v1', 'Deployment', { application, name, value })}spec:
  replicas: 1
  selector: { matchLabels: { app: ${application} } }
  template:
    metadata: { labels: { app: ${application} } }
    spec: { containers: [{ name: web, image: 'registry.example.com/${value}' }] }
`;
}

/** One stage: its name and its clusters. */
export interface Stage {
  readonly name: string;
  readonly clusters: readonly string[];
}

/** The first cluster, the next two, and all others. */
export function stagesOf(clusters: readonly string[]): Stage[] {
  return [
    { name: 'canary', clusters: clusters.slice(0, 1) },
    { name: 'early', clusters: clusters.slice(1, 3) },
    { name: 'rest', clusters: clusters.slice(3) },
  ];
}

/** The application that only proves that everything works again: it goes everywhere at once. */
export const probe = 'probe';
/** The application whose first stage is measured before the next one begins. */
export const measured = 'checkout';
/** The application of which every stage soaks, and for how long. */
export const soaking = { name: 'billing', soakMs: 3_000 } as const;
/** Applications that commits are made of all the time, and what becomes of a rollout that fails. */
export const staged = [
  { name: 'shop', onBreach: 'rollback' },
  { name: 'search', onBreach: 'pause' },
  { name: 'mail', onBreach: 'pause' },
] as const;

/** The fleet's own documents, with the probe and those of the other applications that are named. */
export function fleetDocuments(
  clusters: readonly string[],
  applications: readonly string[],
): { readonly [file: string]: string } {
  const stages = stagesOf(clusters);
  const stageOf = (name: string) => stages.find((stage) => stage.clusters.includes(name))?.name ?? '';
  const document = (kind: string, name: string, rest: string) =>
    `apiVersion: meridian.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}${rest}`;
  const stageLine = (name: string, selector: string, soakMs = 0, more = '') =>
    `    - { name: ${name}, clusters: ${selector}, maxConcurrent: 100%, soak: ${soakMs / 1_000}s${more} }\n`;
  const byStage = (soakMs = 0, moreOf: (name: string) => string = () => '') =>
    stages
      .map(({ name }) => stageLine(name, `{ matchLabels: { stage: ${name} } }`, soakMs, moreOf(name)))
      .join('');
  const gate = `, after: [{ name: errors, metric: { source: ${metricSource}, query: '${query}', interval: 10s, max: 0.5, for: 0s } }]`;
  const strategy = (name: string, lines: string, more: string) =>
    document('RolloutStrategy', name, ` }\nspec:\n  stages:\n${lines}  failureBudget: 0\n${more}`);
  const application = (name: string, rollout: string) =>
    document(
      'Application',
      name,
      ` }\nspec:\n  source: { path: applications/${name}, overlays: [base] }\n  placement: {}\n  namespace: ${name}\n` +
        `  rolloutStrategy: ${rollout}\n  syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: 75% }\n`,
    );
  return {
    'fleet/clusters.yaml': clusters
      .map((name) => document('Cluster', name, `, labels: { stage: ${stageOf(name)} } }\n`))
      .join('---\n'),
    'fleet/strategies.yaml': [
      ...staged.map(({ name, onBreach }) =>
        strategy(name, byStage(), `  progressDeadline: 60s\n  onBreach: ${onBreach}\n`),
      ),
      strategy(soaking.name, byStage(soaking.soakMs), '  progressDeadline: 10m\n'),
      strategy(
        measured,
        byStage(0, (name) => (name === stages[0]?.name ? gate : '')),
        '  progressDeadline: 10m\n',
      ),
      strategy('at-once', stageLine('everywhere', '{}'), '  progressDeadline: 10m\n'),
    ].join('---\n'),
    'fleet/applications.yaml': [
      ...applications.map((name) => application(name, name)),
      application(probe, 'at-once'),
    ].join('---\n'),
  };
}
