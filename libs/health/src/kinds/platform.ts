import type { Health } from '@meridian/fleet';
import { byConditions, ready, stated } from '../forms/conditions.ts';
import { suspendedBy, unlessStale } from '../forms/before.ts';
import { phases } from '../forms/phases.ts';
import { at, conditionsOf, generationOf, isRecord, listAt, numberAt, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import { policyOfAirlock } from './gateway-api.ts';
import { threescaleKinds } from './threescale.ts';
import { judgeOperatorSubscription } from './operator-subscription.ts';
import { kyvernoKinds } from './kyverno.ts';
import { openClusterKinds } from './open-cluster.ts';

// Source: the health checks of Argo CD for these groups (resource_customizations), written anew.

const pool: Rule = (object, nowMs) => {
  const exhausted = at(object, 'status', 'exhaustions');
  const names = isRecord(exhausted) ? Object.keys(exhausted).toSorted() : [];
  const hasConditions = at(object, 'status', 'conditions') !== undefined;
  return hasConditions && names.length > 0
    ? degraded(`the pool has no more ${names.slice(0, 10).join(', ')}`)
    : ready(object, nowMs);
};

const readyPass = [
  ['Ready=False', 'Degraded'],
  ['Ready=True', 'Healthy'],
] as const;

const tenantResource = suspendedBy('spec.cordoned', unlessStale(ready));

/** kro: conditions count when they speak of the present generation. */
const graph = byConditions({
  passes: [
    [
      ['Ready=True', 'Healthy'],
      ['GraphRevisionsResolved=False', 'Degraded'],
      ['GraphAccepted=False', 'Degraded'],
      ['KindReady=False', 'Degraded'],
      ['ControllerReady=False', 'Degraded'],
      ['Ready=False', 'Degraded'],
    ],
  ],
  generation: 'same',
});

/** An instance of a kro graph: its state tells whether a condition that is False is work or failure. */
const graphInstance: Rule = (object, nowMs) => {
  const rule = instanceRules.get(textAt(object, 'status', 'state')) ?? otherInstance;
  return rule(object, nowMs);
};

const instanceOf = (whenFalse: Health): Rule =>
  byConditions({
    passes: [
      [
        ['Ready=True', 'Healthy'],
        ['InstanceManaged=False', whenFalse],
        ['GraphResolved=False', whenFalse],
        ['ResourcesReady=False', whenFalse],
        ['Ready=False', whenFalse],
      ],
    ],
    generation: 'same',
  });

/** Any other state: only Ready tells. */
const otherInstance = byConditions({ passes: [[['Ready=True', 'Healthy']]], generation: 'same' });

const instanceRules: ReadonlyMap<string, Rule> = new Map([
  ['FAILED', instanceOf('Degraded')],
  ['ERROR', instanceOf('Degraded')],
  ['IN_PROGRESS', instanceOf('Progressing')],
]);

const ansibleJob = phases('status.ansibleJobResult.status', {
  Healthy: ['successful'],
  Degraded: ['failed', 'error', 'canceled'],
});

/** Proclaim: adopted, then advertised, then discovered. */
const dnsService: Rule = byConditions({
  passes: [
    [['Adopted=False', 'Degraded']],
    [['Advertised:AdvertiseError|UnadvertiseError', 'Degraded']],
    [['Discoverable:DiscoveryError', 'Unknown']],
    [['Discoverable=True', 'Healthy']],
  ],
});

/** Knative's own installation: nothing Unknown or False, and all of `types` True. */
function knativeOperator(types: readonly string[], bad: readonly string[]): Rule {
  return (object) => {
    if (at(object, 'status', 'conditions') === undefined)
      return progressing('its controller has told nothing yet');
    const found = conditionsOf(object);
    const waits = found.find(
      ({ type, status }) => status === 'Unknown' || (status === 'False' && bad.includes(type)),
    );
    if (waits) return progressing(stated(waits));
    const fine = found.filter(({ type, status }) => status === 'True' && types.includes(type));
    return fine.length === types.length
      ? healthy('it is installed')
      : degraded(`${fine.length} of ${types.length} conditions are True`);
  };
}

const velero = phases('status.phase', {
  Healthy: ['Completed'],
  Degraded: [
    'FailedValidation',
    'Failed',
    'PartiallyFailed',
    'WaitingForPluginOperationsPartiallyFailed',
    'FinalizingPartiallyFailed',
  ],
  says: 'status.failureReason',
});

/** Medusa tells lists of nodes that are done and that failed; `failedFirst`: one that failed decides. */
function medusa(failedFirst: boolean): Rule {
  return (object) => {
    const observed = at(object, 'status', 'observedGeneration');
    if (observed === undefined) return { health: 'Unknown', reason: 'its controller has told nothing yet' };
    if (observed !== generationOf(object))
      return progressing('its controller has not seen the latest change yet');
    const isFinished = at(object, 'status', 'finished') !== undefined;
    const hasFailed = at(object, 'status', 'failed') !== undefined;
    if (hasFailed && (failedFirst || !isFinished)) return degraded('nodes have failed');
    const done = listAt(object, 'status', 'finished').length || numberAt(object, ['status', 'finished'], 0);
    return done > 0 ? healthy('nodes are done') : progressing('no node is done yet');
  };
}

/** Platforms on top of Kubernetes: operators, tenants, policies, backups. */
export const platformKinds: KindTable = {
  ...threescaleKinds,
  ...kyvernoKinds,
  ...openClusterKinds,
  'addons.projectcapsule.dev/*': unlessStale(ready),
  'camel.apache.org/Integration': ready,
  'capsule.clastix.io/CapsuleConfiguration': unlessStale(ready),
  'capsule.clastix.io/CustomQuota': unlessStale(ready),
  'capsule.clastix.io/GlobalCustomQuota': unlessStale(ready),
  'capsule.clastix.io/GlobalProxySettings': unlessStale(ready),
  'capsule.clastix.io/GlobalTenantResource': tenantResource,
  'capsule.clastix.io/ProxySetting': unlessStale(ready),
  'capsule.clastix.io/ResourcePool': unlessStale(pool),
  'capsule.clastix.io/ResourcePoolClaim': unlessStale(
    byConditions({ passes: [[['Bound=False', 'Suspended']], readyPass] }),
  ),
  'capsule.clastix.io/Tenant': unlessStale(
    byConditions({ passes: [[['Cordoned=True', 'Suspended']], readyPass] }),
  ),
  'capsule.clastix.io/TenantOwner': unlessStale(ready),
  'capsule.clastix.io/TenantResource': tenantResource,
  'kro.run/*': graphInstance,
  'kro.run/ResourceGraphDefinition': graph,
  'medusa.k8ssandra.io/MedusaBackupJob': medusa(false),
  'medusa.k8ssandra.io/MedusaTask': medusa(true),
  'microgateway.airlock.com/*': policyOfAirlock,
  'operator.knative.dev/KnativeEventing': knativeOperator(['Ready', 'InstallSucceeded'], ['Ready']),
  'operator.knative.dev/KnativeServing': knativeOperator(
    ['Ready', 'InstallSucceeded', 'DependenciesInstalled', 'DeploymentsAvailable'],
    ['Ready', 'DeploymentsAvailable'],
  ),
  'operators.coreos.com/Subscription': judgeOperatorSubscription,
  'proclaim.dogmatiq.io/DNSSDServiceInstance': dnsService,
  'tower.ansible.com/AnsibleJob': ansibleJob,
  'velero.io/Backup': velero,
  'velero.io/Restore': velero,
  'velero.io/Schedule': phases('status.phase', { Healthy: ['Enabled'], Degraded: ['FailedValidation'] }),
};
