import type { KubeObject } from '@meridian/manifests';
import { stated } from '../forms/conditions.ts';
import { conditionTest } from '../forms/condition-test.ts';
import { at, conditionsOf, generationOf, oneLine, textAt } from '../read.ts';
import type { Condition } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// Source: the health checks of Argo CD for Numaflow and Numaplane (resource_customizations), written anew.

function isObserved(object: KubeObject): boolean {
  return (
    at(object, 'status') !== undefined && at(object, 'status', 'observedGeneration') === generationOf(object)
  );
}

const unseen = progressing('its controller has not seen the latest change yet');

function failureOf(object: KubeObject): Verdict | undefined {
  if (textAt(object, 'status', 'phase') !== 'Failed') return undefined;
  return degraded(oneLine(textAt(object, 'status', 'message')) || 'phase is Failed');
}

/** Vertices and pipelines: anything False or a failed phase is Degraded, running and paused are Healthy. */
function flow(healthyPhases: readonly string[], isUpgraded = true): Rule {
  return (object) => {
    if (!isObserved(object)) return unseen;
    const upgrade = object.metadata.labels?.['numaplane.numaproj.io/progressive-result-state'];
    const failure = failureOf(object);
    if (failure) return failure;
    if (isUpgraded && upgrade === 'failed') return degraded('the progressive upgrade failed');
    const bad = conditionsOf(object).findLast(({ status }) => status === 'False');
    if (bad) return degraded(stated(bad));
    const phase = textAt(object, 'status', 'phase');
    return healthyPhases.includes(phase)
      ? healthy(`phase is ${phase}`)
      : progressing(`phase is ${phase || 'not told'}`);
  };
}

const upgradeFailed = conditionTest('ProgressiveUpgradeSucceeded=False');
const childWaits = conditionTest('ChildResourcesHealthy=False:Progressing');
const childFine = conditionTest('ChildResourcesHealthy=True');

/** What tells the rollouts of Numaplane apart. */
interface PlaneRule {
  /** Which ChildResourcesHealthy is a failure. */
  readonly failed: string;
  /** Which condition says that it rests, as it should. */
  readonly paused?: string;
  /** Controllers are not upgraded progressively. */
  readonly isNeverProgressive?: true;
}

function plane({ failed, paused, isNeverProgressive }: PlaneRule): Rule {
  const childFailed = conditionTest(failed);
  const isPaused = paused === undefined ? () => false : conditionTest(paused);
  const isUpgradeFailed = isNeverProgressive ? () => false : upgradeFailed;
  const judgeEnd = (found: readonly Condition[]): Verdict => {
    const bad = found.find((one) => childFailed(one) || isUpgradeFailed(one));
    if (bad) return degraded(stated(bad));
    const fine = found.find((one) => isPaused(one) || childFine(one));
    return fine ? healthy(stated(fine)) : { health: 'Unknown', reason: 'no condition tells how it is' };
  };
  return (object) => {
    if (!isObserved(object)) return unseen;
    const found = conditionsOf(object);
    if (isUpgrading(object) && !found.some(isUpgradeFailed)) return progressing('an upgrade is going on');
    if (found.some(childWaits)) return progressing('what it made is not ready yet');
    return failureOf(object) ?? judgeEnd(found);
  };
}

function isUpgrading(object: KubeObject): boolean {
  return (
    textAt(object, 'status', 'upgradeInProgress') !== '' || textAt(object, 'status', 'phase') === 'Pending'
  );
}

/** Numaflow, and Numaplane that rolls it out. */
export const numaflowKinds: KindTable = {
  'numaflow.numaproj.io/InterStepBufferService': flow(['Running']),
  'numaflow.numaproj.io/MonoVertex': flow(['Running', 'Paused']),
  'numaflow.numaproj.io/Pipeline': flow(['Running', 'Paused', 'Pausing']),
  'numaflow.numaproj.io/Vertex': flow(['Running', 'Paused'], false),
  'numaplane.numaproj.io/ISBServiceRollout': plane({ failed: 'ChildResourcesHealthy=False:ISBSvcFailed' }),
  'numaplane.numaproj.io/MonoVertexRollout': plane({
    failed: 'ChildResourcesHealthy=False:MonoVertexFailed',
    paused: 'MonoVertexPausingOrPaused=True',
  }),
  'numaplane.numaproj.io/NumaflowControllerRollout': plane({
    failed: 'ChildResourcesHealthy=False:!Progressing',
    isNeverProgressive: true,
  }),
  'numaplane.numaproj.io/PipelineRollout': plane({
    failed: 'ChildResourcesHealthy=False:PipelineFailed',
    paused: 'PipelinePausingOrPaused=True',
  }),
};
