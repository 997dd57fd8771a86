import type { KubeObject } from '@meridian/manifests';
import { conditionTest } from '../forms/condition-test.ts';
import { stated } from '../forms/conditions.ts';
import { at, conditionsOf, textAt } from '../read.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// Source: the health check of Argo CD for operators.coreos.com/Subscription, written anew.

const waitsForPerson = conditionTest('InstallPlanPending=True:RequiresApproval');
const bad = [
  'InstallPlanMissing:!ReferencedInstallPlanNotFound',
  'CatalogSourcesUnhealthy=True',
  'InstallPlanFailed=True',
  'ResolutionFailed=True',
].map(conditionTest);
const pending = conditionTest('InstallPlanPending=True');

/**
 * Subscription of the Operator Lifecycle Manager. An operator that is installed and whose next version waits for a person
 * (`installPlanApproval: Manual`) is as it should be.
 */
export function judgeOperatorSubscription(object: KubeObject): Verdict {
  if (at(object, 'status', 'conditions') === undefined) return progressing('no install plan is told yet');
  const isManual = waitsForApproval(object);
  const counted = conditionsOf(object).filter(({ type }) => !isManual || type !== 'InstallPlanPending');
  const wrong = counted.find((one) => bad.some((test) => test(one)));
  if (wrong) return degraded(stated(wrong));
  const state = textAt(object, 'status', 'state');
  if (state === 'UpgradeFailed') return degraded('state is UpgradeFailed');
  const waits = counted.find(pending);
  if (waits) return progressing(stated(waits));
  const isPending = pendingStates.has(state) && !(isManual && state === 'UpgradePending');
  return isPending ? progressing(`state is ${state || 'not told'}`) : healthy(`state is ${state}`);
}

const pendingStates = new Set(['', 'UpgradeAvailable', 'UpgradePending']);

function waitsForApproval(object: KubeObject): boolean {
  return (
    textAt(object, 'spec', 'installPlanApproval') === 'Manual' &&
    at(object, 'status', 'installedCSV') !== undefined &&
    conditionsOf(object).some(waitsForPerson)
  );
}
