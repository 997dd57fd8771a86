import type { Application, Cluster, HelmSource, RolloutStrategy } from './documents.ts';
import type { RolloutWindow } from './window.ts';
import { durationToMs } from './duration.ts';
import { toGate } from './gate-schema.ts';
import type { Override } from './override.ts';
import type { ApplicationDocument, ClusterDocument, StrategyDocument } from './schema.ts';
import { toSyncRules } from './sync-rules-schema.ts';

/** The cluster that a valid document declares. */
export function toCluster(document: ClusterDocument): Cluster {
  return { name: document.metadata.name, labels: document.metadata.labels ?? {} };
}

/** The application that a valid document declares, with the defaults of absent fields. */
export function toApplication(document: ApplicationDocument): Application {
  const { metadata, spec } = document;
  const {
    prune = true,
    selfHeal = true,
    createNamespace = false,
    deletionBudget = '50%',
    fieldManagers,
    ...how
  } = spec.syncPolicy ?? {};
  const rules = toSyncRules(how);
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    ...toSource(spec.source, metadata.name),
    placement: toSelector(spec.placement),
    namespace: spec.namespace,
    rolloutStrategy: spec.rolloutStrategy,
    ...(spec.project === undefined ? {} : { project: spec.project }),
    ...toDependsOn(spec.dependsOn),
    syncPolicy: {
      prune,
      selfHeal,
      createNamespace,
      deletionBudget,
      ...(fieldManagers ? { fieldManagers } : {}),
      ...(rules ? { rules } : {}),
    },
  };
}

function toDependsOn(all: ApplicationDocument['spec']['dependsOn'] = []): Pick<Application, 'dependsOn'> {
  if (all.length === 0) return {};
  return { dependsOn: all.map(({ application, scope = 'cluster' }) => ({ application, scope })) };
}

type SourceDocument = ApplicationDocument['spec']['source'];

function toSource(
  { path, overlays = ['.'], helm, overrides, variables }: SourceDocument,
  application: string,
): Pick<Application, 'path' | 'overlays' | 'helm' | 'overrides' | 'variables'> {
  return {
    path: path.replace(/\/+$/, ''),
    overlays,
    ...(helm ? { helm: toHelm(helm, application) } : {}),
    ...(overrides ? { overrides: toOverrides(overrides) } : {}),
    ...(variables === true ? { variables: true } : {}),
  };
}

function toHelm(helm: NonNullable<SourceDocument['helm']>, application: string): HelmSource {
  const { chart = '.', releaseName = application, valuesFiles = [], values = {}, apiVersions = [] } = helm;
  const { kubeVersion } = helm;
  return {
    chart,
    releaseName,
    valuesFiles,
    values,
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    apiVersions,
  };
}

function toOverrides(overrides: NonNullable<SourceDocument['overrides']>): readonly Override[] {
  return overrides.map(({ clusters, patches = [], images = [], replicas = [], helm }, index) => ({
    index,
    clusters: toSelector(clusters),
    patches,
    images,
    replicas,
    ...(helm?.values ? { helm: { values: helm.values } } : {}),
  }));
}

/** The selector that a valid document says. */
export function toSelector(selector: ApplicationDocument['spec']['placement']): Application['placement'] {
  return {
    ...(selector.matchLabels ? { matchLabels: selector.matchLabels } : {}),
    ...(selector.matchExpressions
      ? {
          matchExpressions: selector.matchExpressions.map(({ key, operator, values }) => ({
            key,
            operator,
            ...(values ? { values } : {}),
          })),
        }
      : {}),
  };
}

function toWindow(window: NonNullable<StrategyDocument['spec']['windows']>[number]): RolloutWindow {
  const { name, kind, schedule, duration, timeZone = 'UTC', clusters = {} } = window;
  return {
    name,
    kind,
    schedule,
    durationMs: durationToMs(duration) ?? 0,
    timeZone,
    clusters: toSelector(clusters),
  };
}

/** The rollout strategy that a valid document declares, with the defaults of absent fields. */
export function toStrategy(document: StrategyDocument): RolloutStrategy {
  const { metadata, spec } = document;
  return {
    name: metadata.name,
    stages: spec.stages.map((stage) => ({
      name: stage.name,
      clusters: toSelector(stage.clusters),
      maxConcurrent: stage.maxConcurrent ?? 1,
      soakMs: durationToMs(stage.soak ?? '0s') ?? 0,
      ...(stage.mandatory === true ? { mandatory: true } : {}),
      ...(stage.before ? { before: stage.before.map(toGate) } : {}),
      ...(stage.after ? { after: stage.after.map(toGate) } : {}),
    })),
    progressDeadlineMs: durationToMs(spec.progressDeadline ?? '10m') ?? 600_000,
    failureBudget: spec.failureBudget ?? 0,
    ...(spec.onBreach === 'rollback' ? { onBreach: 'rollback' } : {}),
    ...(spec.onNewer === 'queue' ? { onNewer: 'queue' } : {}),
    ...(spec.windows ? { windows: spec.windows.map(toWindow) } : {}),
    ...(spec.start === 'manual' ? { start: 'manual' } : {}),
  };
}
