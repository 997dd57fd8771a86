import { byConditions, conditions, ready } from '../forms/conditions.ts';
import { unlessStale } from '../forms/before.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionsOf, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import { keptnKinds } from './keptn.ts';
import { grafanaKinds } from './grafana.ts';

// Source: the health checks of Argo CD for these groups (resource_customizations), written anew.

/** Objects inside of LogScale (Humio). */
const humio = phases('status.state', {
  Healthy: ['Exists'],
  Missing: ['NotFound'],
  Degraded: ['ConfigError'],
  Unknown: ['Unknown'],
});

const colour = { Healthy: ['green'], Progressing: ['yellow'], Degraded: ['red'] } as const;

/** Beat tells no health while it deploys, but how many nodes it expects. */
const beat: Rule = (object, nowMs) => {
  if (at(object, 'status', 'health') === undefined && at(object, 'status', 'expectedNodes') !== undefined)
    return progressing('no node has told its health yet');
  return beatColour(object, nowMs);
};

const beatColour = phases('status.health', { ...colour, otherwise: 'Unknown', absent: 'Unknown' });

const prometheus = conditions(
  ['Available=True', 'Healthy'],
  ['Available!=True:SomePodsNotReady', 'Progressing'],
  ['Available', 'Degraded'],
);

/** OpenTelemetry: `ready/total` of its pods; a sidecar has none of its own, and a daemon set may find no node. */
const collector: Rule = (object) => {
  const mode = textAt(object, 'spec', 'mode');
  if (at(object, 'status') === undefined) return progressing('its controller has told nothing yet');
  const counts = textAt(object, 'status', 'scale', 'statusReplicas');
  if (counts === '')
    return mode === 'sidecar' ? healthy('it runs as a sidecar') : progressing('no replica is told yet');
  const [, readyPods, total] = /^(\d+)\/(\d+)/.exec(counts) ?? [];
  if (readyPods === undefined) return progressing(`replicas "${counts}" cannot be read`);
  if (Number(readyPods) > 0)
    return Number(readyPods) === Number(total)
      ? healthy(`${counts} replicas are ready`)
      : progressing(`${counts} replicas are ready`);
  const hasNoNode = mode === 'daemonset' && Number(total) === 0;
  return hasNoNode
    ? healthy('no node fits, so there is nothing to run')
    : degraded(`${counts} replicas are ready`);
};

/** Kiali tells what it does in the first of these that holds. */
const kiali = conditions(
  ['Successful=True', 'Healthy'],
  ['Failure=True', 'Degraded'],
  ['Running:Running', 'Progressing'],
);

const keycloak: Rule = (object) => {
  const oldestFirst = conditionsOf(object).toSorted(
    (left, right) => (left.sinceMs ?? Infinity) - (right.sinceMs ?? Infinity) || 0,
  );
  for (const { type, status, message } of oldestFirst) {
    if (status !== 'True') continue;
    if (type === 'Ready') return healthy('Keycloak is ready');
    if (type === 'HasErrors') return degraded(`it has errors: ${message}`);
  }
  return progressing('Keycloak is not ready yet');
};

const remoteSynced = conditions(['RemoteSynced=True', 'Healthy'], ['RemoteSynced=False', 'Degraded']);

/** Monitoring, logging, tracing and identity. */
export const observabilityKinds: KindTable = {
  ...keptnKinds,
  ...grafanaKinds,
  'beat.k8s.elastic.co/Beat': beat,
  'coralogix.com/Alert': remoteSynced,
  'coralogix.com/RecordingRuleGroupSet': remoteSynced,
  'core.humio.com/HumioAction': humio,
  'core.humio.com/HumioAlert': humio,
  'core.humio.com/HumioCluster': phases('status.state', {
    Healthy: ['Running'],
    Degraded: ['ConfigError'],
    Unknown: ['Unknown'],
    says: 'status.message',
  }),
  'core.humio.com/HumioIngestToken': humio,
  'core.humio.com/HumioParser': humio,
  'core.humio.com/HumioRepository': humio,
  'core.humio.com/HumioView': humio,
  'datadoghq.com/DatadogMetric': byConditions({
    passes: [[['Error=True', 'Degraded']], [['Valid=False', 'Degraded']]],
    otherwise: 'Healthy',
  }),
  'grafana-org-operator.kubitus-project.gitlab.io/*': ready,
  'jaegertracing.io/Jaeger': phases('status.phase', { Healthy: ['Running'], Degraded: ['Failed'] }),
  'k8s.keycloak.org/Keycloak': keycloak,
  'kiali.io/Kiali': kiali,
  'logstash.k8s.elastic.co/Logstash': phases('status.health', colour),
  'monitoring.coreos.com/Alertmanager': prometheus,
  'monitoring.coreos.com/Prometheus': prometheus,
  'monitoring.coreos.com/ThanosRuler': prometheus,
  'opentelemetry.io/OpenTelemetryCollector': collector,
  'operator.victoriametrics.com/*': unlessStale(
    phases('status.updateStatus', {
      Healthy: ['operational', 'ignored'],
      Suspended: ['paused'],
      Degraded: ['failed'],
      says: 'status.reason',
    }),
  ),
};
