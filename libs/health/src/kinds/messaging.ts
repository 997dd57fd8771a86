import { byConditions, conditions, stated } from '../forms/conditions.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionOf, conditionsOf, isRecord, numberAt, oneLine, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';

// Source: the health checks of Argo CD for these groups (resource_customizations), written anew.

const strimzi = conditions(['NotReady=True', 'Degraded'], ['Ready=True', 'Healthy']);

const confluent = phases('status.phase', { Healthy: ['RUNNING'], Progressing: ['PROVISIONING'] });

const connector: Rule = (object) => {
  const state = textAt(object, 'status', 'state');
  const failedTasks = at(object, 'status', 'failedTasksCount');
  const isRunning = state === 'CREATED' && textAt(object, 'status', 'connectorState') === 'RUNNING';
  if (isRunning && failedTasks === undefined) return healthy('the connector runs');
  if (state === 'ERROR') return degraded(oneLine(conditionsOf(object)[0]?.message ?? '') || 'state is ERROR');
  return typeof failedTasks === 'number' && failedTasks > 0
    ? degraded(`${failedTasks} tasks of the connector have failed`)
    : progressing('the connector does not run yet');
};

/** Kafka of Banzai Cloud: brokers in sync, then cruise control and the cluster itself. */
const banzaiKafka: Rule = (object) => {
  const state = textAt(object, 'status', 'state');
  if (state === 'ClusterRollingUpgrading') return progressing('the cluster is being upgraded');
  const brokers = at(object, 'status', 'brokersState');
  if (!isRecord(brokers)) return progressing('no broker is told yet');
  const bad = Object.entries(brokers).find(([, broker]) => !isBrokerFine(broker));
  if (bad) return degraded(`broker ${bad[0]} is not in sync`);
  const isReady = textAt(object, 'status', 'cruiseControlTopicStatus') === 'CruiseControlTopicReady';
  return isReady && state === 'ClusterRunning'
    ? healthy('brokers and cluster run')
    : progressing(`state is ${state || 'not told'}`);
};

function isBrokerFine(broker: unknown): boolean {
  const action = textAt(broker, 'gracefulActionState', 'cruiseControlState');
  return (
    textAt(broker, 'configurationState') === 'ConfigInSync' &&
    (action === 'GracefulUpscaleSucceeded' || action === 'GracefulDownscaleSucceeded')
  );
}

/** Objects inside of RabbitMQ. */
const rabbitTopology = byConditions({
  passes: [
    [
      ['Ready=True:SuccessfulCreateOrUpdate', 'Healthy'],
      ['Ready=False:FailedCreateOrUpdate', 'Degraded'],
    ],
  ],
  otherwise: 'Unknown',
});

const rabbitCluster: Rule = (object) => {
  const bad = conditionsOf(object).find(
    ({ type, status }) => type === 'ReconcileSuccess' && status === 'False',
  );
  if (bad) return degraded(stated(bad));
  const told = ['ClusterAvailable', 'AllReplicasReady'].flatMap((type) => conditionOf(object, type) ?? []);
  const unknown = told.find(({ status }) => status === 'Unknown');
  if (unknown) return progressing(stated(unknown));
  if (isEmptied(object)) return suspended('the cluster is scaled to 0 replicas');
  const waits = told.find(({ status }) => status !== 'True');
  if (waits) return progressing(stated(waits));
  return told.length === 2
    ? healthy('the cluster is ready')
    : progressing('its controller has told nothing yet');
};

function isEmptied(object: unknown): boolean {
  const replicas = conditionOf(object, 'AllReplicasReady');
  return (
    replicas?.status === 'False' &&
    replicas.reason === 'ScaledToZero' &&
    numberAt(object, ['spec', 'replicas'], 1) === 0
  );
}

/** Queues and streams: Kafka in its flavours, RabbitMQ. */
export const messagingKinds: KindTable = {
  'kafka.banzaicloud.io/KafkaCluster': banzaiKafka,
  'kafka.strimzi.io/Kafka': conditions(['NotReady=True:!Creating', 'Degraded'], ['Ready=True', 'Healthy']),
  'kafka.strimzi.io/KafkaBridge': strimzi,
  'kafka.strimzi.io/KafkaConnect': strimzi,
  'kafka.strimzi.io/KafkaConnector': strimzi,
  'kafka.strimzi.io/KafkaTopic': strimzi,
  'kafka.strimzi.io/KafkaUser': strimzi,
  'platform.confluent.io/Connect': confluent,
  'platform.confluent.io/Connector': connector,
  'platform.confluent.io/ControlCenter': confluent,
  'platform.confluent.io/Kafka': confluent,
  'platform.confluent.io/KsqlDB': confluent,
  'platform.confluent.io/SchemaRegistry': confluent,
  'platform.confluent.io/Zookeeper': confluent,
  'rabbitmq.com/Binding': rabbitTopology,
  'rabbitmq.com/Exchange': rabbitTopology,
  'rabbitmq.com/Permission': rabbitTopology,
  'rabbitmq.com/Policy': rabbitTopology,
  'rabbitmq.com/Queue': rabbitTopology,
  'rabbitmq.com/RabbitmqCluster': rabbitCluster,
  'rabbitmq.com/Shovel': rabbitTopology,
  'rabbitmq.com/User': rabbitTopology,
  'rabbitmq.com/Vhost': rabbitTopology,
};
