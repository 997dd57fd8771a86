import type { KubeObject } from '@meridian/manifests';
import { stated } from '../forms/conditions.ts';
import { at, conditionsOf, generationOf, numberAt, oneLine, textAt } from '../read.ts';
import type { Condition } from '../read.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

// Types: kserve/kserve pkg/apis/serving/v1beta1/inference_service_status.go.

/** What ends the move to a new model without success. */
const failedTransitions = new Set(['BlockedByFailedLoad', 'InvalidSpec']);

/**
 * Reasons of a False condition that do not mend themselves. Any other False only waits: while a first revision starts, every
 * condition is False.
 */
const failedReasons = new Set([
  'RevisionFailed',
  'ProgressDeadlineExceeded',
  'ContainerMissing',
  'ExitCode1',
  'InvalidSpec',
  'ServingRuntimeNotFound',
  'NoSupportingRuntime',
  'RuntimeNotRecognized',
]);

/**
 * InferenceService. Stopped is Suspended; a model that cannot be loaded is Degraded; ready and loaded is Healthy. Scaled to
 * zero it is ready while `transitionStatus` says InProgress for ever, because the model is on no pod (kserve issue 6079):
 * Healthy. Argo CD says Progressing of that, and of a service that is not ready and tells no model at all.
 */
export function judgeInferenceService(object: KubeObject): Verdict {
  const found = conditionsOf(object);
  if (found.some(({ type, status }) => type === 'Stopped' && status === 'True'))
    return suspended('the service is stopped');
  const transition = textAt(object, 'status', 'modelStatus', 'transitionStatus');
  if (failedTransitions.has(transition)) return degraded(loadFailure(object, transition));
  if (at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told no condition yet');
  const open = found.filter(({ type, status }) => status !== 'True' && type !== 'Stopped');
  const failed = open.find(({ status, reason }) => status === 'False' && failedReasons.has(reason));
  if (failed) return degraded(stated(failed));
  const [waits] = open;
  if (waits) return progressing([loadingOf(object), stated(waits)].filter((text) => text !== '').join('; '));
  const isMoving = transition !== '' && transition !== 'UpToDate';
  if (!isMoving) return healthy('the service is ready');
  return isScaledToZero(object)
    ? healthy('the service is ready and scaled to zero')
    : progressing(loadingOf(object) || `the model is not loaded yet (${transition})`);
}

function loadFailure(object: unknown, transition: string): string {
  const info = at(object, 'status', 'modelStatus', 'lastFailureInfo');
  const why = [textAt(info, 'reason'), oneLine(textAt(info, 'message'))].filter((text) => text !== '');
  return `the model cannot be served (${transition})${why.length > 0 ? `: ${why.join(': ')}` : ''}`;
}

/** What is being done to the model; '' when it is not told. */
function loadingOf(object: unknown): string {
  const state = textAt(object, 'status', 'modelStatus', 'states', 'targetModelState');
  return state === 'Loading' || state === 'Pending' ? `the model is ${state.toLowerCase()}` : '';
}

/** No pod is left to load the model, and none is asked for. */
function isScaledToZero(object: unknown): boolean {
  const mayBeZero = numberAt(object, ['spec', 'predictor', 'minReplicas'], 1) === 0;
  const target = textAt(object, 'status', 'modelStatus', 'states', 'targetModelState');
  return mayBeZero && (target === 'Pending' || target === 'Standby');
}

/** LLMInferenceService: Ready, once it speaks of the present generation; a part that is stopped suspends it. */
export function judgeLlmInferenceService(object: KubeObject): Verdict {
  if (at(object, 'status', 'conditions') === undefined)
    return progressing('its controller has told no condition yet');
  const found = conditionsOf(object);
  const told = found.findLast(({ type }) => type === 'Ready');
  if (isOld(object, told)) return progressing('its controller has not seen the latest change yet');
  if (found.some(({ reason }) => reason === 'Stopped')) return suspended('the service is stopped');
  if (told?.status === 'True') return healthy('the service is ready');
  const open = found.find(({ type, status }) => type !== 'Ready' && status !== 'True') ?? told;
  const reason = open ? stated(open) : 'the service is not ready yet';
  return told?.status === 'False' ? degraded(reason) : progressing(reason);
}

function isOld(object: KubeObject, told: Condition | undefined): boolean {
  const generation = generationOf(object);
  if (generation === undefined) return false;
  return [at(object, 'status', 'observedGeneration'), told?.observedGeneration].some(
    (observed) => observed !== undefined && observed !== generation,
  );
}
