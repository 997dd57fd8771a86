import { conditions } from '../forms/conditions.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionOf, conditionsOf, isRecord, listAt, numberAt, textAt } from '../read.ts';
import { stated } from '../forms/conditions.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import { cloudNativePgKinds } from './cloud-native-pg.ts';

// Source: the health checks of Argo CD for these groups (resource_customizations), written anew.

const clickHouse = phases('status.status', {
  Healthy: ['Completed'],
  Progressing: ['InProgress'],
  otherwise: 'Degraded',
});

/** The first condition that is False decides: `Failed` is Degraded, else it is being worked on. */
const mariaDb: Rule = (object) => {
  const found = conditionsOf(object);
  if (at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told nothing yet');
  const missing = found.find(({ status }) => status === 'False');
  if (!missing) return healthy(found[0] ? stated(found[0]) : 'no condition is False');
  return missing.reason === 'Failed' ? degraded(stated(missing)) : progressing(stated(missing));
};

const mariaDbBackup: Rule = (object) => {
  const found = conditionsOf(object);
  if (at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told nothing yet');
  const missing = found.find(({ status }) => status === 'False');
  if (!missing) return healthy(found[0] ? stated(found[0]) : 'no condition is False');
  const isFailed = missing.reason === 'CronJobScheduled' && missing.message === 'Failed';
  return isFailed ? degraded(stated(missing)) : progressing(stated(missing));
};

const mariaDbUser = conditions(['Ready=True', 'Healthy'], ['Ready', 'Degraded']);

/** Cassandra of Rook: every rack has all its members. */
const cassandra: Rule = (object) => {
  const racks = at(object, 'status', 'racks');
  if (!isRecord(racks)) return progressing('no rack is told yet');
  const short = Object.entries(racks).find(([, rack]) => {
    const members = at(rack, 'members');
    const readyMembers = at(rack, 'readyMembers');
    return members !== undefined && readyMembers !== undefined && members !== readyMembers;
  });
  return short
    ? progressing(`rack ${short[0]} has ${numberAt(short[1], ['readyMembers'], 0)} members ready`)
    : healthy('all racks have their members');
};

/** Elasticsearch: all nodes of its sets, then its phase, then the colour of the cluster. */
const elasticsearch: Rule = (object, nowMs) => {
  const available = at(object, 'status', 'availableNodes');
  const wanted = listAt(object, 'spec', 'nodeSets').reduce<number>(
    (sum, set) => sum + numberAt(set, ['count'], 0),
    0,
  );
  if (typeof available !== 'number' || available > wanted || at(object, 'status', 'health') === undefined)
    return typeof available === 'number' && available < wanted
      ? progressing(`${available} of ${wanted} nodes are available`)
      : { health: 'Unknown', reason: 'the number of its nodes cannot be told' };
  if (available < wanted) return progressing(`${available} of ${wanted} nodes are available`);
  return textAt(object, 'status', 'phase') === 'Ready'
    ? elasticColour(object, nowMs)
    : elasticPhase(object, nowMs);
};

const elasticColour = phases('status.health', {
  Healthy: ['green'],
  Progressing: ['yellow'],
  Degraded: ['red'],
  otherwise: 'Unknown',
});

const elasticPhase = phases('status.phase', {
  Progressing: ['ApplyingChanges', 'MigratingData'],
  Degraded: ['Invalid'],
  otherwise: 'Unknown',
  absent: 'Unknown',
});

const solr: Rule = (object) => {
  if (at(object, 'status', 'solrNodes') === undefined) return progressing('no node is told yet');
  const nodes = listAt(object, 'status', 'solrNodes');
  const readyNodes = nodes.filter((node) => at(node, 'ready') === true).length;
  return readyNodes === nodes.length
    ? healthy('all nodes are ready')
    : progressing(`${readyNodes} of ${nodes.length} nodes are ready`);
};

const zookeeper: Rule = (object) => {
  const total = at(object, 'status', 'replicas');
  const readyNodes = at(object, 'status', 'readyReplicas');
  const isWhole = readyNodes !== undefined && readyNodes !== 0 && readyNodes === total;
  return isWhole ? healthy('all nodes have joined') : progressing('not all nodes have joined yet');
};

/** Ready is True, or a reason of its controller says that it is at work. */
const atlasMigration = conditions(
  ['Ready=True', 'Healthy'],
  ['Ready:Reconciling', 'Progressing'],
  ['Ready', 'Degraded'],
);

const atlasSchema: Rule = (object) => {
  const found = conditionOf(object, 'Ready');
  if (!found) return progressing('its controller has told nothing yet');
  if (found.status === 'True') return healthy(stated(found));
  const isWork = found.message === 'Reconciling' || found.message === 'GettingDevDB';
  return isWork ? progressing(stated(found)) : degraded(stated(found));
};

/** Databases and search engines. */
export const databaseKinds: KindTable = {
  ...cloudNativePgKinds,
  'acid.zalan.do/postgresql': phases('status.PostgresClusterStatus', {
    Healthy: ['Running'],
    Progressing: ['Creating', 'Updating'],
    otherwise: 'Degraded',
  }),
  'cassandra.rook.io/Cluster': cassandra,
  'clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation': clickHouse,
  'clickhouse.altinity.com/ClickHouseInstallation': clickHouse,
  'db.atlasgo.io/AtlasMigration': atlasMigration,
  'db.atlasgo.io/AtlasSchema': atlasSchema,
  'elasticsearch.k8s.elastic.co/Elasticsearch': elasticsearch,
  'k8s.mariadb.com/Backup': mariaDbBackup,
  'k8s.mariadb.com/Database': mariaDbUser,
  'k8s.mariadb.com/Grant': mariaDbUser,
  'k8s.mariadb.com/MariaDB': mariaDb,
  'k8s.mariadb.com/SqlJob': conditions(['*=True:JobComplete', 'Healthy'], ['*=True:JobFailed', 'Degraded']),
  'k8s.mariadb.com/User': mariaDbUser,
  'mariadb.mmontes.io/MariaDB': mariaDb,
  'psmdb.percona.com/PerconaServerMongoDB': phases('status.state', {
    Healthy: ['ready'],
    Progressing: ['initializing', 'stopping'],
    Degraded: ['error'],
    Suspended: ['paused'],
    otherwise: 'Unknown',
    absent: 'Unknown',
  }),
  'pxc.percona.com/PerconaXtraDBCluster': phases('status.state', {
    Healthy: ['ready'],
    Progressing: ['initializing'],
    Degraded: ['stopping', 'error'],
    otherwise: 'Unknown',
    absent: 'Unknown',
  }),
  'solr.apache.org/SolrCloud': solr,
  'zookeeper.pravega.io/ZookeeperCluster': zookeeper,
};
